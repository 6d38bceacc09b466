"""Command `manage.py backup DIR`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.backup.create import backup
from newsite.backup.manifest import BackupError


class Command(BaseCommand):
    help = "Copy the database and the images into a new folder, as of one moment, while the site runs."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR", help="Folder for the backup; must be new or empty.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            manifest = backup(options["folder"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        megabytes = sum(kept.size for kept in manifest.files.values()) / 1_000_000
        self.stdout.write(
            f"{options['folder']}: {manifest.engine} and {len(manifest.media)} files, {megabytes:.1f} MB. "
            "SECRET_KEY and the other settings are not included: back them up separately."
        )
