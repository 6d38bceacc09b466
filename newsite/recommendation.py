"""One reader's recommendation of one comment: a page of its own, so that it works without JavaScript."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from comments.links import text_as_html
from comments.models import Comment
from comments.readers import reader_of, remember
from comments.recommending import NotRecommended, has_recommended, recommend, take_back
from newsite.errors import plain
from newsite.frame import current_frame
from newsite.posting import SeeOther, is_same_site


@csrf_exempt  # is_same_site() stands in its place
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def recommendation(request: HttpRequest, pk: int) -> HttpResponse:
    comment = get_object_or_404(Comment.objects.approved().select_related("article"), pk=pk)
    if not comment.article.is_public():
        raise Http404
    if request.method == "POST":
        return _change(request, comment)
    reader = reader_of(request)
    context = {
        "frame": current_frame(),
        "comment": comment,
        "text": text_as_html(comment.text),
        "has_recommended": has_recommended(comment, reader),
        "is_own": comment.device == reader.device,
    }
    return HttpResponse(render_to_string("newsite/recommendation.html", context))


def _change(request: HttpRequest, comment: Comment) -> HttpResponse:
    if not is_same_site(request):
        return plain(403, _("This came from another site."), _("So we did not count it."))
    response = SeeOther(request.path)
    try:
        if "take_back" in request.POST:
            take_back(comment.pk, reader_of(request))
        else:
            remember(response, recommend(comment.pk, reader_of(request)))
    except NotRecommended:  # hidden meanwhile, or one's own: the page says so
        pass
    return response
