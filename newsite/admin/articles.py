"""The article's admin, with its preview and the conversation's policy beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from articles.models import Article, Byline
from articles.models.state import State
from comments.models import Conversation
from newsite.admin.prose import ProseAdmin
from newsite.articlepage import make_article_part
from newsite.frame import current_frame


class BylineInline(admin.TabularInline):
    model = Byline
    extra = 1
    autocomplete_fields = ["author"]
    ordering = ["order", "id"]


class ConversationInline(admin.StackedInline):
    model = Conversation
    can_delete = False
    fields = ["policy"]
    verbose_name_plural = _("Conversation")


class StateFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(State.choices)

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        state = self.value()
        return queryset.in_state(State(state)) if state in State.values else queryset


@admin.register(Article)
class ArticleAdmin(ProseAdmin):
    list_display = ["headline", "section", "state", "published_at"]
    list_filter = [StateFilter, "section"]
    list_select_related = ["section"]
    search_fields = ["headline", "standfirst"]
    date_hierarchy = "published_at"
    ordering = ["-changed_at"]
    prepopulated_fields = {"slug": ["headline"]}
    fieldsets = [
        (None, {"fields": ["headline", "standfirst", "body", "section"]}),
        (_("Publication"), {"fields": ["published_at", "language", "slug"]}),
    ]
    inlines = [BylineInline, ConversationInline]
    change_form_template = "admin/articles/article/change_form.html"

    @admin.display(description=_("state"))
    def state(self, article: Article) -> str:
        return str(article.state().label)

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> list[str]:
        return [] if may_publish(request) else ["published_at"]

    def has_change_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """What is public or scheduled is changed by those who may publish: to change it is to publish it."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.published_at is None or may_publish(request))

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        """What readers have seen is taken back (no time of publication), not deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.first_published_at is None)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        """The conversation first, as those who comment and moderate do: nobody waits in a circle."""
        if change:
            Conversation.lock(obj.pk)
        super().save_model(request, obj, form, change)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sees to it that there is a conversation, lest a reader begins one while an editor looks at the form."""
        if article := self.get_object(request, object_id):
            Conversation.objects.get_or_create(article=article)
        return super().change_view(request, object_id, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        preview = path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="articles_article_preview")
        return [preview, *super().get_urls()]

    def view_on_site(self, obj: Article) -> str:
        return (
            super().view_on_site(obj) if obj.is_public() else reverse("admin:articles_article_preview", args=[obj.pk])
        )

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The article as readers will see it, whatever its state."""
        article = self.get_object(request, str(pk))
        if article is None or not self.has_view_permission(request, article):
            raise Http404
        context = {"frame": current_frame(), "article": make_article_part(article)}
        return HttpResponse(render_to_string("newsite/preview.html", context))


def may_publish(request: HttpRequest) -> bool:
    return request.user.has_perm("articles.publish_article")
