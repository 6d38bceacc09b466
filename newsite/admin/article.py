"""Admin of articles: list, form and permissions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from articles.admin.autocomplete import AutocompleteMixin
from articles.admin.images import LeadImageMixin
from articles.history import revisions
from articles.models import Article, Byline, Correction
from articles.models.publication_state import PublicationState
from comments.models import Conversation
from newsite.accounts.admin import staff_user
from newsite.admin.article_form import ArticleForm
from newsite.admin.autosave import AutosaveMixin
from newsite.admin.inline_merge import BylineFormSet, MergingFormSet
from newsite.admin.mixins import AriaLabelMixin, ProseEditorAdmin, SimpleRelatedWidgetMixin
from newsite.admin.previews import PreviewMixin
from newsite.admin.revisions import RevisionMixin


class TrackInitialMixin(BaseModelAdmin):
    """Admin whose form fields submit the values with which the form was opened."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.show_hidden_initial = True
        return field


class BylineInline(SimpleRelatedWidgetMixin, AriaLabelMixin, AutocompleteMixin, admin.TabularInline):
    model = Byline
    formset = BylineFormSet
    extra = 1
    autocomplete_fields = ["author"]
    ordering = ["order", "id"]


class CorrectionInline(TrackInitialMixin, admin.StackedInline):
    model = Correction
    formset = MergingFormSet
    extra = 0
    fields = ["text"]
    verbose_name = _("correction")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        return super().get_queryset(request).order_by("at", "pk")


class ConversationInline(TrackInitialMixin, admin.StackedInline):
    model = Conversation
    formset = MergingFormSet
    can_delete = False
    fields = [("policy", "closes_after")]
    verbose_name_plural = _("Comments")


class StateFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(PublicationState.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        state = self.value()
        return queryset.in_state(PublicationState(state)) if state in PublicationState.values else queryset


@admin.register(Article)
class ArticleAdmin(
    SimpleRelatedWidgetMixin,
    AriaLabelMixin,
    AutosaveMixin,
    RevisionMixin,
    PreviewMixin,
    LeadImageMixin,
    ProseEditorAdmin,
):
    form = ArticleForm
    list_display = ["headline", "state", "section", "published_at"]
    list_filter = [StateFilter, "section"]
    list_select_related = ["section"]
    search_fields = ["headline", "standfirst"]
    date_hierarchy = "published_at"
    ordering = ["-changed_at"]
    prepopulated_fields = {"slug": ["headline"]}
    autocomplete_fields = ["tags"]
    inlines = [BylineInline, CorrectionInline, ConversationInline]
    change_form_template = "admin/articles/article/change_form.html"

    class Media:
        css = {"all": ["newsite/article.css"]}
        js = ["newsite/autosave.js"]

    @admin.display(description=_("status"))
    def state(self, article: Article) -> SafeString:
        state = article.state()
        return format_html('<span class="state state-{}">{}</span>', state.value, state.label)

    @admin.display(description=_("URL"))
    def address(self, article: Article) -> str:
        """Return the public address; for a draft, as far as it is known."""
        known = article.get_absolute_url() if article.pk else ""
        return f"{settings.SITE_URL}{known}" if known else str(_("The URL is set when you publish."))

    def get_fieldsets(self, request: HttpRequest, obj: Article | None = None) -> Any:
        may_change = self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)
        hidden, minor = (["opened" if obj else "key"], ["is_minor"]) if may_change else ([], [])
        seen = obj is not None and obj.may_have_been_seen()
        is_draft = obj is None or obj.published_at is None
        return [
            (None, {"fields": ["headline", "standfirst", "lead_image", "body", *(minor if seen else []), *hidden]}),
            (_("Section and tags"), {"fields": ["section", "tags"]}),
            (
                _("Publishing"),
                {"fields": [*(["is_ready"] if is_draft else []), "published_at", "unpublish_at"]},
            ),
            (_("URL, sharing and language"), {"fields": ["slug", "address", "description", "language"]}),
        ]

    def get_inlines(self, request: HttpRequest, obj: Article | None) -> Any:
        """Return the inlines, without corrections if readers have never seen the article."""
        seen = obj is not None and obj.may_have_been_seen()
        return [inline for inline in self.inlines if seen or inline is not CorrectionInline]

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> list[str]:
        return ["address"] if may_publish(request) else ["address", "published_at", "unpublish_at"]

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Require the permission to publish for public and scheduled articles, because a change is published too."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.published_at is None or may_publish(request))

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """Forbid deletion of articles that readers have seen; they can be unpublished instead."""
        return super().has_delete_permission(request, obj) and (obj is None or not obj.may_have_been_seen())

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        context = self.autosave_context(request, None) if self.has_add_permission(request) else {}
        return super().add_view(request, form_url, {**context, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Create the conversation and the first revision if missing, then show the form.

        Otherwise a reader could create the conversation while an editor has the form open, and there would be no
        revision to compare with.
        """
        article, context = self.get_object(request, object_id), {}
        if article and self.has_view_permission(request, article):
            Conversation.objects.get_or_create(article=article)
            if revisions.latest(article.pk) is None:
                revisions.record(article, actor=None)
            if self.has_change_permission(request, article):
                context = self.autosave_context(request, article.pk)
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """Save the article, after locking the conversation as comments and moderation do, to prevent deadlocks.

        The revision is recorded after bylines and tags are saved.
        """
        if change:
            Conversation.lock(obj.pk)
        obj.skip_history_when_saving = True
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        for each in formset.forms:
            if isinstance(each.instance, Correction) and each.instance.pk is None:
                each.instance.actor = request.user
        super().save_formset(request, form, formset, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        revisions.record(form.instance, actor=staff_user(request))
        self.drop_autosave(request, form.instance.pk if change else None)

    def delete_model(self, request: HttpRequest, obj: Article) -> None:
        obj._history_user = request.user
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        for article in queryset:
            self.delete_model(request, article)


def may_publish(request: HttpRequest) -> bool:
    return request.user.has_perm("articles.publish_article")
