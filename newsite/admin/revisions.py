"""History of an article in the admin: revisions, differences, and restoring a revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from articles.history import revisions
from articles.history.diff import changed_fields, field_changes, field_label
from articles.models import Article
from articles.params import parse_id
from comments.models import Conversation

PAGE_SIZE = 30


@dataclass(frozen=True)
class RevisionRow:
    """Revision in the list, with the names of the fields that it changed."""

    version: Any
    changed: list[str]


class RevisionMixin(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revision_view)
        return [path("<int:pk>/history/<int:version>/", view, name="articles_article_revision"), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """List the revisions, each with its changes; requires the permission to view the article."""
        article = self._seen(request, object_id)
        of_article = revisions.revisions_of(article.pk)
        if "before" in request.GET:
            of_article = of_article.filter(history_id__lt=parse_id(request.GET["before"]))
        found = list(of_article[: PAGE_SIZE + 1])
        saved = [
            RevisionRow(newer, [field_label(name) for name in changed_fields(older, newer)])
            for newer, older in zip(found, [*found[1:], None], strict=False)
        ]
        return self._page(
            request,
            article,
            "revision_list",
            title=_("History: %s") % article,
            saved=saved[:PAGE_SIZE],
            before=found[PAGE_SIZE - 1].history_id if len(found) > PAGE_SIZE else None,
        )

    def revision_view(self, request: HttpRequest, pk: int, version: int) -> HttpResponse:
        """Show the changes of a revision; on POST, restore it as a new revision."""
        article = self._seen(request, str(pk))
        of_article = revisions.revisions_of(article.pk)
        chosen = of_article.filter(history_id=version).first()
        if chosen is None:
            raise Http404
        if request.method == "POST":
            return self._restore(request, article, chosen)
        before = of_article.filter(history_id__lt=version).first()
        latest = of_article.first()
        return self._page(
            request,
            article,
            "revision",
            title=_("Revision of %s") % article,
            version=chosen,
            changes=field_changes(before, chosen),
            since=field_changes(chosen, latest) if latest != chosen else [],
            is_latest=latest == chosen,
            may_restore=self.has_change_permission(request, article),
        )

    def _restore(self, request: HttpRequest, article: Article, version: Any) -> HttpResponse:
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        with transaction.atomic():
            Conversation.lock(article.pk)
            article = Article.objects.select_for_update(of=("self",)).get(pk=article.pk)
            revisions.restore(article, version, actor=request.user)  # type: ignore[arg-type]  # staff are logged in
            self.log_change(request, article, _("Restored an earlier revision."))
        self.message_user(request, _("Revision restored."), messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_article_change", args=[article.pk]))

    def _seen(self, request: HttpRequest, object_id: str) -> Article:
        article = self.get_object(request, object_id)
        if article is None or not self.has_view_permission(request, article):
            raise Http404
        return article

    def _page(self, request: HttpRequest, article: Article, name: str, **context: Any) -> HttpResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "original": article}
        return TemplateResponse(request, f"admin/articles/article/{name}.html", {**common, **context})
