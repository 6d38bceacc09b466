"""How a public address is asked: to read it, or also to send a form. Neither takes a cookie, so every page can be one
for all; what a form changes is believed by where it came from.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from articles.content.urls import split_url
from comments.readers.rate_limits import RequestRejected
from comments.submission.submit import CommentRefused
from newsite.db.replica.router import from_replica
from newsite.pages.errors import plain_page

CROSS_SITE_MESSAGE = gettext_lazy("For your security we couldn’t accept that. Please send it again from this page.")

View = Callable[..., HttpResponseBase]


class SeeOther(HttpResponseRedirect):
    status_code = 303


def public_view(view: View) -> View:
    """GET and HEAD of what is the same for everyone; anything else is 405, which the check for forged posts would
    otherwise forestall with its 403.
    """
    return csrf_exempt(require_safe(from_replica(view)))


def private_view(view: View) -> View:
    """The same for what is one reader's own, or has to be as it is at this moment: no cache keeps it."""
    return csrf_exempt(require_safe(never_cache(view)))


def form_view(view: View) -> View:
    """GET, HEAD and POST, and no cache keeps the answer. The view asks `is_same_site`, or has a better proof."""
    return csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(never_cache(view)))


def is_same_site(request: HttpRequest) -> bool:
    """Whether a page of ours sent this: by Sec-Fetch-Site, or in older browsers by Origin, else Referer."""
    if fetched_from := request.headers.get("Sec-Fetch-Site"):
        return fetched_from in {"same-origin", "none"}
    try:
        sender = split_url(request.headers.get("Origin") or request.headers.get("Referer") or "")
    except ValueError:  # not an address at all
        return False
    return f"{sender.scheme}://{sender.netloc}" in {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}


def with_retry_status(page: HttpResponse, error: RequestRejected | CommentRefused) -> HttpResponse:
    """With the status, and when to come again if waiting helps."""
    page.status_code = 429 if error.retry_after else 422
    if error.retry_after:
        page["Retry-After"] = str(error.retry_after)
    return page


def cross_site_response() -> HttpResponse:
    """Where there is no form that could say it."""
    return plain_page(
        403, _("We couldn’t accept that."), _("For your security, please go back and send it again from our own page.")
    )
