"""Comments that have all of some words in them, or parts of words, in any language; capitals do not matter."""

from __future__ import annotations

import re

from django.db import connection
from django.db.models import Q

LONGEST = 200  # characters of all words
INDEXED = 3  # characters; PostgreSQL's trigrams find no fewer


def saying(words: str) -> Q:
    """Every character stands for itself. SQLite's own LIKE knows the capitals of English alone."""
    if connection.vendor == "sqlite":
        return Q(*(Q(text__iregex=re.escape(word)) for word in words.split()))
    return Q(*(Q(text__icontains=word) for word in words.split()))


def has_index(words: str) -> bool:
    """Whether the database finds these words by themselves, wherever they are: see the migration text_index."""
    return connection.vendor == "postgresql" and any(len(word) >= INDEXED for word in words.split())
