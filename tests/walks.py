"""Count the modules that a request passes, and how often control comes back to one that it has left.

Usage: python -m pytest -q tests/walks.py (-v instead of -q prints the paths)

The path of a request is the sequence of our modules in which functions are called, without repetitions in a row.
`returns` is its length without the first visit of each module.
"""

from __future__ import annotations

from collections.abc import Callable
import itertools
import sys
from types import FrameType
from typing import Any

from django.test import Client
import pytest

from comments.models import Comment
from comments.statuses import Status
from tests.conftest import make_article, make_comment, send, trusted_client

PACKAGES = ("articles.", "comments.", "newsite.")


def walk(run: Callable[[], Any]) -> list[str]:
    """Return the path of a call through our modules."""
    path: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and (name := frame.f_globals.get("__name__", "")).startswith(PACKAGES):
            path.append(name)

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return [name for name, _same in itertools.groupby(path)]


@pytest.mark.django_db
def test_walks(moderator, capsys, request):
    article, queue = make_article(), Client()
    address = article.get_absolute_url()
    reader = trusted_client(article)
    held = [make_comment(article, text=f"Pending {n}.", status=Status.PENDING) for n in range(2)]
    queue.force_login(moderator)

    def read() -> None:
        assert Client().get(address).status_code == 200

    def post(text: str) -> None:
        assert send(reader, article, comment=text, name="Ada").status_code == 303

    def approve(comment: Comment) -> None:
        form = {"comment": comment.pk, "version": comment.stamp, "action": "approve"}
        assert queue.post("/admin/comments/moderation/", form).status_code in {200, 302}
        assert Comment.objects.get(pk=comment.pk).status == Status.APPROVED

    # The first request of each kind fills the caches of the process.
    for run in (read, lambda: post("Some words."), lambda: approve(held[0]), read):
        run()
    walks = {
        "GET an article, from the cache": walk(read),
        "POST a comment": walk(lambda: post("Other words, and more of them.")),
        "approve in the queue": walk(lambda: approve(held[1])),
    }
    with capsys.disabled():
        for title, path in walks.items():
            modules = len(set(path))
            print(f"\n{title:32}{modules:3} modules,{len(path) - modules:4} returns", end="")
            print("".join(f"\n    {name}" for name in path) if request.config.option.verbose > 0 else "", end="")
    assert all(walks.values())
