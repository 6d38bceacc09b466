"""Whether anything of a text can be seen, and what of it no page can hold."""

from __future__ import annotations

import re
from typing import Any
import unicodedata

from django.db.models import CharField, Field, Model, TextField
from django.utils.text import Truncator
from django.utils.translation import gettext as _

# Letters by Unicode's table that no font shows: Hangul fillers and the empty Braille cell, and code points
# that are reserved to be ignored (Unicode's Default_Ignorable_Code_Point). And the note of music without a head.
INVISIBLE = re.compile("[\U0001d159\u115f\u1160\u3164\uffa0\u2800\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")

_CONTROL_CHARS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


_JOINERS = "\u200c\u200d"  # scripts and emoji need them
_AROUND_A_LINE = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u2060\ufeff"


def strip_control_chars(text: str) -> str:
    """Less the characters that neither HTML nor XML allows; whoever pastes or imports them does not see them."""
    return _CONTROL_CHARS.sub("", text)


def truncate(text: str, length: int) -> str:
    """Return the beginning of a text, with an ellipsis if there is more: `length` code points at most.

    Only what may be shown is normalized: for towers of marks that takes quadratic time.
    """
    beginning = str(Truncator(text[: length * 4]).chars(length))  # does not count combining marks
    return beginning if len(beginning) <= length else f"{beginning[: length - 1]}…"


def as_stored(field: Field[Any, Any], text: str) -> str:
    """Return the text as this field of a model stores it: no control characters, no blanks around a line, and nothing
    invisible in what tells rows apart. A line without anything visible stays, for validation to refuse it.
    """
    text = strip_control_chars(text)
    if isinstance(field, TextField):
        return text
    line = text
    if field.unique:
        line = "".join(each for each in line if each in _JOINERS or not _is_hidden(each))
    return line.strip(_AROUND_A_LINE) or text


def clean_texts(row: Model) -> None:
    """Set all texts of a row to what will be stored."""
    for field in row._meta.concrete_fields:
        if isinstance(field, CharField | TextField) and isinstance(text := getattr(row, field.attname), str):
            setattr(row, field.attname, as_stored(field, text))


def unseen_error(field: Field[Any, Any], text: Any) -> str:
    """Return what is wrong with a required text of which nothing can be seen; empty for any other value."""
    if not isinstance(field, CharField | TextField) or field.blank or field.choices:
        return ""
    is_unseen = isinstance(text, str) and text and is_blank(text)
    return _("This text is invisible. Please enter a few words.") if is_unseen else ""


def is_blank(text: str) -> bool:
    """Whether nothing of this can be seen: spaces, format characters, fillers, or marks without a letter."""
    return not any(_is_visible(character) for character in text)


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cn":  # not yet in this Python's tables: a newer emoji, most likely
        return not INVISIBLE.match(character)
    return category[0] not in "ZM" and not _is_hidden(character)


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} or bool(INVISIBLE.match(character))
