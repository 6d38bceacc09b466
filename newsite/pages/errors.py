"""Error pages in the layout of the site."""

from __future__ import annotations

import sys

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from newsite.db.outage import handle_outage
from newsite.pages.site_context import current_site_context


@never_cache
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    try:
        html = render_to_string("404.html", {"site": current_site_context()})
    except DatabaseError:  # fall back to a page that needs no database
        return plain_page(404, _("Page not found"), _("It may have moved, or the address may be mistyped."))
    return HttpResponse(html, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Render without database and cache, because either may be the cause."""
    if answer := handle_outage(request, sys.exc_info()[1]):  # an outage that a middleware met before the view
        return answer
    return plain_page(500, _("Something went wrong."), _("We’ve been notified. Please try again in a moment."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain_page(403, _("You don’t have access to this page."), _("Log in, or ask an editor for access."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain_page(400, _("Something was wrong with that request."), _("Please go back and try again."))


def plain_page(status: int, headline: str, text: str) -> HttpResponse:
    """Return a page that needs no database and must not be cached."""
    html = render_to_string("error.html", {"site_name": settings.SITE_NAME, "headline": headline, "text": text})
    return HttpResponse(html, status=status, headers={"Cache-Control": "no-store"})
