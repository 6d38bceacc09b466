"""One reader's recommendation of one comment: a page of its own, so that it works without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from comments.identity import reader_of, remember
from comments.models import Comment
from comments.readers.rate_limits import NotTaken, count_click
from comments.readers.recommendations import has_recommended, recommend, take_back
from comments.text.links import comment_as_html
from newsite.http.decorators import FROM_ELSEWHERE, SeeOther, for_forms, is_same_site, refused
from newsite.pages.site_context import current_frame
from newsite.pages.views import public_comment


@for_forms
def recommendation(request: HttpRequest, pk: int) -> HttpResponse:
    comment = public_comment(pk)
    return _change(request, comment) if request.method == "POST" else _page(request, comment)


def _change(request: HttpRequest, comment: Comment) -> HttpResponse:
    if not is_same_site(request):
        return _page(request, comment, fault=str(FROM_ELSEWHERE), status=403)
    response = SeeOther(request.path)
    try:
        count_click(reader_of(request))
        if "take_back" in request.POST:
            take_back(comment.pk, reader_of(request))
        else:
            remember(response, recommend(comment.pk, reader_of(request)))
    except NotTaken as error:
        return refused(_page(request, comment, fault=str(error)), error)
    return response


def _page(request: HttpRequest, comment: Comment, *, fault: str = "", status: int = 200) -> HttpResponse:
    reader = reader_of(request)
    context = {
        "frame": current_frame(),
        "comment": comment,
        "text": comment_as_html(comment.text),
        "has_recommended": has_recommended(comment, reader),
        "is_own": comment.device == reader.device,
        "fault": fault,
    }
    return HttpResponse(render_to_string("newsite/recommendation.html", context), status=status)
