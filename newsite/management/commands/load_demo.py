"""Command `manage.py load_demo`."""

from typing import Any

from django.core.management.base import BaseCommand

from newsite.demo.loader import load


class Command(BaseCommand):
    help = "Load the demo site. Existing content is kept."

    def handle(self, *args: Any, **options: Any) -> None:
        loaded = load()
        if options["verbosity"]:
            self.stdout.write(f"{loaded} demo articles loaded.")
