"""Whether anything of a text can be seen."""

from __future__ import annotations

import re
import unicodedata

# Letters by Unicode's table that no font shows: Hangul fillers and the empty Braille cell, and code points
# that are reserved to be ignored (Unicode's Default_Ignorable_Code_Point). And the note of music without a head.
INVISIBLE = re.compile("[\U0001d159\u115f\u1160\u3164\uffa0\u2800\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")


def is_blank(text: str) -> bool:
    """Whether nothing of this can be seen: spaces, format characters, fillers, or marks without a letter."""
    return not any(_is_visible(character) for character in text)


def _is_visible(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Cn":  # not yet in this Python's tables: a newer emoji, most likely
        return not INVISIBLE.match(character)
    return category[0] not in "ZM" and category not in {"Cc", "Cf", "Cs"} and not INVISIBLE.match(character)
