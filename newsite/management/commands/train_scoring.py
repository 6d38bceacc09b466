"""Command `manage.py train_scoring`."""

import os
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from comments.classifier.train import INSTALL_HINT, IS_INSTALLED
from comments.scoring.retrain import retrain
from comments.scoring.schedule import MIN_DECISIONS_PER_CLASS, acquire_lease, record_failure

NICENESS = 10  # lower priority than web requests


class Command(BaseCommand):
    help = "Train the scoring models now. The worker does this automatically when there are enough new decisions."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help="Exit as soon as the parent process does.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not IS_INSTALLED:
            raise CommandError(INSTALL_HINT)
        if options["with_parent"]:
            os.nice(NICENESS)
            threading.Thread(target=_end_with_parent, daemon=True).start()
        if not acquire_lease():
            self.stdout.write("Another process is already training.")
            return
        try:
            scoring_models = retrain()
        except BaseException as error:
            record_failure(f"{type(error).__name__}: {error}")
            raise
        for scoring_model in scoring_models:
            self.stdout.write(f"{scoring_model.get_kind_display()}: {_training_summary(scoring_model)}")


def _training_summary(scoring_model: Any) -> str:
    counts = f"{scoring_model.negative_count} approved, {scoring_model.positive_count} rejected or spam"
    return (
        f"trained on {counts}."
        if scoring_model.is_trained
        else f"not enough decisions: {counts}; at least {MIN_DECISIONS_PER_CLASS} of each are needed."
    )


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # the parent never writes to it
    os._exit(0)  # immediately; the lease expires
