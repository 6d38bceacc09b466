"""./manage.py restore DIR [--replace]"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.backup.manifest import BadBackup
from newsite.backup.restoring import restore


class Command(BaseCommand):
    help = "Puts a backup into an empty site, or with --replace in the place of all that the site holds."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="What manage.py backup has made.")
        parser.add_argument("--replace", action="store_true", help="Also if the site holds something: it is lost.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore(options["folder"], replace=options["replace"])
        except BadBackup as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"The site is as it was at {manifest.made_at}, with {len(manifest.media)} files. The caches are empty; "
            "what site and worker keep in their own memory goes when they are restarted: do so now."
        )
