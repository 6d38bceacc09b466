"""Page on which authors edit a comment, authorized by the device cookie alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from comments.forms import EditForm
from comments.identity import get_reader
from comments.models import Comment
from comments.readers.edits import NotEditable, check_editable, edit
from comments.readers.form_limit import FormRefused, check_rate_limit
from comments.submission.submit import CommentRefused
from comments.views.decorators import CROSS_SITE_MESSAGE, form_view, is_same_site
from comments.views.own_comments import get_own_comment
from comments.views.responses import SeeOther, with_retry_status


@form_view
def edit_comment(request: HttpRequest, pk: int) -> HttpResponse:
    """Edit a comment; answer 404 to other readers than its author."""
    comment = get_own_comment(request, pk)
    if request.method == "POST":
        return _save(request, comment, EditForm(request.POST))
    form = EditForm(initial={"comment": comment.text})
    try:
        check_editable(comment)
    except NotEditable as error:
        return _page(request, comment, form, too_late=str(error))
    return _page(request, comment, form)


def _save(request: HttpRequest, comment: Comment, form: EditForm) -> HttpResponse:
    is_valid = form.is_valid()
    if not is_same_site(request):
        form.add_error(None, CROSS_SITE_MESSAGE)
        return _page(request, comment, form, status=403)
    if not is_valid:
        return _page(request, comment, form, status=422)
    try:
        check_rate_limit(get_reader(request))
        edit(comment, form.cleaned_data["comment"], get_reader(request))
    except NotEditable as error:
        return _page(request, comment, form, too_late=str(error), status=409)
    except (FormRefused, CommentRefused) as error:
        form.add_error(None, str(error))
        return with_retry_status(_page(request, comment, form), error)
    if not comment.article.is_public():
        return SeeOther(reverse("own_comments"))
    return SeeOther(f"{comment.article.get_absolute_url()}yours/#comment-{comment.pk}")


def _page(
    request: HttpRequest, comment: Comment, form: EditForm, *, too_late: str = "", status: int = 200
) -> HttpResponse:
    context = {"comment": comment, "form": form, "too_late": too_late}
    return render(request, "comments/edit.html", context, status=status)
