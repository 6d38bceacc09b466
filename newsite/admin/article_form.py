"""Form of an article, with protection against overwriting a colleague's newer revision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.editing import new_form_key
from articles.history import revisions
from articles.history.diff import FieldChange, field_changes
from articles.models import Article
from comments.models import Conversation


@dataclass(frozen=True)
class EditConflict:
    """Changes that a colleague saved after the form was opened."""

    version: Any
    changes: list[FieldChange]


class ArticleForm(forms.ModelForm):
    """Form of an article.

    `opened` is the revision with which the form was opened. If a newer revision differs from it, nothing is saved:
    the form is shown again with the submitted text and the colleague's changes, and with the newer revision as
    `opened`.

    `key` identifies the form of a new article, see `articles.editing`.

    `draft` is the data of an autosave to show instead of the article.
    """

    opened = forms.IntegerField(required=False, widget=forms.HiddenInput)
    key = forms.CharField(required=False, widget=forms.HiddenInput)
    is_minor = forms.BooleanField(
        label=gettext_lazy("Minor edit"),
        required=False,
        help_text=gettext_lazy("Don’t show “Updated” to readers."),
    )
    draft: QueryDict | None = None
    conflict: EditConflict | None = None

    class Meta:
        model = Article
        exclude: list[str] = []  # the fieldsets of the admin name them
        widgets = {
            "headline": forms.Textarea(attrs={"rows": 2, "class": "headline"}),
            "standfirst": forms.Textarea(attrs={"rows": 3}),
            "description": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if self.draft is not None:
            kwargs["data"] = self.draft
        super().__init__(*args, **kwargs)
        latest = revisions.latest(self.instance.pk) if self.instance.pk else None
        self.initial["opened"] = latest and latest.history_id
        self.initial["key"] = new_form_key()

    def clean_headline(self) -> str:
        """Return the headline as one line."""
        return " ".join(self.cleaned_data["headline"].split())

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.instance.pk:
            self.check_newest()
        self.instance.is_minor_change = bool(self.cleaned_data.get("is_minor"))
        return cleaned

    def check_newest(self) -> None:
        """Raise ValidationError if there is a newer revision with changes.

        Both locks prevent other saves until the end of the transaction. A form that only shows an autosave is not
        checked.
        """
        if self.draft is None:
            Conversation.lock(self.instance.pk)
            list(Article.objects.select_for_update().filter(pk=self.instance.pk).values("pk"))
        of_article = revisions.revisions_of(self.instance.pk)
        latest = of_article.first()
        opened = of_article.filter(history_id=self.cleaned_data.get("opened") or 0).first()
        if latest is None or latest == opened:
            return
        changes = field_changes(opened, latest)
        if changes:
            self.conflict = EditConflict(latest, changes)
            data = cast(QueryDict, self.data).copy()
            data[self.add_prefix("opened")] = str(latest.history_id)
            self.data = data
            raise ValidationError(
                _("%(who)s saved a newer version while you were writing. Your text is below but not saved."),
                params={"who": latest.history_user or _("Someone")},
                code="conflict",
            )
