"""Receipts: a short-lived cookie shows a comment to a reader who sent the same text again, and nothing else."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from comments.models import Comment
from comments.submission.submit import RESUBMISSION_WINDOW

COOKIE = "receipt"
_SALT = "comments.submission.receipts"


def set_receipt(response: HttpResponse, comment: Comment, *, path: str) -> None:
    """Set the cookie for the page at `path` only, for as long as a repeated post counts as a duplicate."""
    response.set_cookie(
        COOKIE,
        signing.TimestampSigner(salt=_SALT).sign(str(comment.pk)),
        max_age=RESUBMISSION_WINDOW,
        path=path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def get_receipt(request: HttpRequest, article_id: int) -> Comment | None:
    """Return the comment under this article for which the request has a receipt, while it is pending."""
    try:
        pk = signing.TimestampSigner(salt=_SALT).unsign(request.COOKIES[COOKIE], max_age=RESUBMISSION_WINDOW)
    except (KeyError, signing.BadSignature):
        return None
    return as_receipt(Comment.objects.filter(pk=pk, article_id=article_id).first())


def as_receipt(comment: Comment | None) -> Comment | None:
    """Return the comment if a receipt may show it.

    Public comments are on the page already, and decisions are for the author alone.
    """
    return comment if comment and comment.is_pending_for_author() and comment.edited_at is None else None
