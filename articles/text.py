"""Cleaning of texts, and tests for invisible texts."""

from __future__ import annotations

import re
from typing import Any
import unicodedata

from django.db.models import CharField, Field, Model, TextField
from django.utils.text import Truncator
from django.utils.translation import gettext as _

# Characters that no font shows although Unicode does not class them as invisible: Hangul fillers, the empty Braille
# cell, the musical null notehead, and reserved code points with the property Default_Ignorable_Code_Point.
INVISIBLE = re.compile("[\U0001d159\u115f\u1160\u3164\uffa0\u2800\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")

# Ranges for a regular expression: all that XML 1.0 does not allow, and the control characters U+007F to U+009F.
CONTROL_CHARS = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff"
_CONTROL_CHARS = re.compile(f"[{CONTROL_CHARS}]")

_JOINERS = "\u200c\u200d"  # some scripts and emoji need them
_AROUND_A_LINE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u2060\ufeff"


def strip_control_chars(text: str) -> str:
    """Remove characters that HTML and XML do not allow. They are invisible in pasted and imported texts.

    comments/text/clean.py also removes characters that reverse the text around them, which editors may use.
    newsite/importers/xml_stream.py removes the bytes from a file that is not decoded yet.
    """
    return _CONTROL_CHARS.sub("", text)


def truncate(text: str, length: int) -> str:
    """Return at most `length` code points of a text, with an ellipsis if it is longer.

    Normalize only the beginning, because normalizing stacked combining marks takes quadratic time.
    """
    beginning = str(Truncator(text[: length * 4]).chars(length))  # does not count combining marks
    return beginning if len(beginning) <= length else f"{beginning[: length - 1]}…"


def as_stored(field: Field[Any, Any], text: str) -> str:
    """Return the text as this model field stores it.

    Remove control characters, spaces around a single-line text, and invisible characters in a unique field. Keep a line
    that would become empty, so that validation rejects it.
    """
    text = strip_control_chars(text)
    if isinstance(field, TextField):
        return text
    line = text
    if field.unique:
        line = "".join(each for each in line if each in _JOINERS or not _is_hidden(each))
    return line.strip(_AROUND_A_LINE) or text


def clean_texts(row: Model) -> None:
    """Clean all text fields of a row."""
    for field in row._meta.concrete_fields:
        if isinstance(field, CharField | TextField) and isinstance(text := getattr(row, field.attname), str):
            setattr(row, field.attname, as_stored(field, text))


def unseen_error(field: Field[Any, Any], text: Any) -> str:
    """Return an error message for an invisible text in a required field, or an empty string."""
    if not isinstance(field, CharField | TextField) or field.blank or field.choices:
        return ""
    is_unseen = isinstance(text, str) and text and is_blank(text)
    return _("This text is invisible. Please enter a few words.") if is_unseen else ""


def is_blank(text: str) -> bool:
    """Return whether a text is invisible: spaces, format characters, fillers, or marks without a letter."""
    return not any(_is_visible(character) for character in text)


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cn":  # unknown to this Python version: probably a newer emoji
        return not INVISIBLE.match(character)
    return category[0] not in "ZM" and not _is_hidden(character)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} or bool(INVISIBLE.match(character))
