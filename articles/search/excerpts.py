"""Excerpts of search results with marked words. All other text is escaped."""

from __future__ import annotations

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from articles.search.tokenizer import Word, tokenize

EXCERPT_WORDS = 34
WORDS_BEFORE_HIT = 8


def highlight(text: str, hits: set[str]) -> SafeString:
    """Return the whole text with marked hits."""
    return _highlight_words(text, list(tokenize(text)), hits, 0, len(text))


def excerpt(text: str, hits: set[str]) -> SafeString:
    """Return the first excerpt with the most different hits; without hits, the beginning of the text."""
    words = list(tokenize(text))
    first = _best_start(words, hits)
    some = words[first : first + EXCERPT_WORDS]
    if not some:
        return mark_safe("")
    start = some[0].start if first else 0
    is_whole = first + EXCERPT_WORDS >= len(words)
    end = len(text) if is_whole else some[-1].end
    before, after = "… " if first else "", "" if is_whole else " …"
    return mark_safe(before + _highlight_words(text, some, hits, start, end) + after)


def _best_start(words: list[Word], hits: set[str]) -> int:
    best, most = 0, 0
    places = [place for place, word in enumerate(words) if word.normalized in hits]
    for place in places:
        start = max(0, place - WORDS_BEFORE_HIT)
        different = len({word.normalized for word in words[start : start + EXCERPT_WORDS]} & hits)
        if different > most:
            best, most = start, different
    return best


def _highlight_words(text: str, words: list[Word], hits: set[str], start: int, end: int) -> SafeString:
    parts, done = [], start
    for word in words:
        if word.normalized in hits:
            parts += [escape(text[done : word.start]), f"<mark>{escape(text[word.start : word.end])}</mark>"]
            done = word.end
    return mark_safe("".join([*parts, escape(text[done:end])]))
