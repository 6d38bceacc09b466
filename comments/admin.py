"""Moderation in Django's admin: the list with what each comment waits for, the comment with its history."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.admin import OneRowAdmin, OnThisSite
from comments import letter_admin  # noqa: F401 (registers what it holds)
from comments.models import Comment, SitePolicy
from comments.moderation import WrongMove, decide
from comments.paginator import CappedPaginator
from comments.statuses import Status

MOVES = {
    "approve": (Status.APPROVED, gettext_lazy("Approve")),
    "reject": (Status.REJECTED, gettext_lazy("Reject")),
    "spam": (Status.SPAM, gettext_lazy("Spam")),
    "hold": (Status.HELD, gettext_lazy("Hold")),
}
WRONG_MOVES_SHOWN = 5


def _action(move: str) -> Any:
    status, label = MOVES[move]

    @admin.action(description=label, permissions=["moderate"])
    def act(model_admin: CommentAdmin, request: HttpRequest, chosen: QuerySet[Comment]) -> None:
        model_admin.decide_all(request, chosen, status)

    act.__name__ = move
    return act


@admin.register(SitePolicy)
class SitePolicyAdmin(OneRowAdmin):
    fields = ["policy"]


@admin.register(Comment)
class CommentAdmin(OnThisSite):
    """Nothing here writes a comment: states change through `moderation.decide`, texts are the readers' own."""

    list_display = ["excerpt", "article_link", "status", "waits_for", "created_at"]
    list_display_links = ["excerpt"]
    list_filter = ["status", "article__section", "created_at"]
    list_select_related = ["article"]
    list_per_page = 50
    search_fields = ["text", "name"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the whole table
    paginator = CappedPaginator
    actions = [_action(move) for move in MOVES]
    fields = ("article_link", "in_reply_to", "name", "text", "status", "created_at", "device", "network")
    readonly_fields = fields
    change_form_template = "admin/comments/comment/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        return super().get_queryset(request).prefetch_related("decisions")

    @admin.display(description=gettext_lazy("comment"))
    def excerpt(self, comment: Comment) -> str:
        return format_html("<bdi>{}</bdi>: <bdi>{}</bdi>", comment.name, Truncator(comment.text).chars(240))

    @admin.display(description=gettext_lazy("article"))
    def article_link(self, comment: Comment) -> str:
        return format_html('<a href="{}">{}</a>', comment.article.get_absolute_url(), comment.article)

    @admin.display(description=gettext_lazy("in reply to"))
    def in_reply_to(self, comment: Comment) -> str:
        return str(comment.parent) if comment.parent else "–"

    @admin.display(description=gettext_lazy("findings"))
    def waits_for(self, comment: Comment) -> str:
        """And, unseen, which version of it the moderator is looking at: their action is meant for that one."""
        findings = [finding for decision in comment.decisions.all() for finding in decision.findings]
        seen = format_html('<input type="hidden" name="seen_{}" value="{}">', comment.pk, comment.version)
        return (format_html_join("", "<div>{}</div>", ((each["detail"],) for each in findings)) or "–") + seen

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"is_nav_sidebar_enabled": False, **(extra_context or {})})

    def view_on_site(self, obj: Comment) -> str:
        return super().view_on_site(obj if obj.is_public() else obj.article)

    def decide_all(self, request: HttpRequest, chosen: QuerySet[Comment], status: Status) -> None:
        """Each on its own: what others have moved meanwhile is named, the rest is done."""
        wrong: list[str] = []
        done = 0
        for comment in chosen.prefetch_related(None).iterator(chunk_size=500):
            seen = request.POST.get(f"seen_{comment.pk}", str(comment.version))
            if seen != str(comment.version):
                comment.version = 0  # not the one they looked at: no move will find it
            try:
                decide(comment, status, by=cast(User, request.user))
                done += 1
            except WrongMove as error:
                wrong.append(str(error))
        if done:
            text = ngettext("%(count)d comment: %(status)s.", "%(count)d comments: %(status)s.", done)
            self.message_user(request, text % {"count": done, "status": status.label}, messages.SUCCESS)
        for text in wrong[:WRONG_MOVES_SHOWN]:
            self.message_user(request, text, messages.WARNING)
        if len(wrong) > WRONG_MOVES_SHOWN:
            text = _("And %d more that could not be moved.") % (len(wrong) - WRONG_MOVES_SHOWN)
            self.message_user(request, text, messages.WARNING)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        comment = self.get_object(request, object_id)
        moves = MOVES if self.has_moderate_permission(request) else {}
        if comment and request.method == "POST" and request.POST.get("move") in moves:
            self.decide_all(request, self.get_queryset(request).filter(pk=comment.pk), moves[request.POST["move"]][0])
            return HttpResponseRedirect(request.path)
        extra = {
            "history": comment.decisions.select_related("by") if comment else [],
            "moves": [(move, label) for move, (status, label) in moves.items()],
            "comment": comment,
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, extra)
