"""Form for score thresholds. They can be set before the first training, but not backtested."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from comments.admin.backtests import BACKTEST_BUTTON
from comments.classifier.scores import ScoreKind
from comments.models import SitePolicy
from comments.scoring.predict import trained_kinds

THRESHOLD_FIELDS = {
    "spam_held_from": ScoreKind.SPAM,
    "spam_from": ScoreKind.SPAM,
    "rejected_held_from": ScoreKind.REJECTED,
}


class ThresholdForm(forms.ModelForm):
    class Meta:
        model = SitePolicy
        fields = ["policy", "reserved_names", *THRESHOLD_FIELDS]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        trained = trained_kinds() if BACKTEST_BUTTON in self.data else set(ScoreKind)
        for field, kind in THRESHOLD_FIELDS.items():
            if cleaned.get(field) is not None and kind not in trained:
                self.add_error(field, _("There are no scores to test yet: too few decisions to learn from."))
        return cleaned
