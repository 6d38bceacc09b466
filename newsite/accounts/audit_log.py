"""Read-only audit log of Django's LogEntry, for editors. Decisions on comments are stored in Decision.

Entries cannot be added, changed or deleted in the admin, not even by superusers.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles.admin.base import NewsroomAdmin
from comments.admin.paginator import CappedPaginator


@admin.register(LogEntry)
class AuditLogAdmin(NewsroomAdmin):
    list_display = ["action_time", "user", "what", "message", "kind"]
    list_filter = [
        "action_flag",
        "action_time",
        ("content_type", admin.RelatedOnlyFieldListFilter),
        ("user", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["user", "content_type"]
    list_per_page = 50
    search_fields = ["object_repr"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator
    fields = ("action_time", "user", "action_flag", "kind", "what", "message")
    readonly_fields = fields

    class Media:
        css = {"all": ["newsite/accounts.css"]}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LogEntry | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(request, {"is_nav_sidebar_enabled": False, **(extra_context or {})})

    @admin.display(description=_("type"), ordering="content_type")
    def kind(self, entry: LogEntry) -> str:
        return entry.content_type.name if entry.content_type else "–"

    @admin.display(description=_("item"))
    def what(self, entry: LogEntry) -> SafeString:
        """Return the object, with a link unless it was deleted."""
        address = None if entry.is_deletion() else entry.get_admin_url()
        if not address:
            return format_html("<bdi>{}</bdi>", entry.object_repr)
        return format_html('<a href="{}"><bdi>{}</bdi></a>', address, entry.object_repr)

    @admin.display(description=_("change"))
    def message(self, entry: LogEntry) -> str:
        return entry.get_change_message() or str(entry.get_action_flag_display())
