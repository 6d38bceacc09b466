import re
import time

from hypothesis import assume, given
from hypothesis import strategies as st
import pytest

from comments.text.normalize import NormalizedText

HOSTILE = [
    "z" + "\u0300" * 4999,
    "a" * 5000,
    "1" * 5000,
    "a1" * 2500,
    "a " * 2500,
    "a." * 2500,
    "a!" * 2500,
    "!a" * 2500,
    "." * 5000,
    "-a-" * 1666,
    "\ufdfa" * 5000,  # one character that stands for eighteen
    "aa1 " + "b" * 4990,
    "漢" * 5000,
    "🤡" * 5000,
    "".join(map(chr, range(0x2000, 0x2000 + 5000))),
]


@given(st.text(max_size=200) | st.text(alphabet="a1@!. -iïI‑\u200b\u0301", max_size=200))
def test_any_place_of_any_reading_leads_into_the_text(text):
    folded = NormalizedText(text)
    readings = folded.variants()
    for line in readings:
        assert len(line) == len(folded.line)
    for begin, line in folded.segments():
        assert any(reading[begin:].startswith(line) for reading in readings)
    for place in range(len(folded.line)):
        start, end = folded.place(place, place + 1)
        assert 0 <= start < end <= len(text)


@given(st.text(max_size=100))
def test_case_is_no_difference_where_unicode_has_one_small_form(text):
    assume(not re.search(r"[A-Z]l|l[A-Z]|[a-z]I", text))  # l and I may replace each other there
    assert (
        NormalizedText(text.casefold()).line == NormalizedText(text).line
        or text.casefold().casefold() != text.casefold()
    )


def test_the_marks_on_a_letter_belong_to_it():
    text = "x c\u0301\u0301 y"
    folded = NormalizedText(text)
    place = folded.line.index("c")
    assert text[slice(*folded.place(place, place + 1))] == "c\u0301\u0301"


def test_far_from_a_digit_nothing_is_read_twice():
    text = "word " * 400 + "v1agra " + "word " * 400
    (begin, plain), (other_begin, other), _as_l = NormalizedText(text).segments()
    assert (begin, plain.count("word")) == (0, 800)
    assert "viagra" in other
    assert set(other.split()) == {"word", "viagra"}
    assert other.count("word") < 200
    assert other_begin + other.index("viagra") == text.index("v1agra")


@pytest.mark.parametrize("text", HOSTILE)
def test_time_is_linear(text):
    NormalizedText(text).variants()  # cached once for each character
    started = time.process_time()
    list(NormalizedText(text).segments())
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["हिन्दी", "ไทย", "한국어", "العربية"])
def test_vowels_of_other_scripts_are_kept(text):
    assert "-" not in NormalizedText(text).line
    assert " " not in NormalizedText(text).line
    assert NormalizedText("कि").line != NormalizedText("का").line
    assert NormalizedText("が").line != NormalizedText("か").line
