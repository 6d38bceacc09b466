"""./manage.py take_away_second_factor USERNAME"""

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from newsite.staff.factor import take_away


class Command(BaseCommand):
    help = "For whoever has lost their phone and their recovery codes, when nobody else can help them in the admin."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError("There is nobody of that name.")
        had_one = take_away(user)
        self.stdout.write("It is taken away." if had_one else "There was none.")
