"""What one reader has written, by the device cookie alone: to see it, and to withdraw it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.params import as_id
from comments.identity import reader_of
from comments.models import Comment
from comments.moderation.decide import WrongMove, decide
from comments.readers.edits import editable_among
from comments.readers.rate_limits import NotTaken, count_click
from comments.statuses import Cause, Status
from comments.text.links import comment_as_html
from newsite.comment_pages.subscription_prompt import letters_part
from newsite.http.decorators import SeeOther, for_forms, for_reading_now, is_same_site, not_from_here, refused
from newsite.pages.errors import plain
from newsite.pages.site_context import current_frame

LISTED = 100


@for_reading_now
def your_comments(request: HttpRequest) -> HttpResponse:
    device = reader_of(request).device
    of_device = Comment.objects.filter(device=device or None).newest()
    if "after" in request.GET:
        last = get_object_or_404(of_device, pk=as_id(request.GET["after"]))
        of_device = of_device.behind(last.created_at, last.pk)
    found = list(of_device.select_related("article").prefetch_related("decisions")[: LISTED + 1])
    own = found[:LISTED]
    editable = editable_among(own)
    comments = [
        {
            "comment": comment,
            "text": comment_as_html(comment.text),
            "told": _told(comment),
            "may_edit": comment.pk in editable,
        }
        for comment in own
    ]
    context = {
        "frame": current_frame(),
        "comments": comments,
        "more": own[-1] if len(found) > LISTED else None,
        "letters": letters_part(device),
    }
    return HttpResponse(render_to_string("newsite/your_comments.html", context))


def _told(comment: Comment) -> str:
    """What the moderator who rejected it, if anybody did, chose to tell its author."""
    rejected = [each for each in comment.decisions.all() if each.now == Status.REJECTED]
    return rejected[-1].told if rejected else ""


@for_forms
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, and does it. For anybody but the author there is nothing here."""
    comment = own_comment(request, pk)
    if request.method != "POST":
        context = {"frame": current_frame(), "comment": comment, "text": comment_as_html(comment.text)}
        return HttpResponse(render_to_string("newsite/withdraw.html", context))
    if not is_same_site(request):
        return not_from_here()
    try:
        count_click(reader_of(request))
        decide(comment, Status.WITHDRAWN, by=None, cause=Cause.WITHDRAWN)
    except NotTaken as error:
        return refused(plain(429, _("You’re going too fast."), str(error)), error)
    except WrongMove:
        if Comment.objects.get(pk=pk).status != Status.WITHDRAWN:  # a moderator was at it just now
            return plain(409, _("Someone else changed this first."), _("Please go back and try again."))
    return SeeOther(reverse("your_comments"))


def own_comment(request: HttpRequest, pk: int) -> Comment:
    comments = Comment.objects.select_related("article", "parent", "staff")
    comment = comments.filter(pk=pk, device=reader_of(request).device or None).first()
    if comment is None:
        raise Http404
    return comment
