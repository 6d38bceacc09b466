"""The shape of a comment: two fields that a person fills in, three that are hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article
from comments.models import NAME_LENGTH, Comment
from comments.submission import Draft
from comments.text import clean_name, clean_text, without_controls

_SALT = "comments.forms.rendered"


class PlainTextField(forms.CharField):
    """Text as it will be kept. Lengths are code points of that; what was typed comes back as it was typed.

    No `maxlength` in the HTML: browsers count UTF-16 units there, and cut what is pasted.
    """

    def __init__(self, *, clean: Callable[[str], str], limit: Callable[[], int], too_long: Any, **kwargs: Any) -> None:
        self.clean_typed, self.limit, self.too_long = clean, limit, too_long
        super().__init__(strip=False, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "data-limit": self.limit()}

    def to_python(self, value: Any) -> str:
        return self.clean_typed(super().to_python(value) or "")

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > self.limit():
            lengths = {"length": number_format(len(value)), "limit": number_format(self.limit())}
            raise forms.ValidationError(self.too_long % lengths, code="too_long")

    def bound_data(self, data: Any, initial: Any) -> Any:
        return without_controls(data) if isinstance(data, str) else data


class CommentForm(forms.Form):
    comment = PlainTextField(
        label=gettext_lazy("Comment"),
        clean=clean_text,
        limit=lambda: settings.COMMENT_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Please enter your comment!")},
        too_long=gettext_lazy("Please shorten your comment: it has %(length)s characters, and %(limit)s fit."),
    )
    name = PlainTextField(
        label=gettext_lazy("Name"),
        clean=clean_name,
        limit=lambda: NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
        error_messages={"required": gettext_lazy("Please enter your name here")},
        too_long=gettext_lazy("Please shorten your name: it has %(length)s characters, and %(limit)s fit."),
    )
    website = forms.CharField(  # the honeypot: hidden from people, tempting for programs
        label=gettext_lazy("Leave this empty"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)
    rendered = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, article: Article | None = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="write_%s", **kwargs)
        self.article = article
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # its cookie would make the page another one for each reader

    def draft(self) -> Draft:
        """Of a valid form."""
        return Draft(
            text=self.cleaned_data["comment"],
            name=self.cleaned_data["name"],
            parent=self.cleaned_data["parent"],
            rendered_at=self.cleaned_data["rendered"],
            honeypot=without_controls(self.cleaned_data["website"]).strip(),
        )

    def prepare_again(self) -> None:
        """For showing it once more: a fresh time, and the first fault has the focus."""
        self.data = {name: self.data.get(name, "") for name in self.fields}
        self.data["rendered"] = signed_time(timezone.now())
        if "parent" in self.errors:
            self.data["parent"] = ""
        for name in ("comment", "name"):
            if name in self.errors:
                self.fields[name].widget.attrs["autofocus"] = True
                return

    def clean_rendered(self) -> datetime | None:
        raw = self.cleaned_data["rendered"]
        if not raw:
            return None
        try:
            milliseconds = int(signing.Signer(salt=_SALT).unsign(raw))
        except (signing.BadSignature, ValueError):
            self.add_error(None, _("Something went wrong on the way. Your text is still here: please send it again."))
            return None
        return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)

    def clean_parent(self) -> Comment | None:
        parent_id = self.cleaned_data["parent"]
        if parent_id is None:
            return None
        parent = Comment.objects.approved().filter(pk=parent_id, article=self.article).first()
        if parent is None:
            raise forms.ValidationError("gone")
        return parent

    def clean(self) -> None:
        if "parent" in self.errors:
            self.add_error(
                None,
                _(
                    "The comment that you reply to is not here any more. "
                    "Your text is: send it again to open a thread of its own."
                ),
            )


def signed_time(at: datetime) -> str:
    return signing.Signer(salt=_SALT).sign(str(int(at.timestamp() * 1000)))
