"""Mixins for forms of the newsroom: the article editor, labels, and fewer buttons."""

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
    """Admin that adds the nonce of the request to the import map of the article editor; Django does so from 6.1 on."""

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        nonce = str(request.csp_nonce)  # type: ignore[attr-defined]  # set by django-csp
        context["media"] = Media.from_media(context["media"], nonce=nonce)
        return super().render_change_form(request, context, *args, **kwargs)


class AriaLabelMixin(BaseModelAdmin):
    """Admin with labels where it shows the meaning of a field by its position only.

    These are the parts of a time, the columns of a table, and widgets that a script replaces (newsite/autosave.js).
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
    """Admin with one button next to a choice of related rows, to add a row, instead of Django's four."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_change_related = field.widget.can_delete_related = field.widget.can_view_related = False
            if db_field.many_to_many:
                field.widget.widget.is_required = True  # hides the button that clears the selection
        return field
