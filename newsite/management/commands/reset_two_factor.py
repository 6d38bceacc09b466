"""Command `manage.py reset_two_factor USERNAME`."""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.accounts.two_factor import disable_two_factor


class Command(BaseCommand):
    help = "Turn off two-factor authentication for a user who has lost their phone and recovery codes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("No user has that name.")
        had_one = disable_two_factor(user)
        self.stdout.write(
            "Two-factor authentication is off." if had_one else "Two-factor authentication was already off."
        )
