"""Search for comments that contain all given words or parts of words, in any language, ignoring case."""

from __future__ import annotations

import re

from django.db import connection
from django.db.models import Q

MAX_SEARCH_LENGTH = 200  # characters, all words together
_TRIGRAM = re.compile(r"[^\W_]{3}")


def contains_all_words(words: str) -> Q:
    """Return a condition for all words. No character is a wildcard.

    LIKE in SQLite ignores case only for ASCII.
    """
    if connection.vendor == "sqlite":
        return Q(*(Q(text__iregex=re.escape(word)) for word in words.split()))
    return Q(*(Q(text__icontains=word) for word in words.split()))


def indexable_words(words: str) -> str:
    """Return the words that the trigram index can find: see the migration text_index.

    A word without three consecutive letters or digits has no trigram. PostgreSQL would read the whole index for it.
    """
    if connection.vendor != "postgresql":
        return ""
    return " ".join(word for word in words.split() if _TRIGRAM.search(word))
