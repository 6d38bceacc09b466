"""The moderators' desk in the admin: one page, which every button answers with the next comment in it."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from comments.admin.blocks import ways_to_block
from comments.admin.bulk import BulkAdmin
from comments.admin.filters import filters_part
from comments.admin.redacting import redact_page
from comments.desk.claims import claim, claimed_by_another, first_free, let_go
from comments.desk.focus import Focus, with_surroundings
from comments.desk.moves import MOVES, make_move
from comments.desk.place import Place
from comments.desk.queues import sizes
from comments.desk.selection import LOOKED_THROUGH, Selection, View
from comments.ids import as_id
from comments.models import NOTE_LENGTH, Comment, Desk, Note, RejectReason
from comments.moderation import WrongMove
from comments.text import clean_text

STAYS = {"pick", "unpick", "undo", "return"}  # after these the same comment is looked at


@admin.register(Desk)
class DeskAdmin(BulkAdmin):
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
        """`after` or `before` in the query is the place behind or before which the list lies, `comment` what is in
        focus.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        selection = _selection(request)
        if request.method == "POST":
            return self._decide(request, selection)
        user, start = cast(User, request.user), _start(request, selection)
        view = selection.view(**start)
        if "before" in start and not (view.comments or view.looked_until):
            start, view = {}, selection.view()
        wanted = request.GET.get("comment")
        in_turn = view.comments[::-1] if "before" in start else view.comments
        focus = _comment(wanted) if wanted else first_free(in_turn, user)
        let_go(user, besides=focus)
        return self._page(request, selection, view, focus, start=start)

    def _decide(self, request: HttpRequest, selection: Selection) -> HttpResponse:
        """Does what the button says, and answers with the next comment of the selection: one request."""
        to_decide = Comment.objects.select_related("parent")  # whose author may have to be told
        comment = get_object_or_404(to_decide, pk=as_id(request.POST.get("comment", "")))
        comment.as_of(request.POST.get("version", ""))  # what they looked at: of another, no move is made
        reasons = list(RejectReason.objects.all())
        is_done = self._make_move(request, comment, reasons)
        if not is_done or request.POST["move"].partition(":")[0] in STAYS:
            start = _start(request, selection)
            comment = _comment(str(comment.pk))
            return self._page(request, selection, selection.view(**start), comment, start=start, reasons=reasons)
        start = {"after": selection.place_of(comment)}
        view = selection.view(**start)
        if not (view.comments or view.after):  # at the end: what else waits
            start = {}
            view = selection.view()
        focus = first_free(view.comments, cast(User, request.user))
        return self._page(request, selection, view, focus, start=start, decided=comment, reasons=reasons)

    def _make_move(self, request: HttpRequest, comment: Comment, reasons: list[RejectReason]) -> bool:
        move, _colon, which = request.POST.get("move", "").partition(":")
        reason = next((each for each in reasons if str(each.pk) == which), None) if move == "reject" else None
        decision = comment.decisions.filter(pk=as_id(which)).first() if move == "return" else None
        try:
            make_move(move, comment, by=cast(User, request.user), reason=reason, decision=decision)
        except WrongMove as error:
            self.message_user(request, str(error), messages.WARNING)
            return False
        self.message_user(request, f"{Truncator(str(comment)).chars(80)}: {MOVES[move][1]}.", messages.SUCCESS)
        return True

    def _note(self, request: HttpRequest) -> HttpResponse:
        """A note on a comment, for colleagues; back to where it was written."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        comment = _comment(request.POST.get("comment", ""))
        text = clean_text(request.POST.get("note", ""))[:NOTE_LENGTH]
        if text:
            Note.objects.create(comment=comment, by=cast(User, request.user), text=text)
        selection = _selection(request)
        return HttpResponseRedirect(_address(selection, _start(request, selection), comment=comment.pk))

    def _redact(self, request: HttpRequest) -> HttpResponse:
        return redact_page(request, self.admin_site.each_context(request))

    def get_urls(self) -> list[URLPattern]:
        """The desk is one page, one to take words out, a place to put notes, and many at once; nothing else."""
        return [
            *super().get_urls(),
            path("", self.admin_site.admin_view(self.changelist_view), name="comments_desk_changelist"),
            path("redact/", self.admin_site.admin_view(self._redact), name="comments_desk_redact"),
            path("note/", self.admin_site.admin_view(self._note), name="comments_desk_note"),
        ]

    def _page(
        self,
        request: HttpRequest,
        selection: Selection,
        view: View,
        focus: Comment | None,
        *,
        start: dict[str, Place],
        decided: Comment | None = None,
        reasons: list[RejectReason] | None = None,
    ) -> HttpResponse:
        user = cast(User, request.user)
        if focus:
            claim(focus, user)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Desk"),
            "is_nav_sidebar_enabled": False,
            "queue": selection.queue,
            "sizes": sizes(),
            "listed": [(comment, claimed_by_another(comment, user)) for comment in view.comments],
            "view": view,
            "looked_through": LOOKED_THROUGH,
            **filters_part(selection),
            "focus": Focus.of(focus, user) if focus else None,
            "holder": claimed_by_another(focus, user) if focus else None,
            **_steps(selection, view, focus, start),
            "reasons": list(RejectReason.objects.all()) if reasons is None else reasons,
            "ways_to_block": ways_to_block(focus) if focus and request.user.has_perm("comments.add_block") else [],
            "decided": decided,
            "undoable": self.undoable(request),
            "address": _address(selection, {}),
            "here": _address(selection, start),
            "query": _query(selection, start),
            "note_length": NOTE_LENGTH,
        }
        return TemplateResponse(request, "admin/comments/desk.html", context)


def _steps(selection: Selection, view: View, focus: Comment | None, start: dict[str, Place]) -> dict[str, str]:
    """The addresses of the comments beside the one in focus, also where the list ends; and of the list behind it."""
    listed = [comment.pk for comment in view.comments]
    steps = {"further": _address(selection, {"after": view.after})} if view.after else {}
    if not focus or not listed:
        return steps
    at = listed.index(focus.pk) if focus.pk in listed else -1
    if at > 0:
        steps["previous"] = _address(selection, start, comment=listed[at - 1])
    elif at == 0 and view.before:
        steps["previous"] = _address(selection, {"before": view.before})
    if at + 1 < len(listed):
        steps["next"] = _address(selection, start, comment=listed[at + 1])
    elif view.after:
        steps["next"] = steps["further"]
    return steps


def _query(selection: Selection, start: dict[str, Place], **more: int) -> str:
    return "&".join([selection.query, *([urlencode({**start, **more})] if start or more else [])])


def _address(selection: Selection, start: dict[str, Place], **more: int) -> str:
    return f"{reverse('admin:comments_desk_changelist')}?{_query(selection, start, **more)}"


def _start(request: HttpRequest, selection: Selection) -> dict[str, Place]:
    """Where the list begins behind, or ends before, by the address. Raises Http404."""
    try:
        return {name: selection.place(request.GET[name]) for name in ("after", "before") if name in request.GET}
    except ValueError as error:
        raise Http404 from error


def _selection(request: HttpRequest) -> Selection:
    """Raises Http404."""
    try:
        return Selection.parse(request.GET)
    except ValueError as error:
        raise Http404 from error


def _comment(raw: str) -> Comment:
    """Raises Http404."""
    return get_object_or_404(with_surroundings(Comment.objects.all()), pk=as_id(raw))
