"""Moderation queue in the admin: one page. The response to a decision shows the next comment."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from articles.params import parse_id
from comments.admin.blocks import ways_to_block
from comments.admin.bulk import BulkAdmin
from comments.admin.queue_filters import filters_context
from comments.admin.queue_navigation import (
    ListPosition,
    list_position,
    previous_next_links,
    queue_query_string,
    queue_url,
)
from comments.admin.redaction import redact_page
from comments.models import MAX_NOTE_LENGTH, Attack, Claim, Comment, Moderation, Note, RejectReason
from comments.moderation.decide import InvalidTransition
from comments.queue.actions import ACTIONS, perform
from comments.queue.claims import claim_first_available, claim_of_colleague, claim_or_get_holder, release_claims
from comments.queue.detail import CommentDetail, with_detail
from comments.queue.queues import sizes
from comments.queue.selection import MAX_COMMENTS_SCANNED, QueuePage, QueueQuery
from comments.text.clean import clean_text

ACTIONS_THAT_STAY = {"pick", "unpick", "undo", "return"}  # after these the same comment stays selected


@admin.register(Moderation)
class ModerationQueueAdmin(BulkAdmin):
    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def has_view_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Comment | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Show the queue.

        The query parameters `after` and `before` are cursors where the list begins or ends. `comment` is the selected
        comment.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        selection = _selection(request)
        if request.method == "POST":
            return self._decide(request, selection)
        user, start = cast(User, request.user), list_position(request, selection)
        view = selection.view(**start)
        in_turn = view.comments
        if "before" in start:
            in_turn = view.comments[::-1]
            if view.before is None and not view.scanned_until:  # start of the queue: show the full first page
                start, view = {}, selection.view()
                in_turn = [*in_turn, *view.comments]
        if wanted := request.GET.get("comment"):
            focus: Comment | None = (chosen := _comment(wanted))
            holder = claim_or_get_holder(chosen, user)
        else:
            focus, holder = claim_first_available(in_turn, user), None
        release_claims(user, besides=focus)
        return self._page(request, selection, view, focus, start=start, holder=holder)

    def _decide(self, request: HttpRequest, selection: QueueQuery) -> HttpResponse:
        """Apply the action and respond with the next comment of the queue, in one request."""
        start, user = list_position(request, selection), cast(User, request.user)
        to_decide = Comment.objects.select_related("parent")  # create_notifications reads the parent
        comment = get_object_or_404(to_decide, pk=parse_id(request.POST.get("comment", "")))
        comment.expect_stamp(
            request.POST.get("version", "")
        )  # the version that the moderator saw; another one is not changed
        reasons = list(RejectReason.objects.all())
        is_done = self._apply_action(request, comment, reasons)
        if not is_done or request.POST["action"].partition(":")[0] in ACTIONS_THAT_STAY:
            focus = _comment(str(comment.pk))
            if start.get("after") == selection.cursor_of(focus):  # the comment was decided on and has come back
                start = {"after": selection.cursor_before(focus)}
            view, holder = selection.view(**start), claim_or_get_holder(focus, user)
            return self._page(request, selection, view, focus, start=start, holder=holder, reasons=reasons)
        start = {"after": selection.cursor_of(comment)}
        view = selection.view(**start)
        next_one = claim_first_available(view.comments, user)
        if not (next_one or view.after):  # end of the queue: start over
            start, view = {}, selection.view()
            next_one = claim_first_available(view.comments, user)
        return self._page(request, selection, view, next_one, start=start, decided=comment, reasons=reasons)

    def _apply_action(self, request: HttpRequest, comment: Comment, reasons: list[RejectReason]) -> bool:
        action, _colon, which = request.POST.get("action", "").partition(":")
        reason = next((each for each in reasons if str(each.pk) == which), None) if action == "reject" else None
        decision = comment.decisions.filter(pk=parse_id(which)).first() if action == "return" else None
        try:
            perform(action, comment, actor=cast(User, request.user), reason=reason, decision=decision)
        except InvalidTransition as error:
            self.message_user(request, str(error), messages.WARNING)
            return False
        said = {"name": comment.name, "done": ACTIONS[action][1]}
        self.message_user(request, _("%(name)s’s comment %(done)s.") % said, messages.SUCCESS)
        return True

    def _note(self, request: HttpRequest) -> HttpResponse:
        """Store a note on a comment for other moderators and redirect back."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        selection = _selection(request)
        start = list_position(request, selection)
        if request.method != "POST":  # the login page redirects here with GET
            return HttpResponseRedirect(queue_url(selection, start))
        comment = _comment(request.POST.get("comment", ""))
        text = clean_text(request.POST.get("note", ""))[:MAX_NOTE_LENGTH]
        if text:
            Note.objects.create(comment=comment, actor=cast(User, request.user), text=text)
        return HttpResponseRedirect(queue_url(selection, start, comment=comment.pk))

    def _redact(self, request: HttpRequest) -> HttpResponse:
        return redact_page(request, self.admin_site.each_context(request))

    def get_urls(self) -> list[URLPattern]:
        """Return the URLs of the queue, notes, redaction and bulk views. There is no change form."""
        return [
            *super().get_urls(),
            path("", self.admin_site.admin_view(self.changelist_view), name="comments_moderation_changelist"),
            path("redact/", self.admin_site.admin_view(self._redact), name="comments_moderation_redact"),
            path("note/", self.admin_site.admin_view(self._note), name="comments_moderation_note"),
        ]

    def _page(
        self,
        request: HttpRequest,
        selection: QueueQuery,
        view: QueuePage,
        focus: Comment | None,
        *,
        start: ListPosition,
        holder: Claim | None = None,
        decided: Comment | None = None,
        reasons: list[RejectReason] | None = None,
    ) -> HttpResponse:
        user, (queues, kept_despite_reports) = cast(User, request.user), sizes()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Moderation"),
            "is_nav_sidebar_enabled": False,
            "queue": selection.queue,
            "sizes": queues,
            "alert": kept_despite_reports,
            "attacks": list(Attack.objects.running().select_related("article", "cluster")),
            "rows": [(each, claim_of_colleague(each, user), _("Select %s") % each) for each in view.comments],
            "page": view,
            "looked_through": MAX_COMMENTS_SCANNED,
            **filters_context(selection),
            "detail": CommentDetail.of(focus, user) if focus else None,
            "holder": holder,
            **previous_next_links(focus, selection, view, start),
            "reasons": list(RejectReason.objects.all()) if reasons is None else reasons,
            "ways_to_block": ways_to_block(focus) if focus and request.user.has_perm("comments.add_block") else [],
            "decided": decided,
            "undoable": self.undoable(request),
            "queue_url": queue_url(selection, {}),
            "current_url": queue_url(selection, start),
            "current_query": queue_query_string(selection, start),
            "note_length": MAX_NOTE_LENGTH,
        }
        return TemplateResponse(request, "admin/comments/queue/page.html", context)


def _selection(request: HttpRequest) -> QueueQuery:
    """Parse the query string. Raise Http404."""
    try:
        return QueueQuery.parse(request.GET)
    except ValueError as error:
        raise Http404 from error


def _comment(raw: str) -> Comment:
    """Load the comment with details. Raise Http404."""
    return get_object_or_404(with_detail(Comment.objects.all()), pk=parse_id(raw))
