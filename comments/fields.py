"""Form field for text that readers type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.formats import number_format

from comments.text.clean import remove_controls

MAX_RAW = 4  # times the limit; longer text is refused before it is cleaned


class PlainTextField(forms.CharField):
    """Text field whose value is the cleaned text that will be stored.

    Lengths are code points of the cleaned text. The form shows the text again as it was typed, except that a line
    that is far too long is cut.

    The HTML has no `maxlength`: browsers count UTF-16 units for it, and cut pasted text.
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
