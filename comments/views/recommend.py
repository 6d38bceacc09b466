"""Page to recommend a comment, which works without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from comments.identity import get_reader, set_device_cookie
from comments.models import Comment
from comments.readers.form_limit import FormRefused, check_rate_limit
from comments.readers.recommendations import has_recommended, recommend, take_back
from comments.text.links import comment_as_html
from comments.views.decorators import CROSS_SITE_MESSAGE, form_view, is_same_site
from comments.views.permalink import get_public_comment
from comments.views.responses import SeeOther, with_retry_status


@form_view
def recommend_comment(request: HttpRequest, pk: int) -> HttpResponse:
    comment = get_public_comment(pk)
    return _change(request, comment) if request.method == "POST" else _page(request, comment)


def _change(request: HttpRequest, comment: Comment) -> HttpResponse:
    if not is_same_site(request):
        return _page(request, comment, fault=str(CROSS_SITE_MESSAGE), status=403)
    response = SeeOther(request.path)
    try:
        check_rate_limit(get_reader(request))
        if "take_back" in request.POST:
            take_back(comment.pk, get_reader(request))
        else:
            set_device_cookie(response, recommend(comment.pk, get_reader(request)))
    except FormRefused as error:
        return with_retry_status(_page(request, comment, fault=str(error)), error)
    return response


def _page(request: HttpRequest, comment: Comment, *, fault: str = "", status: int = 200) -> HttpResponse:
    reader = get_reader(request)
    context = {
        "comment": comment,
        "text": comment_as_html(comment.text),
        "has_recommended": has_recommended(comment, reader),
        "is_own": comment.device == reader.device,
        "fault": fault,
    }
    return render(request, "comments/recommend.html", context, status=status)
