import itertools
import random
import re
import tomllib

import pytest

from comments.text.fingerprints import MAX_KEYS, TextFingerprint
from newsite.demo.loader import CONTENT

SAID = "The mayor sold our harbour to his friends, and nobody at the council dares to say so. Vote them out!"


def like(one: str, other: str) -> bool:
    """Compare by fingerprint, then by words, as `clusters.alike` does."""
    first, second = TextFingerprint.of(one), TextFingerprint.of(other)
    return not set(first.keys).isdisjoint(second.keys) and first.is_similar(second)


@pytest.mark.parametrize(
    "varied",
    [
        SAID.upper(),
        SAID.replace(" ", "  \n"),
        f"{SAID} 😀🔥",
        f"12 {SAID} 4711",
        f"{SAID} https://a.example/x?1",
        f"www.other.example {SAID} see other.example",
        SAID.replace("harbour", "river"),
        SAID.replace("mayor", "mаyor"),  # with a Cyrillic letter
        SAID.replace("harbour", "river").replace("friends", "cousins"),
        SAID.replace(".", "!!!").replace(",", ""),
        f"Well, {SAID}",
        SAID.replace("Vote them out!", "").replace("council", "co\u00adun\u200bcil"),
    ],
)
def test_small_variations_are_like_it(varied):
    assert like(SAID, varied)


@pytest.mark.parametrize(
    "other",
    [
        "The mayor sold our harbour to his friends? I was at the meeting, it was leased, and for ten years only.",
        "Nobody at the council dares to say so, but the ferry has been late every day since the spring.",
        f"“{SAID}” – no, that is not true, as anybody knows who has read what the council has written about it.",
        f"> {SAID}\nNo, that is not true, as anybody knows who has read what the council has written.",
        "",
        "😀😀😀 12 https://a.example",
    ],
)
def test_what_says_something_else_is_not(other):
    assert not like(SAID, other)


QUOTED = ["“{}”", '"{}"', "«{}»", "> {}", "> {}\n> And more.", "“{}” So true!", "> {}\nExactly what I think.", "„{}“"]


@pytest.mark.parametrize("form", QUOTED)
def test_a_quotation_counts_where_little_else_is_said(form):
    assert like(form.format(SAID), form.format(SAID.replace("harbour", "river")))
    assert like(form.format(SAID), SAID)


@pytest.mark.parametrize("form", QUOTED)
def test_a_quotation_is_repeated_whatever_is_said_besides(form):
    quoted = f"{SAID} And tell your neighbours, your friends and all of your family about it today."
    added = ["What a fine sunny day this was for us.", "My dog has been asleep there since noon."]
    first, second = (TextFingerprint.of(f"{form.format(quoted)}\n{words}") for words in added)
    assert not first.is_similar(second)
    assert first.repeats(second)
    assert not set(first.keys).isdisjoint(second.keys)
    assert first.repeats(TextFingerprint.of(quoted))
    assert TextFingerprint.of(quoted).repeats(first)


@pytest.mark.parametrize(
    "text", ["Great article!", "Thank you so", "+1", "👍👍👍👍", "RIP", "https://a.example 1 2 3 4 5"]
)
def test_what_says_too_little_is_like_nothing(text):
    assert not TextFingerprint.of(text).keys
    assert not like(text, text)


def test_few_words_are_like_the_same_words_alone():
    assert like("Thank you all so much!", "THANK you, all so much 😀")
    assert not like("Thank you all so much!", "Thank you both so much!")


def test_a_comment_has_few_keys_however_long_it_is():
    words = [f"{a}{b}" for a, b in itertools.product("abcdefghij", "klmnopqrst")]
    assert len(TextFingerprint.of(" ".join(words * 9)).keys) == MAX_KEYS


def test_of_the_demos_comments_no_two_are_alike_but_the_one_that_was_written_to_be():
    texts = {re.sub(r"\s+", " ", text).strip() for text in demo_comments()}
    assert len(texts) > 90
    assert [pair for pair in itertools.combinations(sorted(texts), 2) if like(*pair)] == []


def demo_comments():
    files = sorted((CONTENT / "articles").glob("*.toml"))
    return [comment["text"] for file in files for comment in tomllib.loads(file.read_text()).get("comments", [])]


def test_two_words_of_fourteen_changed_anywhere_are_found_nearly_always():
    chance = random.Random(1)
    words = SAID.split()[:14]
    found = 0
    for _ in range(200):
        changed = list(words)
        for place in chance.sample(range(14), 2):
            changed[place] = chance.choice(["river", "quay", "stone", "bridge"])
        found += like(" ".join(words), " ".join(changed))
    assert found > 180
