"""Pages of a reader's own comments, authorized by the device cookie alone: list and withdrawal."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from articles.params import parse_id
from comments.identity import get_reader
from comments.models import Comment
from comments.moderation.decide import InvalidTransition, decide
from comments.notifications.prompt import subscription_context
from comments.readers.edits import find_editable
from comments.readers.form_limit import FormRefused, check_rate_limit
from comments.statuses import Cause, Status
from comments.text.links import comment_as_html
from comments.views.decorators import form_view, is_same_site, private_view
from comments.views.responses import SeeOther, cross_site_response, message_page, too_fast_page

PAGE_SIZE = 100


@private_view
def own_comments(request: HttpRequest) -> HttpResponse:
    device = get_reader(request).device
    of_device = Comment.objects.filter(device=device or None).newest_first()
    if "after" in request.GET:
        last = get_object_or_404(of_device, pk=parse_id(request.GET["after"]))
        of_device = of_device.after(last.created_at, last.pk)
    found = list(of_device.select_related("article").prefetch_related("decisions")[: PAGE_SIZE + 1])
    own = found[:PAGE_SIZE]
    editable = find_editable(own)
    comments = [
        {
            "comment": comment,
            "text": comment_as_html(comment.text),
            "author_message": _rejection_message(comment),
            "may_edit": comment.pk in editable,
        }
        for comment in own
    ]
    context = {
        "comments": comments,
        "more": own[-1] if len(found) > PAGE_SIZE else None,
        "notifications": subscription_context(device),
    }
    return render(request, "comments/own_comments.html", context)


def _rejection_message(comment: Comment) -> str:
    """Return the message of the moderator who rejected the comment to its author, if there is one."""
    rejected = [each for each in comment.decisions.all() if each.to_status == Status.REJECTED]
    return rejected[-1].author_message if rejected else ""


@form_view
def withdraw_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for confirmation, then withdraw the comment; answer 404 to other readers than its author."""
    comment = get_own_comment(request, pk)
    if request.method != "POST":
        context = {"comment": comment, "text": comment_as_html(comment.text)}
        return render(request, "comments/withdraw.html", context)
    if not is_same_site(request):
        return cross_site_response(request)
    try:
        check_rate_limit(get_reader(request))
        decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    except FormRefused as error:
        return too_fast_page(request, error)
    except InvalidTransition:
        if Comment.objects.get(pk=pk).status != Status.WITHDRAWN:  # a moderator decided at the same time
            headline, text = _("Someone else changed this first."), _("Please go back and try again.")
            return message_page(request, 409, headline, text)
    return SeeOther(reverse("own_comments"))


def get_own_comment(request: HttpRequest, pk: int) -> Comment:
    comments = Comment.objects.select_related("article", "parent", "staff")
    comment = comments.filter(pk=pk, device=get_reader(request).device or None).first()
    if comment is None:
        raise Http404
    return comment
