"""Command `manage.py restore DIR [--replace]`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.backup.manifest import BackupError
from newsite.backup.restore import restore


class Command(BaseCommand):
    help = "Restore a backup into an empty site, or with --replace over all content of the site."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="Folder made by manage.py backup.")
        parser.add_argument(
            "--replace", action="store_true", help="Overwrite a site that is not empty. Its content is lost."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = restore(options["folder"], replace=options["replace"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored the site as of {manifest.made_at}, with {len(manifest.media)} files. The caches are empty; "
            "restart the site and the worker now to clear their memory."
        )
