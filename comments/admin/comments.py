"""Moderation in Django's admin: the list with what each comment waits for, the comment with its history."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import NewsroomAdmin, OneRowAdmin, OnThisSite
from articles.params import as_id
from articles.text import beginning_of
from comments.admin.backtests import TriedFirst
from comments.admin.blocks import ways_to_block
from comments.admin.bulk import begin_from, tell
from comments.admin.paginator import CappedPaginator
from comments.admin.threshold_form import ThresholdForm
from comments.models import Comment, RejectReason, Report, SitePolicy
from comments.moderation.decide import WrongMove
from comments.moderation.redaction import veil
from comments.queue.actions import MOVES, make_move
from comments.queue.bulk import is_undoable
from comments.queue.detail import REPORTS_SHOWN
from comments.queue.queues import Queue
from comments.queue.selection import Selection

REPORTS_IN_LIST = 10  # the newest of a comment
ACTIONS = ["approve", "reject", "spam", "hold", "pick", "unpick"]


def _action(move: str) -> Any:
    @admin.action(description=MOVES[move][0], permissions=["moderate"])
    def act(model_admin: CommentAdmin, request: HttpRequest, chosen: QuerySet[Comment]) -> HttpResponse | None:
        return model_admin.act(request, chosen, move)

    act.__name__ = move
    return act


class ReasonForm(ActionForm):
    reason = forms.ModelChoiceField(
        RejectReason.objects.all(), required=False, label=gettext_lazy("Rejection reason:"), empty_label="–"
    )


@admin.register(SitePolicy)
class SitePolicyAdmin(TriedFirst, OneRowAdmin):
    form = ThresholdForm
    tried_fields = ("spam_held_from", "spam_from", "rejected_held_from")
    fieldsets = [
        (None, {"fields": ["policy", "attack_mode", "closes_after", "reserved_names"]}),
        (
            gettext_lazy("Automatic decisions"),
            {
                "fields": tried_fields,
                "description": gettext_lazy(
                    "Scores are learned from moderators’ decisions. Leave blank to use scores for sorting only. "
                    "“Learned scores” shows how often they were right. Comments are never rejected automatically."
                ),
            },
        ),
    ]


@admin.register(RejectReason)
class RejectReasonAdmin(NewsroomAdmin):
    list_display = ["title", "sentence", "order"]
    list_editable = ["order"]


@admin.register(Comment)
class CommentAdmin(OnThisSite):
    """Nothing here writes a comment: states change through `moderation.decide`, texts are the readers' own."""

    list_display = ["excerpt", "article_link", "status", "waits_for", "created_at"]
    list_display_links = ["excerpt"]
    list_filter = ["status", "article__section", "created_at"]
    list_select_related = ["article"]
    list_per_page = 50
    search_fields = ["text"]
    search_help_text = gettext_lazy("Words in the comment, or a name. “Moderation” has more filters.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they count the whole table
    paginator = CappedPaginator
    actions = [_action(move) for move in ACTIONS]
    action_form = ReasonForm
    fields = ("article_link", "in_reply_to", "name", "staff", "text", "status", "created_at", "device", "network")
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
        reports = Report.objects.order_by("-at", "-pk")[:REPORTS_IN_LIST]
        newest = Prefetch("reports", reports, to_attr="newest_reports")
        return super().get_queryset(request).prefetch_related("decisions", newest)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Comment], search_term: str
    ) -> tuple[QuerySet[Comment], bool]:
        """As at the desk, among all comments: words in the text, or a whole name."""
        if not search_term.strip():
            return queryset, False
        text, name = (Selection.parse({"queue": Queue.ALL, field: search_term}) for field in ("text", "name"))
        for error in text.filters.errors.get("text", []):
            self.message_user(request, str(error), messages.ERROR)
        sought = [each.within() for each in (text, name) if each.filters.is_active]
        return (queryset.filter(reduce(or_, sought)) if sought else queryset.none()), False

    @admin.display(description=gettext_lazy("comment"))
    def excerpt(self, comment: Comment) -> str:
        return format_html("<bdi>{}</bdi>: <bdi>{}</bdi>", comment.name, beginning_of(comment.text, 240))

    @admin.display(description=gettext_lazy("article"))
    def article_link(self, comment: Comment) -> str:
        return format_html('<a href="{}">{}</a>', comment.article.get_absolute_url(), comment.article)

    @admin.display(description=gettext_lazy("in reply to"))
    def in_reply_to(self, comment: Comment) -> str:
        return str(comment.parent) if comment.parent else "–"

    @admin.display(description=gettext_lazy("findings"))
    def waits_for(self, comment: Comment) -> str:
        """And, unseen, what the moderator is looking at: their action is meant for that."""
        lines = [finding["detail"] for decision in comment.decisions.all() for finding in decision.findings]
        if comment.open_reports:
            lines += [_("reported: %s") % report for report in getattr(comment, "newest_reports", [])]
        seen = format_html('<input type="hidden" name="seen_{}" value="{}">', comment.pk, comment.stamp)
        return format_html("{}{}", format_html_join("", "<div>{}</div>", ((line,) for line in lines)) or "–", seen)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"is_nav_sidebar_enabled": False, **(extra_context or {})})

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        for comment in changelist.result_list:
            veil(comment.decisions.all(), comment, request.user)
        return changelist

    def view_on_site(self, obj: Comment) -> str:
        return super().view_on_site(obj if obj.is_public() else obj.article)

    def act(self, request: HttpRequest, chosen: QuerySet[Comment], move: str) -> HttpResponse | None:
        """A few at once, more in the background. What others have moved since the list was made is named."""
        names = [name for name in request.POST if name.startswith("seen_")]
        seen = {as_id(name.removeprefix("seen_")): request.POST.get(name, "") for name in names}
        try:
            job = begin_from(request, chosen, f"{move}:{request.POST.get('reason', '')}", seen=seen)
        except WrongMove as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        if job.finished_at is None:
            return HttpResponseRedirect(job.get_absolute_url())
        tell(request, job)
        if is_undoable(job):
            link = format_html('<a href="{}">{}</a>', job.get_absolute_url(), _("To undo it"))
            self.message_user(request, link, messages.INFO)
        return None

    def _decide(self, request: HttpRequest, comment: Comment, move: str) -> None:
        """On this one alone, as they saw it."""
        comment.as_of(request.POST.get(f"seen_{comment.pk}", comment.stamp))
        reason = RejectReason.objects.filter(pk=as_id(request.POST.get("reason", ""))).first()
        try:
            make_move(move, comment, by=cast(User, request.user), reason=reason)
        except WrongMove as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            said = {"name": comment.name, "done": MOVES[move][1]}
            self.message_user(request, _("%(name)s’s comment %(done)s.") % said, messages.SUCCESS)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        comment = self.get_object(request, object_id)
        moves = MOVES if self.has_moderate_permission(request) else {}
        if comment and request.method == "POST" and request.POST.get("move") in moves:
            self._decide(request, comment, request.POST["move"])
            return HttpResponseRedirect(request.path)
        history = list(comment.decisions.select_related("by")) if comment else []
        if comment:
            veil(history, comment, request.user)
        extra = {
            "history": history,
            "moves": [
                (move, label) for move, (label, _done) in moves.items() if comment and _is_offered(move, comment)
            ],
            "reasons": RejectReason.objects.all(),
            "comment": comment,
            "reports": comment.reports.order_by("-at", "-pk")[:REPORTS_SHOWN] if comment else [],
            "earlier_texts": comment.earlier_texts.visible_to(request.user) if comment else [],
            "ways_to_block": ways_to_block(comment) if comment and request.user.has_perm("comments.add_block") else [],
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, extra)


def _is_offered(move: str, comment: Comment) -> bool:
    if move == "return":
        return False  # that is for the desk, which shows all states
    if move in {"pick", "unpick"}:
        return comment.is_public() and (move == "unpick") == (comment.picked_at is not None)
    return move in ACTIONS or comment.decisions.count() > 1
