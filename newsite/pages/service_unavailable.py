"""The 503 page (templates/503.html). It needs neither database nor cache, and returns the text of a submitted form."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from comments.text.clean import remove_controls

RETRY_AFTER_SECONDS = 10  # sent to clients
RETURNED_FIELDS = ("comment", "text", "note", "name")  # fields that people fill in, in the order of display


def outage_response(request: HttpRequest) -> HttpResponse:
    """Return the 503 page in the layout of the site, with the fields of a public form for another attempt."""
    given = {} if request.path_info.startswith("/admin/") else request.POST
    sent = [(remove_controls(name), remove_controls(value)) for name, value in given.items()]
    filled_in = sorted(
        (item for item in sent if item[0] in RETURNED_FIELDS), key=lambda item: RETURNED_FIELDS.index(item[0])
    )
    context = {
        "site_name": settings.SITE_NAME,
        "is_form": request.method not in {"GET", "HEAD"},
        "action": request.get_full_path(),
        "filled_in": filled_in,
        "hidden": [item for item in sent if item[0] not in RETURNED_FIELDS],
    }
    headers = {"Cache-Control": "no-store", "Retry-After": str(RETRY_AFTER_SECONDS)}
    response = HttpResponse(render_to_string("503.html", context), status=503, headers=headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # prevent a log entry by Django for each request
    return response
