"""Excerpts of readers' texts for emails, without anything that a mail program would turn into a link."""

from __future__ import annotations

import re
import unicodedata

from articles.text import truncate
from comments.text.clean import remove_controls

_EXCERPT_LENGTH = 400
_PLACEHOLDER = "[…]"
_WORD = re.compile(r"\S+")
# A scheme, or two labels with a dot between them. The last label is of letters, for any top-level domain.
_ADDRESS = re.compile(r"://|\b(?:mailto|tel|sms|javascript|data):|[^\W_][\w-]{0,62}\.[^\W\d_]{2,}|[\w+-]@[\w-]")


def make_excerpt(text: str, *, length: int = _EXCERPT_LENGTH) -> str:
    """Return the beginning of the text, with addresses of any kind replaced by `[…]`. Not escaped for HTML."""
    return truncate(_WORD.sub(_without_link, remove_controls(text[: length * 4])), length)


def excerpt_name(name: str) -> str:
    """Return the name on one line."""
    return " ".join(make_excerpt(name).split())


def _without_link(word: re.Match[str]) -> str:
    plain = unicodedata.normalize("NFKC", word[0]).replace("。", ".")
    plain = "".join(character for character in plain if unicodedata.category(character) != "Cf")
    return _PLACEHOLDER if _ADDRESS.search(plain) else word[0]
