"""What forms of the newsroom have in common: the article's editor, and no more buttons than one needs."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AdminSplitDateTime, RelatedFieldWidgetWrapper
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from js_asset import Media

from articles.admin.base import ViewOnSiteAdmin


class ProseEditorAdmin(ViewOnSiteAdmin):
    """Gives the article editor's import map the request's nonce; Django itself does so from 6.1 on."""

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        nonce = str(request.csp_nonce)  # type: ignore[attr-defined]  # set by django-csp
        context["media"] = Media.from_media(context["media"], nonce=nonce)
        return super().render_change_form(request, context, *args, **kwargs)


class AriaLabelMixin(BaseModelAdmin):
    """Says in words what a field is where the admin says it by its place alone: the parts of a time, the columns of a
    table, and what a script puts in the place of a choice (newsite/keeping.js).
    """

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, AdminSplitDateTime):
            for part, name in zip(field.widget.widgets, (_("date"), _("time")), strict=True):
                part.attrs["aria-label"] = f"{capfirst(field.label)}: {name}"
        elif field is not None and isinstance(self, admin.TabularInline):
            field.widget.attrs["aria-label"] = capfirst(field.label)
        return field


class SimpleRelatedWidgetMixin(BaseModelAdmin):
    """Beside a choice of other rows Django puts four buttons: here one, to add what is missing while one writes."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
            if db_field.many_to_many:
                field.widget.widget.is_required = True  # no button that takes out all at once
        return field
