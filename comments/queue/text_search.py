"""Comments that have all of some words in them, or parts of words, in any language; capitals do not matter."""

from __future__ import annotations

import re

from django.db import connection
from django.db.models import Q

MAX_SEARCH_LENGTH = 200  # characters of all words
_TRIGRAM = re.compile(r"[^\W_]{3}")


def contains_all_words(words: str) -> Q:
    """Every character stands for itself. SQLite's own LIKE knows the capitals of English alone."""
    if connection.vendor == "sqlite":
        return Q(*(Q(text__iregex=re.escape(word)) for word in words.split()))
    return Q(*(Q(text__icontains=word) for word in words.split()))


def indexable_words(words: str) -> str:
    """Those of the words that the database finds by themselves, wherever they are: see the migration text_index. A
    word without three letters or digits in a row has no trigram: asked for it, PostgreSQL reads the whole index.
    """
    if connection.vendor != "postgresql":
        return ""
    return " ".join(word for word in words.split() if _TRIGRAM.search(word))
