"""The clock of the web host is set back by an hour. The database runs on another host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
import re

import pytest

from comments.rate_limits import YOUNG_DEVICE_COMMENTS_PER_MINUTE
from tests.faults.test_database import is_whole
from tests.support.full_stack import Service, Stack, wait_until
from tests.support.http_client import Response, ask, send

QUEUE_URL = "/admin/comments/moderation/"


@pytest.fixture
def clock(stack: Stack, _idle_worker: None) -> Iterator[tuple[Path, Service]]:
    """Return the file that sets the clock, and the worker."""
    file = stack.folder / "clock"
    file.touch()
    environment = {
        **stack.environment,
        "PYTHONPATH": str(Path(__file__).parent / "fake_clock"),
        "SET_CLOCK": str(file),
        "PYTHONWARNINGS": "ignore",
    }
    stack.site.stop()
    parts = [
        Service(f"{part.name}-by-its-clock", part.command, stack.folder, environment)
        for part in (stack.site, stack.worker)
    ]
    try:
        for part in parts:
            part.start()
        stack.wait_until_ready()
        task = stack.python(
            "from comments.tasks import deliver_notification; print(deliver_notification.enqueue(0).id)"
        )
        wait_until(lambda: stack.python(FINISHED.format(task)) == "True")  # the worker is there, too
        yield file, parts[1]
    finally:
        for part in parts:
            part.stop()
        stack.site.start()
        stack.wait_until_ready()


def write(stack: Stack, address: str, text: str, cookie: str = "", **fields: str) -> Response:
    headers = {"Cookie": cookie} if cookie else {}
    return send(
        stack.url, f"{address}comments/", comment=text, name="Ada", sender="127.7.0.1", headers=headers, **fields
    )


def findings(stack: Stack, pk: int) -> str:
    return stack.python(f"from comments.models import Decision; print(Decision.objects.get(comment={pk}).findings)")


def test_an_hour_that_comes_twice_refuses_nobody_and_freezes_no_page(stack, address, clock):
    file, worker = clock
    rendered = re.search(r'name="rendered" value="([^"]+)"', ask(stack.url, address).text)
    first = write(stack, address, "Number 0.")
    cookie = "; ".join(value.partition(";")[0] for value in first.headers.get_all("Set-Cookie"))
    for number in range(1, YOUNG_DEVICE_COMMENTS_PER_MINUTE):
        assert write(stack, address, f"Number {number}.", cookie).status == 303
    assert write(stack, address, "One too many.", cookie).status == 429
    session = {"Cookie": f"sessionid={stack.session_id_for('editor')}"}
    assert ask(stack.url, QUEUE_URL, headers=session).status == 200
    before = stack.python(LATEST)

    file.write_text("-3600")
    wait_until(lambda: "The clock is set." in worker.log_text())  # the worker needs a moment
    after = write(stack, address, "In the same hour again.", cookie, rendered=rendered.group(1))
    assert after.status == 303  # readers who posted before the change need not wait for an hour
    pk = int(after.headers["Location"].rpartition("-")[2])
    assert pk > int(before)
    assert 3590 < float(stack.python(f"{AGE}(pk={pk}).created_at).total_seconds())")) < 3700  # the site's clock it was
    assert "was_sent_too_fast" not in findings(stack, pk)
    own = ask(stack.url, f"{address}yours/", headers={"Cookie": cookie})
    assert all(text in own.text for text in ("Number 0.", "Number 2.", "In the same hour again."))
    assert ask(stack.url, QUEUE_URL, headers=session).status == 200  # sessions are still valid

    approve = f"decide(Comment.objects.get(pk={pk}), Status.APPROVED, actor=User.objects.get(username='editor'))"
    stack.python(f"{DECIDING}{approve}")
    wait_until(lambda: f'id="comment-{pk}"' in ask(stack.url, address).text, seconds=5)
    reply = write(stack, address, "A reply of the hour.", cookie, parent=str(pk))
    shown = int(reply.headers["Location"].rpartition("-")[2])
    if f'id="comment-{shown}"' not in ask(stack.url, address).text:
        stack.python(f"{DECIDING}{approve.replace(str(pk), str(shown))}")
    wait_until(lambda: f'id="comment-{shown}"' in ask(stack.url, address).text, seconds=5)
    page = ask(stack.url, address).text
    assert is_whole(page)
    assert page.index(f'id="comment-{pk}"') < page.index(f'id="comment-{shown}"')
    recommended = send(stack.url, f"/comments/{pk}/recommend/", sender="127.7.0.2")
    assert recommended.status == 303
    log = (stack.folder / "site-by-its-clock.log").read_text() + worker.log_text()
    assert "Traceback" not in log


FINISHED = (
    "from django_tasks_db.models import DBTaskResult; print(DBTaskResult.objects.finished().filter(id='{}').exists())"
)
AGE = (
    "from comments.models import Comment; from django.utils import timezone\n"
    "print((timezone.now() - Comment.objects.get"
)
LATEST = "from comments.models import Comment; print(Comment.objects.latest('pk').pk)"
DECIDING = (
    "from comments.models import Comment; from comments.moderation.decide import decide\n"
    "from comments.statuses import Status\n"
    "from django.contrib.auth.models import User\n"
)
