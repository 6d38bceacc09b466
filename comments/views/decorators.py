"""View decorators for pages of one reader and for forms.

Readers have no session, so forms are protected by the origin of the request instead of a token.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from articles.content.urls import split_url

CROSS_SITE_MESSAGE = gettext_lazy("For your security we couldn’t accept that. Please send it again from this page.")

View = Callable[..., HttpResponseBase]


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
