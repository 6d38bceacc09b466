"""A field for what people type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.formats import number_format

from comments.text.clean import remove_controls

MAX_RAW = 4  # times the limit; only longer text is refused before it is cleaned


class PlainTextField(forms.CharField):
    """Text as it will be kept. Lengths are code points of that; what was typed comes back as it was typed, except for
    the end of a line that is far too long.

    No `maxlength` in the HTML: browsers count UTF-16 units there, and cut what is pasted.
    """

    def __init__(self, *, clean: Callable[[str], str], limit: Callable[[], int], too_long: Any, **kwargs: Any) -> None:
        self.clean_typed, self.limit, self.too_long = clean, limit, too_long
        super().__init__(strip=False, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "data-limit": self.limit()}

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value) or ""
        if len(typed) > MAX_RAW * self.limit():
            raise self._too_long(len(typed))
        return self.clean_typed(typed)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if len(value) > self.limit():
            raise self._too_long(len(value))

    def _too_long(self, length: int) -> forms.ValidationError:
        lengths = {"length": number_format(length), "limit": number_format(self.limit())}
        return forms.ValidationError(self.too_long % lengths, code="too_long")

    def bound_data(self, data: Any, initial: Any) -> Any:
        if not isinstance(data, str):
            return data
        is_line = not isinstance(self.widget, forms.Textarea)
        return remove_controls(data[: MAX_RAW * self.limit()] if is_line else data)
