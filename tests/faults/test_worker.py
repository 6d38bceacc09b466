"""The worker is killed during a task: the next worker completes it exactly once."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from pathlib import Path
import signal
import socket
import subprocess

from PIL import Image
import pytest

from tests.support.full_stack import Service, Stack, wait_until
from tests.support.smtp_server import mail_server, unresponsive_server

TEN_MINUTES_LATER = """
from datetime import timedelta
from django.db.models import F
from django_tasks_db.models import DBTaskResult
from articles.models import Image
from comments.models import Notification
earlier = timedelta(minutes=10, seconds=1)
DBTaskResult.objects.filter(status="RUNNING").update(started_at=F("started_at") - earlier)
Notification.objects.filter(state="sending").update(lease_expires_at=F("lease_expires_at") - earlier)
Image.objects.exclude(due_at=None).update(due_at=F("due_at") - earlier)
"""
TASKS = (
    "from django_tasks_db.models import DBTaskResult\n"
    "print(*sorted(DBTaskResult.objects.values_list('status', flat=True)))"
)


pytestmark = [pytest.mark.usefixtures("_idle_worker"), pytest.mark.slow]


@contextlib.contextmanager
def working(stack: Stack, name: str, **environment: str) -> Iterator[Service]:
    """Run a worker; on exit stop it with SIGTERM, unless it was killed before."""
    worker = Service(name, stack.worker.command, stack.folder, {**stack.environment, **environment})
    worker.start()
    try:
        yield worker
    finally:
        with contextlib.suppress(subprocess.TimeoutExpired):
            worker.stop()


def kill(worker: Service) -> None:
    worker.stop(signal.SIGKILL)


def test_a_picture_in_whose_processing_the_worker_was_killed_is_processed_by_the_next(stack):
    pk = stack.python(
        "from tests.abuse.hostile_images import flat_image\nfrom tests.support.images import queue_upload\n"
        "print(queue_upload(flat_image('PNG', 6000, 5000, color=(200, 0, 0))).pk)"
    )
    picture = f"from articles.models import Image; picture = Image.objects.get(pk={pk})\n"
    with working(stack, "killed-in-decoding") as worker:
        wait_until(lambda: stack.python(f"{picture}print(picture.attempts)") == "1")
        kill(worker)
    assert stack.python(f"{picture}print(picture.is_waiting, picture.attempts)") == "True 1"
    stack.python(TEN_MINUTES_LATER)
    with working(stack, "next-to-decode") as worker:
        wait_until(lambda: stack.python(f"{picture}print(picture.due_at)") == "None", seconds=60)
    assert stack.python(f"{picture}print(picture.is_ready)") == "True"
    named = stack.python(
        f"{picture}drawn = picture.renditions\n"
        "print(picture.file.name, *[each[kind] for each in drawn['widths'] for kind in ('avif', 'webp')],"
        " *[each['name'] for each in drawn['crops']])"
    ).split()
    media = Path(stack.environment["MEDIA_ROOT"])
    for name in named:
        with Image.open(media / name) as image:
            image.load()  # whole
    own = media.glob(f"**/{Path(named[0]).stem}*")
    assert {str(path.relative_to(media)) for path in own} == set(named)  # no duplicates
    assert not list(media.glob("uploads/*"))
    assert "Traceback" not in worker.log_text()


def test_a_letter_that_a_killed_worker_had_in_hand_is_sent_by_the_next_once(stack):
    with unresponsive_server() as silent, mail_server() as server:
        stack.python(
            "from comments.models import Notification, Subscription; from comments.tasks import enqueue_delivery\n"
            "subscription = Subscription.objects.create(device='killed', address='ada@example.org')\n"
            "enqueue_delivery(Notification.objects.create(kind='confirm', subscription=subscription))"
        )
        where = f"smtp://127.0.0.1:{silent.getsockname()[1]}"
        with working(stack, "killed-in-sending", EMAIL_URL=where) as worker, caller(silent):
            kill(worker)
        assert stack.python(LETTERS) == "sending 1"
        stack.python(TEN_MINUTES_LATER)
        with working(stack, "next-to-send", EMAIL_URL=f"smtp://127.0.0.1:{server.port}") as worker:
            wait_until(lambda: (stack.python(LETTERS), stack.python(TASKS)) == ("sent 2", "SUCCESSFUL"))
    assert [address for address, _message in server.received] == ["ada@example.org"]
    assert worker.log_text().count("was abandoned by its worker and will be sent again") == 1
    assert "Traceback" not in worker.log_text()


LETTERS = (
    "from comments.models import Notification\n"
    "for letter in Notification.objects.all(): print(letter.state, letter.attempts)"
)


def caller(silent: socket.socket) -> socket.socket:
    """Accept a connection, and send nothing."""
    silent.settimeout(30)
    return silent.accept()[0]
