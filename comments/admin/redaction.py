"""Redaction page: a moderator removes words from a comment and returns to the queue."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.params import parse_id
from comments.models import Comment
from comments.moderation.decide import InvalidTransition
from comments.moderation.redaction import GAP_MARK, InvalidRedaction, redact, redacted_text, restore_original
from comments.text.clean import clean_text


class RedactionForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Text after redaction"),
        widget=forms.Textarea({"rows": 12, "dir": "auto"}),
        strip=False,
    )
    version = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, comment: Comment, **kwargs: Any) -> None:
        self.comment = comment
        super().__init__(*args, **kwargs)

    def clean_text(self) -> str:
        text = clean_text(self.cleaned_data["text"])
        try:
            redacted_text(self.comment.text, text)
        except InvalidRedaction as error:
            raise ValidationError(str(error)) from error
        return text


def redact_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show and process the redaction form. `context` is the admin's own.

    The query string has the comment and the position in the queue.
    """
    is_restored = request.method == "POST" and "restore" in request.POST
    needed = "comments.view_original" if is_restored else "comments.redact_comment"
    if not request.user.has_perms(["comments.moderate_comment", needed]):
        raise PermissionDenied
    comment = get_object_or_404(Comment.objects.select_related("article"), pk=parse_id(request.GET.get("comment", "")))
    back = request.GET.copy()
    back["comment"] = str(comment.pk)
    queue_url = f"{reverse('admin:comments_moderation_changelist')}?{back.urlencode()}"
    if is_restored:
        _restore_original(request, comment)
        return HttpResponseRedirect(queue_url)
    data = request.POST if request.method == "POST" else None
    form = RedactionForm(data, comment=comment, initial={"text": comment.text, "version": comment.stamp})
    if form.is_valid():
        comment.expect_stamp(
            form.cleaned_data["version"]
        )  # the version that the moderator saw; another one is not changed
        try:
            redact(comment, form.cleaned_data["text"], actor=cast(User, request.user))
        except InvalidTransition as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Redacted. Readers see “edited by a moderator”."))
            return HttpResponseRedirect(queue_url)
    page = {**context, "title": _("Redact"), "comment": comment, "form": form, "queue_url": queue_url, "gap": GAP_MARK}
    return TemplateResponse(request, "admin/comments/redact.html", page)


def _restore_original(request: HttpRequest, comment: Comment) -> None:
    comment.expect_stamp(request.POST.get("version", ""))
    try:
        restore_original(comment, actor=cast(User, request.user))
    except InvalidTransition as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("Original text restored."))
