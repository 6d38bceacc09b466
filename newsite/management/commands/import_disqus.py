"""Command `manage.py import_disqus FILE`."""

from pathlib import Path
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.importers.disqus.importer import import_disqus
from newsite.importers.progress import Progress
from newsite.importers.report_output import open_report


class Command(BaseCommand):
    help = (
        "Import the comments of a Disqus export (Admin, Community, Export). Articles are matched by their current or "
        "former URLs. It can be run again: nothing is duplicated, and later decisions made "
        "here are kept. Everything skipped or changed is listed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="Run the import, print the report, then roll back.")
        parser.add_argument("--source", default="", metavar="NAME", help="Name of the forum. Default: its Disqus name.")
        parser.add_argument(
            "--report", type=Path, metavar="FILE", help="Write the report to this file instead of the output."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(sys.stderr, options["files"])
        with open_report(options["report"], self.stdout, is_dry=options["dry_run"]) as report:
            import_disqus(options["files"], report, progress, source=options["source"], dry_run=options["dry_run"])
            progress.close()
        if report.errors:
            raise CommandError(" ".join(report.errors))
