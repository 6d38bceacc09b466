"""The gate: whoever has given a password and owes a second factor is nobody yet, on every page of the site."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from newsite.staff.factor import has_factor

View = Callable[[HttpRequest], HttpResponse]


def second_factor(get_response: View) -> View:
    """Stands behind django-otp's middleware, which knows who gave a code. Looks only when somebody asks for the user:
    public pages do not, and stay the same for everyone.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        with_password = request.user
        request.user = SimpleLazyObject(lambda: _with_all_factors(with_password))  # type: ignore[assignment]
        del request.auser  # what an asynchronous view would ask is not guarded
        return get_response(request)

    return middleware


def _with_all_factors(user: Any) -> Any:
    if not user.is_authenticated or user.is_verified():
        return user
    return AnonymousUser() if settings.STAFF_SECOND_FACTOR or has_factor(user) else user
