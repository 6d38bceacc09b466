"""One reader's report of one comment: a page of its own, so that it works without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from comments.forms import ReportForm
from comments.identity import reader_of, remember
from comments.models import Comment, Complaint
from comments.readers.rate_limits import NotTaken, count_click
from comments.readers.reports import has_reported, report
from comments.text.links import comment_as_html
from newsite.http.decorators import FROM_ELSEWHERE, SeeOther, for_forms, is_same_site, refused
from newsite.pages.errors import plain
from newsite.pages.site_context import current_frame
from newsite.pages.views import public_comment


@for_forms
def report_comment(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        return _take(request, pk)
    comment = public_comment(pk)
    return _page(request, comment, ReportForm(), is_reported=has_reported(comment, reader_of(request)))


def _take(request: HttpRequest, pk: int) -> HttpResponse:
    """The report may hide the comment: then nobody finds it here, and the answer is the page itself."""
    comment = public_comment(pk)
    form = ReportForm(request.POST)
    if not is_same_site(request):
        form.add_error(None, FROM_ELSEWHERE)
        return _page(request, comment, form, status=403)
    if not form.is_valid():
        return _page(request, comment, form, status=422)
    said = form.cleaned_data
    try:
        count_click(reader_of(request))
        device = report(pk, reader_of(request), Complaint(said["complaint"]), said["note"])
    except NotTaken as error:
        form.add_error(None, str(error))
        return refused(_page(request, comment, form), error)
    if Comment.objects.approved().filter(pk=pk).exists():
        response: HttpResponse = SeeOther(request.path)
    else:
        response = plain(200, _("Thank you."), _("This comment is hidden until a moderator has reviewed it."))
    remember(response, device)
    return response


def _page(
    request: HttpRequest, comment: Comment, form: ReportForm, *, is_reported: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "frame": current_frame(),
        "comment": comment,
        "text": comment_as_html(comment.text),
        "form": form,
        "is_reported": is_reported,
        "is_own": comment.device == reader_of(request).device,
    }
    return HttpResponse(render_to_string("newsite/report_comment.html", context), status=status)
