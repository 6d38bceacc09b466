"""Page to report a comment, which works without JavaScript."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from comments.forms import ReportForm
from comments.identity import get_reader, set_device_cookie
from comments.models import Comment, ReportCategory
from comments.readers.form_limit import FormRefused, check_rate_limit
from comments.readers.reports import has_reported, report
from comments.text.links import comment_as_html
from comments.views.decorators import CROSS_SITE_MESSAGE, form_view, is_same_site
from comments.views.permalink import get_public_comment
from comments.views.responses import SeeOther, message_page, with_retry_status


@form_view
def report_comment(request: HttpRequest, pk: int) -> HttpResponse:
    if request.method == "POST":
        return _save(request, pk)
    comment = get_public_comment(pk)
    return _page(request, comment, ReportForm(), is_reported=has_reported(comment, get_reader(request)))


def _save(request: HttpRequest, pk: int) -> HttpResponse:
    """Store the report. If it hides the comment, answer with a page, because the comment's page no longer exists."""
    comment = get_public_comment(pk)
    form = ReportForm(request.POST)
    if not is_same_site(request):
        form.add_error(None, CROSS_SITE_MESSAGE)
        return _page(request, comment, form, status=403)
    if not form.is_valid():
        return _page(request, comment, form, status=422)
    said = form.cleaned_data
    try:
        check_rate_limit(get_reader(request))
        device = report(pk, get_reader(request), ReportCategory(said["complaint"]), said["note"])
    except FormRefused as error:
        form.add_error(None, str(error))
        return with_retry_status(_page(request, comment, form), error)
    if Comment.objects.approved().filter(pk=pk).exists():
        response: HttpResponse = SeeOther(request.path)
    else:
        text = _("This comment is hidden until a moderator has reviewed it.")
        response = message_page(request, 200, _("Thank you."), text)
    set_device_cookie(response, device)
    return response


def _page(
    request: HttpRequest, comment: Comment, form: ReportForm, *, is_reported: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "comment": comment,
        "text": comment_as_html(comment.text),
        "form": form,
        "is_reported": is_reported,
        "is_own": comment.device == get_reader(request).device,
    }
    return render(request, "comments/report.html", context, status=status)
