"""View decorators: read only, private, or form.

Public pages use no cookies, so that each page is the same for all readers. Forms are protected by the origin of the
request instead.
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
    """Allow GET and HEAD of a page that is the same for all readers.

    Other methods get 405; without the exemption, the CSRF check would answer 403 first.
    """
    return csrf_exempt(require_safe(from_replica(view)))


def private_view(view: View) -> View:
    """Allow GET and HEAD of a page of one reader, or of current state, that must not be cached."""
    return csrf_exempt(require_safe(never_cache(view)))


def form_view(view: View) -> View:
    """Allow GET, HEAD and POST, never cached. The view must check `is_same_site` or a stronger proof."""
    return csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(never_cache(view)))


def is_same_site(request: HttpRequest) -> bool:
    """Return whether a page of this site sent the request.

    Sec-Fetch-Site tells; in older browsers Origin, else Referer.
    """
    if fetched_from := request.headers.get("Sec-Fetch-Site"):
        return fetched_from in {"same-origin", "none"}
    try:
        sender = split_url(request.headers.get("Origin") or request.headers.get("Referer") or "")
    except ValueError:  # not a URL
        return False
    return f"{sender.scheme}://{sender.netloc}" in {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}


def with_retry_status(page: HttpResponse, error: RequestRejected | CommentRefused) -> HttpResponse:
    """Set the status, and Retry-After if waiting helps."""
    page.status_code = 429 if error.retry_after else 422
    if error.retry_after:
        page["Retry-After"] = str(error.retry_after)
    return page


def cross_site_response() -> HttpResponse:
    """Return the error page for requests that have no form to show it in."""
    return plain_page(
        403, _("We couldn’t accept that."), _("For your security, please go back and send it again from our own page.")
    )
