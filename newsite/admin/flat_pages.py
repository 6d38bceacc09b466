"""Admin of flat pages and redirects; removes models of Django that the newsroom does not need."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.flatpages.admin import FlatPageAdmin as DjangoFlatPageAdmin
from django.contrib.flatpages.models import FlatPage
from django.contrib.redirects.admin import RedirectAdmin as DjangoRedirectAdmin
from django.contrib.redirects.models import Redirect
from django.contrib.sites.models import Site
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_prose_editor.fields import ProseEditorFormField

from articles.admin.base import NewsroomAdmin
from articles.content.sanitizer import PAGE_EXTENSIONS, clean_body
from newsite.admin.mixins import ProseEditorAdmin
from newsite.admin.typed_forms import TypedFlatpageForm, TypedRedirectForm


class FlatPageForm(TypedFlatpageForm):
    content = ProseEditorFormField(label=_("content"), extensions=PAGE_EXTENSIONS, sanitize=clean_body, required=False)

    class Meta(TypedFlatpageForm.Meta):
        widgets = {"sites": forms.MultipleHiddenInput}


admin.site.unregister([FlatPage, Redirect, Site])  # there is one site, and its address is SITE_URL
admin.site.unregister([TOTPDevice, StaticDevice])  # they show keys and codes to all users who may view them


@admin.register(Redirect)
class RedirectAdmin(NewsroomAdmin, DjangoRedirectAdmin):
    form = TypedRedirectForm


@admin.register(FlatPage)
class FlatPageAdmin(ProseEditorAdmin, DjangoFlatPageAdmin):
    form = FlatPageForm
    fieldsets = [(None, {"fields": ["url", "title", "content", "sites"]})]
    list_filter = ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"sites": [1], **super().get_changeform_initial_data(request)}
