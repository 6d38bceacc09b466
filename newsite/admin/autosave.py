"""Autosave of the article form, and edit locks that warn colleagues."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.editing import (
    acquire_edit_lock,
    as_form_data,
    autosaves_of,
    discard_autosave,
    release_edit_lock,
    save_autosave,
)
from articles.models import Autosave, EditLock
from newsite.accounts.admin import staff_user

AUTOSAVE_PARAMETER = "draft"  # query parameter of a form: show the autosave; for a new article, the id of the autosave


class AutosaveMixin(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                f"{article}{what}/",
                self.admin_site.admin_view(require_POST(view)),
                name=f"articles_article_{what}{'' if article else '_new'}",
            )
            for article in ("<int:pk>/", "")
            for what, view in (("keep", self.keep), ("discard", self.discard))
        ]
        return [*own, *super().get_urls()]

    def keep(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Autosave the form for its user, unless nothing has changed ("open"), and return who else is editing."""
        self._check(request, pk)
        user, kept = staff_user(request), ""
        if "open" not in request.POST:
            kept = _("Draft saved at %s.") % date_format(
                timezone.localtime(save_autosave(user, pk, request.POST).saved_at), "H:i"
            )
        colleague = acquire_edit_lock(pk, user) if pk else None
        return JsonResponse({"kept": kept, "warning": edit_lock_warning(colleague)})

    def discard(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        self._check(request, pk)
        for draft in autosaves_of(staff_user(request), pk):
            if pk or str(draft.pk) == request.POST.get("draft"):
                draft.delete()
        address = reverse("admin:articles_article_change", args=[pk]) if pk else reverse("admin:articles_article_add")
        return HttpResponseRedirect(address)

    def _check(self, request: HttpRequest, pk: int | None) -> None:
        if pk is None:
            if not self.has_add_permission(request):
                raise PermissionDenied
            return
        article = self.get_object(request, str(pk))
        if article is None:
            raise Http404
        if not self.has_change_permission(request, article):
            raise PermissionDenied

    def autosave_to_show(self, request: HttpRequest, pk: int | None) -> Autosave | None:
        """Return the autosave that the user asked to continue."""
        if request.method != "GET" or AUTOSAVE_PARAMETER not in request.GET:
            return None
        drafts = autosaves_of(staff_user(request), pk)
        return next((draft for draft in drafts if pk or str(draft.pk) == request.GET[AUTOSAVE_PARAMETER]), None)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        draft = self.autosave_to_show(request, obj and obj.pk)
        return type(form.__name__, (form,), {"draft": as_form_data(draft)}) if draft else form

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if draft := self.autosave_to_show(request, obj and obj.pk):
            kwargs |= {"data": as_form_data(draft), "files": {}}
        return kwargs

    def autosave_context(self, request: HttpRequest, pk: int | None) -> dict[str, Any]:
        """Return the context of the form: its autosaves, and who else is editing the article."""
        is_plain = AUTOSAVE_PARAMETER not in request.GET and request.method == "GET"
        colleague = acquire_edit_lock(pk, staff_user(request)) if pk and request.method == "GET" else None
        return {
            "kept_drafts": autosaves_of(staff_user(request), pk) if is_plain else [],
            "is_continued": self.autosave_to_show(request, pk) is not None,
            "warning": edit_lock_warning(colleague),
        }

    def drop_autosave(self, request: HttpRequest, pk: int | None) -> None:
        """Delete the autosave and release the edit lock after saving."""
        discard_autosave(staff_user(request), pk, request.POST)
        if pk:
            release_edit_lock(pk, staff_user(request))


def edit_lock_warning(colleague: EditLock | None) -> str:
    if colleague is None:
        return ""
    who = colleague.actor.get_full_name() or colleague.actor.get_username()
    return _("%s is editing this article too. Check with them before saving.") % who
