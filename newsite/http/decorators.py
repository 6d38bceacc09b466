"""View decorator for public pages, which use no cookies, so that each page is the same for all readers."""

from __future__ import annotations

from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from comments.views.decorators import View
from newsite.db.replica.router import from_replica


def public_view(view: View) -> View:
    """Allow GET and HEAD of a page that is the same for all readers.

    Other methods get 405; without the exemption, the CSRF check would answer 403 first.
    """
    return csrf_exempt(require_safe(from_replica(view)))
