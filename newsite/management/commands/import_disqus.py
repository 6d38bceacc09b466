"""./manage.py import_disqus FILE"""

from pathlib import Path
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.moving.disqus import import_disqus
from newsite.moving.output import reporting
from newsite.moving.progress import Progress


class Command(BaseCommand):
    help = (
        "Takes in the comments of a Disqus export (Admin, Community, Export), under the articles that are here, by the "
        "addresses that they have or had. It can run as often as you like: nothing is doubled, and what was decided "
        "here since is kept. A line for everything that is not here as it was there."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Do it all, say what comes of it, and take it back.")
        parser.add_argument(
            "--source", default="", metavar="NAME", help="What the forum is called; default: its name there."
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="Write the lines here, not to the output.")

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(sys.stderr, options["files"])
        with reporting(options["report"], self.stdout, is_dry=options["dry_run"]) as report:
            import_disqus(options["files"], report, progress, source=options["source"], dry_run=options["dry_run"])
            progress.end()
        if report.faults:
            raise CommandError(" ".join(report.faults))
