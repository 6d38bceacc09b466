"""Command `manage.py setup_dev`, which `./run` calls.

It does everything in one process, because each process takes a second to start.
"""

import os
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser

from articles.models import Article


class Command(BaseCommand):
    help = "Migrate the database; if it is empty, load the demo and create a first user with FIRST_PASSWORD."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        if User.objects.filter(username=options["user"]).exists():
            return
        if not Article.objects.exists():
            call_command("load_demo", verbosity=0)
        User.objects.create_superuser(
            options["user"], "", os.environ["FIRST_PASSWORD"]
        )  # last, because it marks the end of the setup
