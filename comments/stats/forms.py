"""Form for the period of the statistics: the last days, or two dates."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.stats.period import MAX_DAYS, Period

DAY_CHOICES = (7, 30, 90, 365)
DEFAULT_DAYS = 30
EARLIEST_DAY = date(1970, 1, 1)


class PeriodForm(forms.Form):
    """Period. `days` takes precedence over the dates. An empty form means the last DEFAULT_DAYS days."""

    days = forms.TypedChoiceField(
        choices=[(days, days) for days in DAY_CHOICES],
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose 7, 30, 90 or 365 days.")},
    )
    first = forms.DateField(label=gettext_lazy("From"), required=False, widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label=gettext_lazy("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def clean(self) -> dict[str, Any]:
        first, last = (self._day(name) for name in ("first", "last"))
        if not self.errors and not self.cleaned_data["days"] and (first or last):
            self._check(first, last)
        return self.cleaned_data

    def _day(self, name: str) -> date | None:
        day: date | None = self.cleaned_data.get(name)
        if day and not EARLIEST_DAY <= day <= timezone.localdate():
            self.add_error(name, _("Please enter a past date."))
        return day

    def _check(self, first: date | None, last: date | None) -> None:
        if not first or not last:
            self.add_error("last" if first else "first", _("Please enter both dates."))
        elif first > last:
            self.add_error("last", _("End date is before start date."))
        elif (last - first).days >= MAX_DAYS:
            self.add_error("last", ValidationError(_("Please choose up to %d days.") % MAX_DAYS))

    def period(self) -> Period:
        """Return the period of a valid form."""
        asked = self.cleaned_data
        if asked["days"] or not asked["first"]:
            return Period.last_days(asked["days"] or DEFAULT_DAYS)
        return Period(asked["first"], asked["last"])
