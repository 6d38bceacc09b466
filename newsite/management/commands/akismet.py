"""./manage.py akismet"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comments.akismet.client import NoAnswer, is_key_valid


class Command(BaseCommand):
    help = "Asks Akismet whether it takes AKISMET_KEY for SITE_URL. No reader is spoken of."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.AKISMET_KEY:
            raise CommandError("AKISMET_KEY is not set: Akismet is not asked about anything.")
        try:
            is_valid = is_key_valid()
        except NoAnswer as error:
            raise CommandError(f"Akismet gave no answer: {error}.") from error
        if not is_valid:
            raise CommandError(f"Akismet does not take this AKISMET_KEY for {settings.SITE_URL}.")
        self.stdout.write(f"Akismet takes this AKISMET_KEY for {settings.SITE_URL}.")
