"""Forms of readers: a comment (two visible and several hidden fields), an edit, a report."""

from __future__ import annotations

from datetime import UTC, datetime
import re
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article
from comments.fields import PlainTextField
from comments.models import MAX_NAME_LENGTH, MAX_NOTE_LENGTH, Comment, ReportCategory
from comments.submission.collect_facts import SubmittedComment
from comments.submission.reserved_names import classify_name, display_name
from comments.text.clean import clean_name, clean_text, remove_controls
from comments.text.impersonation import NameClaim

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_SALT = "comments.forms.rendered"
_IDEMPOTENCY_KEY = re.compile("[0-9a-f]{32}")


def _comment_field() -> PlainTextField:
    return PlainTextField(
        label=gettext_lazy("Comment"),
        clean=clean_text,
        limit=lambda: settings.COMMENT_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
        error_messages={"required": gettext_lazy("Please enter your comment!")},
        too_long=gettext_lazy("Your comment is %(length)s characters long; the limit is %(limit)s."),
    )


class CommentForm(forms.Form):
    comment = _comment_field()
    name = PlainTextField(
        label=gettext_lazy("Name"),
        clean=clean_name,
        limit=lambda: MAX_NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
        error_messages={"required": gettext_lazy("Please enter your name here")},
        too_long=gettext_lazy("Names can have up to %(limit)s characters."),
    )
    website = forms.CharField(  # the honeypot: hidden from people, filled in by programs
        label=gettext_lazy("Leave this field blank"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)
    rendered = forms.CharField(required=False, widget=forms.HiddenInput)
    idempotency_key = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, article: Article | None = None, staff: User | None = None, **kwargs: Any
    ) -> None:
        """Create the form; `staff` write under their own name, whatever the field contains."""
        super().__init__(data, auto_id="write_%s", **kwargs)
        self.article, self.staff = article, staff
        self.name_claim = NameClaim.NOTHING
        self.fields["name"].required = staff is None
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True  # its cookie would make the page different for each reader

    def submitted(self) -> SubmittedComment:
        """Return the submitted comment; the form must be valid."""
        return SubmittedComment(
            text=self.cleaned_data["comment"],
            name=self.cleaned_data["name"],
            parent=self.cleaned_data["parent"],
            rendered_at=self.cleaned_data["rendered"],
            honeypot=remove_controls(self.cleaned_data["website"]).strip(),
            staff=self.staff,
            proof=self.data.get("proof", ""),
            ticket=self.data.get("ticket", ""),
            idempotency_key=self.cleaned_data["idempotency_key"],
            name_claim=self.name_claim,
        )

    def prepare_redisplay(self) -> None:
        """Prepare the form to be shown again: renew its time and focus the first invalid field."""
        self.data = {name: self.data.get(name, "") for name in self.fields}
        self.data["rendered"] = sign_time(timezone.now())
        if "parent" in self.errors:
            self.data["parent"] = ""
        for name in ("comment", "name"):
            if name in self.errors:
                self.fields[name].widget.attrs["autofocus"] = True
                return

    def clean_name(self) -> str:
        if self.staff:
            return display_name(self.staff)
        name: str = self.cleaned_data["name"]
        self.name_claim = classify_name(name)
        if self.name_claim == NameClaim.RESERVED:
            raise forms.ValidationError(_("That name is reserved for our staff. Please choose another."))
        return name

    def clean_rendered(self) -> datetime | None:
        raw = self.cleaned_data["rendered"]
        if not raw:
            return None
        try:
            milliseconds = int(signing.Signer(salt=_SALT).unsign(raw))
        except (signing.BadSignature, ValueError):
            self.add_error(None, _("Something went wrong. Your comment is still here – please post it again."))
            return None
        return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)

    def clean_idempotency_key(self) -> str:
        """Return the key if it has the format of the script, else an empty string.

        A key that can be guessed proves nothing.
        """
        raw: str = self.cleaned_data["idempotency_key"]
        return raw if _IDEMPOTENCY_KEY.fullmatch(raw) else ""

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
                    "The comment you replied to has been removed. "
                    "Your text is still here: post it again as a new comment."
                ),
            )


def sign_time(at: datetime) -> str:
    return signing.Signer(salt=_SALT).sign(str(int(at.timestamp() * 1000)))


class EditForm(forms.Form):
    comment = _comment_field()

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="edit_%s", **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True


class ReportForm(forms.Form):
    complaint = forms.ChoiceField(
        label=gettext_lazy("Why are you reporting this comment?"),
        choices=ReportCategory,
        widget=forms.RadioSelect,
        error_messages={name: gettext_lazy("Please choose a reason.") for name in ("required", "invalid_choice")},
    )
    note = PlainTextField(
        label=gettext_lazy("Anything else we should know? (optional)"),
        required=False,
        clean=clean_text,
        limit=lambda: MAX_NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        too_long=gettext_lazy("Notes can have up to %(limit)s characters."),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="report_%s", **kwargs)

    def clean(self) -> None:
        if self.cleaned_data.get("complaint") == ReportCategory.OTHER and not self.cleaned_data.get("note"):
            self.add_error("note", _("Please tell us what the problem is."))
