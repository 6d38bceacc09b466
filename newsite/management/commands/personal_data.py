"""Command `manage.py personal_data`.

Usage: personal_data (--device ID | --email ADDRESS | --comment ID) (export FILE | erase [--dry-run])
"""

import json
import os
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from comments.privacy.data_subject import DataSubject, DataSubjectNotFound
from comments.privacy.erase import count_personal_data, erase
from comments.privacy.export import export


class Command(BaseCommand):
    help = "Export or erase all data about one person. Threads stay readable."

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("--device", metavar="ID", help="Device ID, as shown on a comment’s page in the admin.")
        who.add_argument("--email", metavar="ADDRESS", help="Email address with a confirmed subscription.")
        who.add_argument("--comment", metavar="ID", type=int, help="ID of one of their comments; selects its device.")
        what = parser.add_subparsers(dest="what", required=True)
        to_file = what.add_parser("export", help="Write the data to a new JSON file.")
        to_file.add_argument("file", type=Path, metavar="FILE.json")
        away = what.add_parser("erase", help="Erase the data permanently.")
        away.add_argument("--dry-run", action="store_true", help="Only show what would be erased.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            person = _person(options)
        except DataSubjectNotFound as error:
            raise CommandError(str(error)) from error
        if options["what"] == "export":
            self._export(person, options["file"])
        else:
            self._erase(person, is_dry=options["dry_run"])

    def _export(self, person: DataSubject, path: Path) -> None:
        content = json.dumps(export(person), cls=DjangoJSONEncoder, indent=1, ensure_ascii=False)
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(content)
        except OSError as error:
            raise CommandError(f"{path} could not be written: {error.strerror}.") from error
        self.stdout.write(f"{path}: written, readable by its owner only.")

    def _erase(self, person: DataSubject, *, is_dry: bool) -> None:
        for what, number in count_personal_data(person).items():
            self.stdout.write(f"{number:7}  {what}")
        if is_dry:
            return
        left = erase(person)
        for cache in caches.all():
            cache.clear()
        for found in left:
            self.stdout.write(f"Still found in {found.table} ({found.rows} rows): “{found.needle[:60]}”")
        self.stdout.write(
            "Erased. Restart the site and the worker to clear their memory. Older backups still contain the "
            "data: after a restore, erase again."
        )


def _person(options: dict[str, Any]) -> DataSubject:
    """Return the data subject that the options select.

    Raise DataSubjectNotFound.
    """
    if options["device"]:
        return DataSubject.of_device(options["device"])
    if options["email"]:
        return DataSubject.of_address(options["email"])
    return DataSubject.of_comment(options["comment"] or 0)
