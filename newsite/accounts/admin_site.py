"""Admin site with two-factor authentication."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.decorators import method_decorator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from newsite.accounts import upload_permission, views


class NewsroomSite(admin.AdminSite):
    site_header = site_title = format_lazy(_("{site} newsroom"), site=settings.SITE_NAME)
    index_title = _("Dashboard")

    @method_decorator(never_cache)
    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for the code if the password was already given, then redirect to the requested page."""
        if request.method == "GET" and get_user(request).is_authenticated and not request.user.is_authenticated:
            return views.redirect_to_code(request)
        return super().login(request, extra_context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Return the URLs without Django's "view on site".

        It discloses the address of any object to all staff, including unpublished articles.
        """
        django = [each for each in super().get_urls() if getattr(each, "name", None) != "view_on_site"]
        return [
            path("code/", views.code, name="code"),
            path("second-factor/", views.manage_two_factor, name="two_factor"),
            path("may-send/", upload_permission.check_upload_permission, name="may_send"),
            path(
                "may-send/image/",
                upload_permission.check_upload_permission,
                {"permission": "articles.add_image"},
                name="may_send_image",
            ),
            *django,
        ]
