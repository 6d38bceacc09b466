"""Permission to send large request bodies: staff only, and checked before anything is stored.

nginx asks `check_upload_permission` before it reads such a body (auth_request in deploy/nginx.conf). The middleware
checks the same where there is no nginx.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from newsite.pages.errors import plain_page

View = Callable[[HttpRequest], HttpResponse]


@never_cache
@require_safe
def check_upload_permission(request: HttpRequest, *, permission: str = "") -> HttpResponse:
    """Answer 204 if this session may send a large body, else 401 (not logged in) or 403 (lacks the permission)."""
    if not _is_staff(request):
        return HttpResponse(status=401)
    return HttpResponse(status=403 if permission and not request.user.has_perm(permission) else 204)


def large_body_middleware(get_response: View) -> View:
    """Refuse large bodies to the admin from other users than staff.

    Must come after `two_factor_middleware` and before any view, because the CSRF check would read and store the body.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        is_large = int(request.META.get("CONTENT_LENGTH") or 0) > settings.UNCHECKED_REQUEST_MAX_BYTES
        if is_large and request.path_info.startswith("/admin/") and not _is_staff(request):
            text = _("You’ve been logged out. Log in in another tab, then come back and try again.")
            return plain_page(403, _("Please log in again."), text)
        return get_response(request)

    return middleware


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff
