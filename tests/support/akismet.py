"""What tests of Akismet start from: a comment of a reader whom nobody knows, and what is said of it."""

from __future__ import annotations

from typing import Any

from django.test import Client

from comments.akismet.worker import run_due
from comments.models import AkismetRequest, Comment
from tests.conftest import send

ADDRESS, BROWSER = "203.0.113.77", "Mozilla/5.0 (Amiga; rare)"


def post(article, *, client: Client | None = None, **fields: Any) -> Comment:
    """Somebody writes, from an address and a browser that we know again."""
    headers = {"Sec-Fetch-Site": "same-origin", "User-Agent": BROWSER}
    assert send(client or Client(), article, address=ADDRESS, headers=headers, **fields).status_code == 303
    return Comment.objects.latest("pk")


def answered(article, akismet, says: str = "false", **fields: Any) -> Comment:
    """A comment about which Akismet has answered."""
    akismet.says = says
    comment = post(article, **fields)
    assert run_due() == 1
    comment.refresh_from_db()
    return comment


def request_about(comment: Comment) -> AkismetRequest:
    """The latest."""
    return comment.akismet_requests.order_by("pk")[comment.akismet_requests.count() - 1]


def details(comment: Comment) -> list[str]:
    """What the queue says of it, in the order of the decisions."""
    return [finding["detail"] for decision in comment.decisions.all() for finding in decision.findings]
