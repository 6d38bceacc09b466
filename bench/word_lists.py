"""Ten thousand listed words, phrases, wildcards and domains against one comment: python -m bench.word_lists

Prints milliseconds of processor time to build the matcher and, once it is built, per comment of 5,000 characters
(median and worst of 101): text alone, without the database. The words are made up, by the same few rules.
"""

from __future__ import annotations

import random
import statistics
import time

from comments.text.matcher import Matcher, MatcherEntry
from comments.text.normalize import NormalizedText

ENTRIES = 10_000
LENGTH = 5_000
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "bu",
    "da",
    "de",
    "di",
    "do",
    "du",
    "ka",
    "ke",
    "ki",
    "ko",
    "ku",
    "la",
    "le",
    "li",
    "lo",
    "lu",
    "ma",
    "me",
    "mi",
    "mo",
    "mu",
    "na",
    "ne",
    "ni",
    "no",
    "nu",
    "ra",
    "re",
]


def main() -> None:
    chance = random.Random(1)
    NormalizedText("tables are read when first used: ё").variants()
    entries = [MatcherEntry(number, *entry(number, chance)) for number in range(ENTRIES - 1)]
    entries.append(MatcherEntry(ENTRIES, "word", "cialis"))
    started = time.process_time()
    matcher = Matcher(entries)
    print(f"{ENTRIES:,} entries, built in {(time.process_time() - started) * 1000:.0f} ms")
    print(f"{'comment':34}{'median ms':>10}{'worst':>8}{'found':>7}")
    for name, text in comments(chance).items():
        times = []
        for _ in range(101):
            started = time.process_time()
            found = matcher.find(text)
            times.append((time.process_time() - started) * 1000)
        print(f"{name:34}{statistics.median(times):10.2f}{max(times):8.2f}{len(found):7}", flush=True)


def entry(number: int, chance: random.Random) -> tuple[str, str]:
    match number % 10:
        case 0 | 1:
            return "phrase", f"{word(chance)} {word(chance)}"
        case 2:
            return "wildcard", f"{word(chance)}x*{word(chance)[:2]}"
        case 3:
            return "domain", f"{word(chance)}{number}.example"
    return "word", f"{word(chance)}{word(chance)}"


def word(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def comments(chance: random.Random) -> dict[str, str]:
    def prose(sentence: str = "", *, once: str = "") -> str:
        text = once
        while len(text) < LENGTH:
            text += " ".join(word(chance) for _ in range(12)) + f". {sentence}"
        return text[:LENGTH]

    def tricks() -> str:
        text = ""
        while len(text) < LENGTH:
            one, two, three, four = (word(chance) for _ in range(4))
            text += (
                f"{one.replace('a', '@').replace('i', '1')} {'.'.join(two)} {' '.join(three)} {four[:3]}ooo{four[3:]} "
            )
        return text[:LENGTH]

    return {
        "prose": prose(),
        "prose with numbers, hyphens": prose("It wasn't 1 of the 200, was it? Well-known! "),
        "the same with one C1alis": prose("It wasn't 1 of the 200, was it? Well-known! ", once="C1alis. "),
        "Cyrillic": "".join(chance.choice("абвгдежзиклмн      ") for _ in range(LENGTH)),
        "every word a trick": ("v1@gr4 c.i.a.l.i.s c i a l i s viiiagra " * 200)[:LENGTH],
        "every word another trick": tricks(),
        "one letter and a tower of marks": "z" + "\u0300" * (LENGTH - 1),
        "5,000 times the same letter": "a" * LENGTH,
        "5,000 exclamation marks": "!" * LENGTH,
        "single letters": "a " * (LENGTH // 2),
        "a.a.a.": "a." * (LENGTH // 2),
    }


if __name__ == "__main__":
    main()
