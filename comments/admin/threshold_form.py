"""Thresholds of scores can be set before anything was learned, but not tried."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from comments.admin.backtests import TRY
from comments.classifier.scores import Kind
from comments.models import SitePolicy
from comments.scoring.predict import learnt_kinds

FIELDS = {"spam_held_from": Kind.SPAM, "spam_from": Kind.SPAM, "rejected_held_from": Kind.REJECTED}


class ThresholdForm(forms.ModelForm):
    class Meta:
        model = SitePolicy
        fields = ["policy", "reserved_names", *FIELDS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        learnt = learnt_kinds() if TRY in self.data else set(Kind)
        for field, kind in FIELDS.items():
            if cleaned.get(field) is not None and kind not in learnt:
                self.add_error(field, _("There are no scores to test yet: too few decisions to learn from."))
        return cleaned
