"""Command `manage.py purge_expired_data [--dry-run]`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from comments.privacy.retention import RETENTION_RULES, purge_expired


class Command(BaseCommand):
    help = "Delete readers’ data whose retention period is over. The worker does this automatically, a batch a minute."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Only show how much would be deleted.")

    def handle(self, *args: Any, **options: Any) -> None:
        for rule in RETENTION_RULES:
            when = f"after {rule.days} days" if rule.days else "never"
            self.stdout.write(f"{rule.rows().count():7}  {rule.label} (RETENTION_DAYS_{rule.kind.upper()}: {when})")
        if options["dry_run"]:
            return
        while purge_expired():
            pass
        self.stdout.write("Deleted.")
