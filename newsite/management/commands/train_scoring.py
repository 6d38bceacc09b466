"""./manage.py train_scoring"""

import os
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.classifier.train import IS_INSTALLED, TO_INSTALL
from comments.scoring.retrain import learn_from_decisions
from comments.scoring.schedule import FEWEST, begin, give_up

NICE = 10  # whoever answers readers goes first


class Command(BaseCommand):
    help = "Train the scoring models now. The worker does this automatically when there are enough new decisions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help="Exit as soon as the parent process does.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not IS_INSTALLED:
            raise CommandError(TO_INSTALL)
        if options["with_parent"]:
            os.nice(NICE)
            threading.Thread(target=_end_with_parent, daemon=True).start()
        if not begin():
            self.stdout.write("Another process is already training.")
            return
        try:
            lessons = learn_from_decisions()
        except BaseException as error:
            give_up(f"{type(error).__name__}: {error}")
            raise
        for lesson in lessons:
            self.stdout.write(f"{lesson.get_kind_display()}: {_what_was_learnt(lesson)}")


def _what_was_learnt(lesson: Any) -> str:
    counts = f"{lesson.approved} approved, {lesson.put_away} rejected or spam"
    return (
        f"trained on {counts}."
        if lesson.has_learnt
        else f"not enough decisions: {counts}; at least {FEWEST} of each are needed."
    )


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written there
    os._exit(0)  # in the middle of whatever it is: what was begun lapses
