"""A field for what people type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.formats import number_format

from comments.text import without_controls


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
