"""Responses that several views share."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from comments.readers.form_limit import FormRefused
from comments.submission.submit import CommentRefused


class SeeOther(HttpResponseRedirect):
    status_code = 303


def with_retry_status(page: HttpResponse, error: FormRefused | CommentRefused) -> HttpResponse:
    """Set the status, and Retry-After if waiting helps."""
    page.status_code = 429 if error.retry_after else 422
    if error.retry_after:
        page["Retry-After"] = str(error.retry_after)
    return page


def message_page(request: HttpRequest, status: int, headline: str, text: str) -> HttpResponse:
    return render(request, "comments/message.html", {"headline": headline, "text": text}, status=status)


def too_fast_page(request: HttpRequest, error: FormRefused) -> HttpResponse:
    page = message_page(request, 429, _("You’re going too fast."), str(error))
    return with_retry_status(page, error)


def cross_site_response(request: HttpRequest) -> HttpResponse:
    """Return the error page for requests that have no form to show it in."""
    text = _("For your security, please go back and send it again from our own page.")
    return message_page(request, 403, _("We couldn’t accept that."), text)
