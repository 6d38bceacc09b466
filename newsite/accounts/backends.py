"""Treat a user as anonymous until the second factor has been verified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

View = Callable[[HttpRequest], HttpResponse]


class TwoFactorBackend(ModelBackend):
    """Backend that loads the second factor with the user, and all permissions in one query."""

    def get_user(self, user_id: Any) -> Any:
        app = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True).order_by("pk")
        recovery = StaticDevice.objects.filter(user=OuterRef("pk")).order_by("pk")
        users = User.objects.annotate(app=Subquery(app.values("pk")[:1]), recovery=Subquery(recovery.values("pk")[:1]))
        user = users.filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None

    def get_all_permissions(self, user_obj: Any, obj: Any = None) -> set[str]:
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        if not hasattr(user_obj, "_perm_cache"):  # ModelBackend uses the same attribute
            permissions = Permission.objects.order_by()
            if not user_obj.is_superuser:
                own = User.user_permissions.through.objects.filter(user=user_obj).values("permission")
                of_groups = Group.permissions.through.objects.filter(group__user=user_obj).values("permission")
                permissions = permissions.filter(Q(pk__in=own) | Q(pk__in=of_groups))  # joins would multiply rows
            rows = permissions.values_list("content_type__app_label", "codename")
            user_obj._perm_cache = {f"{label}.{codename}" for label, codename in rows}
        return set(user_obj._perm_cache)


def two_factor_middleware(get_response: View) -> View:
    """Set `request.user` in place of the middleware of django-otp.

    The user is loaded lazily. Public pages do not use it, so they stay the same for all readers.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        with_password = request.user
        request.user = SimpleLazyObject(lambda: _verified_user(request, with_password))  # type: ignore[assignment]  # as in Django
        del request.auser  # the asynchronous variant would skip the check
        return get_response(request)

    return middleware


def _verified_user(request: HttpRequest, user: Any) -> Any:
    if not user.is_authenticated:
        return user
    if user.app is None:
        return AnonymousUser() if settings.STAFF_REQUIRE_2FA else user
    own = {f"{TOTPDevice.model_label()}/{user.app}", f"{StaticDevice.model_label()}/{user.recovery}"}
    return user if request.session.get(DEVICE_ID_SESSION_KEY) in own else AnonymousUser()
