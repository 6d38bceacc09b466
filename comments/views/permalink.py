"""Permanent address of a comment."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from comments.models import Comment
from comments.threads.pages import find_page
from comments.views.decorators import private_view


@private_view
def comment_permalink(request: HttpRequest, pk: int) -> HttpResponse:
    """Redirect to the comment on its page of the conversation."""
    comment = get_public_comment(pk)
    query = urlencode(find_page(comment))
    return redirect(f"{comment.article.get_absolute_url()}{query and '?'}{query}#comment-{comment.pk}")


def get_public_comment(pk: int) -> Comment:
    """Return a public comment with its article.

    Raise Http404, the same for hidden comments and for comments that never existed.
    """
    comment = get_object_or_404(Comment.objects.approved().select_related("article"), pk=pk)
    if not comment.article.is_public():
        raise Http404
    return comment
