"""Helpers for tests of Akismet: a comment from an unknown reader, and the result of its check."""

from __future__ import annotations

from typing import Any

from django.test import Client

from comments.akismet.worker import run_due
from comments.models import AkismetRequest, Comment
from tests.conftest import send

ADDRESS, BROWSER = "203.0.113.77", "Mozilla/5.0 (Amiga; rare)"


def post(article, *, client: Client | None = None, **fields: Any) -> Comment:
    """Post a comment from ADDRESS with BROWSER as user agent, and return it."""
    headers = {"Sec-Fetch-Site": "same-origin", "User-Agent": BROWSER}
    assert send(client or Client(), article, address=ADDRESS, headers=headers, **fields).status_code == 303
    return Comment.objects.latest("pk")


def post_and_check(article, akismet, verdict: str = "false", **fields: Any) -> Comment:
    """Post a comment, let the worker send it to Akismet, which returns the verdict, and return the comment."""
    akismet.verdict = verdict
    comment = post(article, **fields)
    assert run_due() == 1
    comment.refresh_from_db()
    return comment


def latest_request(comment: Comment) -> AkismetRequest:
    """Return the latest request about this comment."""
    return comment.akismet_requests.order_by("pk")[comment.akismet_requests.count() - 1]


def finding_details(comment: Comment) -> list[str]:
    """Return the details of all findings, in the order of the decisions."""
    return [finding["detail"] for decision in comment.decisions.all() for finding in decision.findings]
