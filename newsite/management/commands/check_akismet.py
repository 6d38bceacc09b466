"""Command `manage.py check_akismet`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from comments.akismet.client import AkismetError, is_key_valid


class Command(BaseCommand):
    help = "Check that Akismet accepts AKISMET_KEY for SITE_URL. No reader data is sent."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.AKISMET_KEY:
            raise CommandError("AKISMET_KEY is not set, so comments are not checked with Akismet.")
        try:
            is_valid = is_key_valid()
        except AkismetError as error:
            raise CommandError(f"The Akismet check failed: {error}.") from error
        if not is_valid:
            raise CommandError(f"Akismet rejected this AKISMET_KEY for {settings.SITE_URL}.")
        self.stdout.write(f"Akismet accepted this AKISMET_KEY for {settings.SITE_URL}.")
