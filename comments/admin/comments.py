"""Admin of comments, reject reasons and the site policy. The list shows findings, the page of a comment its history."""

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

from articles.admin.base import NewsroomAdmin, SingletonAdmin, ViewOnSiteAdmin
from articles.params import parse_id
from articles.text import truncate
from comments.admin.backtests import BacktestAdminMixin
from comments.admin.blocks import ways_to_block
from comments.admin.bulk import report_result, start_from_form
from comments.admin.paginator import CappedPaginator
from comments.admin.threshold_form import ThresholdForm
from comments.models import Comment, RejectReason, Report, SitePolicy
from comments.moderation.decide import InvalidTransition
from comments.moderation.redaction import hide_redacted_findings
from comments.queue.actions import ACTIONS, perform
from comments.queue.bulk import is_undoable
from comments.queue.detail import MAX_REPORTS_SHOWN
from comments.queue.queues import Queue
from comments.queue.selection import QueueQuery

MAX_REPORTS_LISTED = 10  # newest reports of each comment
LIST_ACTIONS = ["approve", "reject", "spam", "hold", "pick", "unpick"]


def _action(action: str) -> Any:
    @admin.action(description=ACTIONS[action][0], permissions=["moderate"])
    def act(model_admin: CommentAdmin, request: HttpRequest, chosen: QuerySet[Comment]) -> HttpResponse | None:
        return model_admin.act(request, chosen, action)

    act.__name__ = action
    return act


class ReasonForm(ActionForm):
    reason = forms.ModelChoiceField(
        RejectReason.objects.all(), required=False, label=gettext_lazy("Rejection reason:"), empty_label="–"
    )


@admin.register(SitePolicy)
class SitePolicyAdmin(BacktestAdminMixin, SingletonAdmin):
    form = ThresholdForm
    backtest_fields = ("spam_held_from", "spam_from", "rejected_held_from")
    fieldsets = [
        (None, {"fields": ["policy", "attack_mode", "closes_after", "reserved_names"]}),
        (
            gettext_lazy("Automatic decisions"),
            {
                "fields": backtest_fields,
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
class CommentAdmin(ViewOnSiteAdmin):
    """Read-only admin. Statuses change through `moderation.decide`; only readers write comment texts."""

    list_display = ["excerpt", "article_link", "status", "waits_for", "created_at"]
    list_display_links = ["excerpt"]
    list_filter = ["status", "article__section", "created_at"]
    list_select_related = ["article"]
    list_per_page = 50
    search_fields = ["text"]
    search_help_text = gettext_lazy("Words in the comment, or a name. “Moderation” has more filters.")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # facets count the whole table
    paginator = CappedPaginator
    actions = [_action(action) for action in LIST_ACTIONS]
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
        reports = Report.objects.order_by("-at", "-pk")[:MAX_REPORTS_LISTED]
        newest = Prefetch("reports", reports, to_attr="newest_reports")
        return super().get_queryset(request).prefetch_related("decisions", newest)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Comment], search_term: str
    ) -> tuple[QuerySet[Comment], bool]:
        """Search all comments like the moderation queue: words in the text, or a whole name."""
        if not search_term.strip():
            return queryset, False
        text, name = (QueueQuery.parse({"queue": Queue.ALL, field: search_term}) for field in ("text", "name"))
        for error in text.filters.errors.get("text", []):
            self.message_user(request, str(error), messages.ERROR)
        sought = [each.within() for each in (text, name) if each.filters.is_active]
        return (queryset.filter(reduce(or_, sought)) if sought else queryset.none()), False

    @admin.display(description=gettext_lazy("comment"))
    def excerpt(self, comment: Comment) -> str:
        return format_html("<bdi>{}</bdi>: <bdi>{}</bdi>", comment.name, truncate(comment.text, 240))

    @admin.display(description=gettext_lazy("article"))
    def article_link(self, comment: Comment) -> str:
        return format_html('<a href="{}">{}</a>', comment.article.get_absolute_url(), comment.article)

    @admin.display(description=gettext_lazy("in reply to"))
    def in_reply_to(self, comment: Comment) -> str:
        return str(comment.parent) if comment.parent else "–"

    @admin.display(description=gettext_lazy("findings"))
    def waits_for(self, comment: Comment) -> str:
        """Return the findings and a hidden field with the stamp that the moderator sees."""
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
            hide_redacted_findings(comment.decisions.all(), comment, request.user)
        return changelist

    def view_on_site(self, obj: Comment) -> str:
        return super().view_on_site(obj if obj.is_public() else obj.article)

    def act(self, request: HttpRequest, chosen: QuerySet[Comment], action: str) -> HttpResponse | None:
        """Apply the action: few comments within the request, many as a background job.

        Messages name comments that other people changed after the list was rendered.
        """
        names = [name for name in request.POST if name.startswith("seen_")]
        seen = {parse_id(name.removeprefix("seen_")): request.POST.get(name, "") for name in names}
        try:
            job = start_from_form(request, chosen, f"{action}:{request.POST.get('reason', '')}", seen=seen)
        except InvalidTransition as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        if job.finished_at is None:
            return HttpResponseRedirect(job.get_absolute_url())
        report_result(request, job)
        if is_undoable(job):
            link = format_html('<a href="{}">{}</a>', job.get_absolute_url(), _("To undo it"))
            self.message_user(request, link, messages.INFO)
        return None

    def _decide(self, request: HttpRequest, comment: Comment, action: str) -> None:
        """Apply the action to this comment in the version that the moderator saw."""
        comment.expect_stamp(request.POST.get(f"seen_{comment.pk}", comment.stamp))
        reason = RejectReason.objects.filter(pk=parse_id(request.POST.get("reason", ""))).first()
        try:
            perform(action, comment, actor=cast(User, request.user), reason=reason)
        except InvalidTransition as error:
            self.message_user(request, str(error), messages.WARNING)
        else:
            said = {"name": comment.name, "done": ACTIONS[action][1]}
            self.message_user(request, _("%(name)s’s comment %(done)s.") % said, messages.SUCCESS)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        comment = self.get_object(request, object_id)
        actions = ACTIONS if self.has_moderate_permission(request) else {}
        if comment and request.method == "POST" and request.POST.get("action") in actions:
            self._decide(request, comment, request.POST["action"])
            return HttpResponseRedirect(request.path)
        history = list(comment.decisions.select_related("actor")) if comment else []
        if comment:
            hide_redacted_findings(history, comment, request.user)
        extra = {
            "history": history,
            "actions": [
                (action, label)
                for action, (label, _done) in actions.items()
                if comment and _is_offered(action, comment)
            ],
            "reasons": RejectReason.objects.all(),
            "comment": comment,
            "reports": comment.reports.order_by("-at", "-pk")[:MAX_REPORTS_SHOWN] if comment else [],
            "earlier_texts": comment.earlier_texts.readable_by(request.user) if comment else [],
            "ways_to_block": ways_to_block(comment) if comment and request.user.has_perm("comments.add_block") else [],
            **(extra_context or {}),
        }
        return super().change_view(request, object_id, form_url, extra)


def _is_offered(action: str, comment: Comment) -> bool:
    if action == "return":
        return False  # only the moderation queue shows all decisions
    if action in {"pick", "unpick"}:
        return comment.is_public() and (action == "unpick") == (comment.picked_at is not None)
    return action in LIST_ACTIONS or comment.decisions.count() > 1
