"""Addresses of articles and their lists. The views are those of the project, whose pages show more than articles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django.http import HttpResponseBase
from django.urls import URLPattern, path, register_converter

View = Callable[..., HttpResponseBase]


class DayConverter:
    regex = "[0-9]{4}/[0-9]{2}/[0-9]{2}"

    def to_python(self, value: str) -> date:
        year, month, day = map(int, value.split("/"))
        return date(year, month, day)

    def to_url(self, value: date) -> str:
        return f"{value.year:04}/{value.month:02}/{value.day:02}"


class UnicodeSlugConverter:
    regex = r"[-\w]+"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(DayConverter, "day")
register_converter(UnicodeSlugConverter, "unicode_slug")


def article_urls(*, article: View, preview: View, lists: Mapping[str, tuple[View, dict[str, Any]]]) -> list[URLPattern]:
    """Return the patterns of all names that models of this app reverse.

    `lists` has the view and its options for "section", "author" and "tag".
    """
    return [
        path("<day:day>/<unicode_slug:slug>/", article, name="article"),
        path("preview/<str:token>/", preview, name="preview"),
        *(path(f"{name}/<unicode_slug:slug>/", view, options, name=name) for name, (view, options) in lists.items()),
    ]
