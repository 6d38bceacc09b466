"""An author changes a comment: a page of its own, by the device cookie alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse

from comments.forms import EditForm
from comments.identity import reader_of
from comments.models import Comment
from comments.readers.edits import TooLate, check_editable, edit
from comments.readers.rate_limits import NotTaken, count_click
from comments.submission.submit import Refused
from newsite.comment_pages.own_comments import own_comment
from newsite.http.decorators import FROM_ELSEWHERE, SeeOther, for_forms, is_same_site, refused
from newsite.pages.site_context import current_frame


@for_forms
def edit_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """For anybody but the author there is nothing here."""
    comment = own_comment(request, pk)
    if request.method == "POST":
        return _save(request, comment, EditForm(request.POST))
    form = EditForm(initial={"comment": comment.text})
    try:
        check_editable(comment)
    except TooLate as error:
        return _page(comment, form, too_late=str(error))
    return _page(comment, form)


def _save(request: HttpRequest, comment: Comment, form: EditForm) -> HttpResponse:
    is_valid = form.is_valid()
    if not is_same_site(request):
        form.add_error(None, FROM_ELSEWHERE)
        return _page(comment, form, status=403)
    if not is_valid:
        return _page(comment, form, status=422)
    try:
        count_click(reader_of(request))
        edit(comment, form.cleaned_data["comment"], reader_of(request))
    except TooLate as error:
        return _page(comment, form, too_late=str(error), status=409)
    except (NotTaken, Refused) as error:
        form.add_error(None, str(error))
        return refused(_page(comment, form), error)
    if not comment.article.is_public():
        return SeeOther(reverse("your_comments"))
    return SeeOther(f"{comment.article.get_absolute_url()}yours/#comment-{comment.pk}")


def _page(comment: Comment, form: EditForm, *, too_late: str = "", status: int = 200) -> HttpResponse:
    context = {"frame": current_frame(), "comment": comment, "form": form, "too_late": too_late}
    return HttpResponse(render_to_string("newsite/edit_comment.html", context), status=status)
