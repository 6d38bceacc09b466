"""Command `manage.py run_worker`."""

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newsite.conf import checks
from newsite.worker.worker import Worker


class Command(BaseCommand):
    help = "Run the worker: send emails and run background jobs until stopped."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        if doubts := checks.error_messages():
            raise CommandError(" ".join(doubts))
        worker = Worker()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: worker.stop())
        worker.run()
