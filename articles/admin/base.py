"""Admin of site settings, sections, authors, tags and front page slots, and its base classes.

The admin of articles is in newsite because it also shows comments.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.admin.autocomplete import AutocompleteMixin
from articles.models import Author, FooterLink, FrontPageSlot, Section, SiteSettings, Tag


class NewsroomAdmin(AutocompleteMixin, admin.ModelAdmin):
    """ModelAdmin that answers invalid filter values with 400 and allows only the filters it offers."""

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow only offered filters. Django allows every column, including columns that no page shows."""
        offered = {_filter_field(each).partition("__")[0] for each in self.get_list_filter(request)}
        if self.date_hierarchy:
            offered.add(self.date_hierarchy)
        return lookup.partition("__")[0] in offered and super().lookup_allowed(lookup, value, request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        try:
            return super().changelist_view(request, extra_context)
        except (ValueError, OverflowError) as error:
            raise BadRequest(str(error)) from error


def _filter_field(list_filter: Any) -> str:
    if isinstance(list_filter, type) and issubclass(list_filter, SimpleListFilter):
        return str(list_filter.parameter_name)
    return str(list_filter if isinstance(list_filter, str) else list_filter[0])


class ViewOnSiteAdmin(NewsroomAdmin):
    """ModelAdmin whose "View on site" link stays on the current host and ignores the sites framework's domain."""

    def view_on_site(self, obj: Any) -> str:
        return str(obj.get_absolute_url())


class SingletonAdmin(NewsroomAdmin):
    """Admin of a model with one row. The list page redirects to the form."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        meta = self.opts
        return redirect(reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[1]))

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        return self.model.current() if object_id == "1" else None


class FooterLinkInline(admin.TabularInline):
    model = FooterLink
    extra = 0


@admin.register(SiteSettings)
class SiteSettingsAdmin(SingletonAdmin):
    fields = ["name", "tagline", "house_rules_url", "privacy_url"]
    inlines = [FooterLinkInline]


@admin.register(Section)
class SectionAdmin(ViewOnSiteAdmin):
    list_display = ["name", "order", "tint", "description"]
    list_editable = ["order"]
    prepopulated_fields = {"slug": ["name"]}


class HasPublicArticlesAdmin(ViewOnSiteAdmin):
    """Admin of a model whose page exists only while it has a public article."""

    def view_on_site(self, obj: Any) -> Any:
        return super().view_on_site(obj) if obj.articles.published().exists() else None


@admin.register(Author)
class AuthorAdmin(HasPublicArticlesAdmin):
    list_display = ["name", "about"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Tag)
class TagAdmin(HasPublicArticlesAdmin):
    list_display = ["name", "slug"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(FrontPageSlot)
class FrontPageSlotAdmin(NewsroomAdmin):
    list_display = ["article", "position", "is_shown"]
    list_display_links = ["article"]
    list_editable = ["position"]
    list_select_related = ["article"]
    autocomplete_fields = ["article"]

    @admin.display(description=_("live"), boolean=True)
    def is_shown(self, place: FrontPageSlot) -> bool:
        return place.article.is_public()
