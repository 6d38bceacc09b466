import time

from hypothesis import given
from hypothesis import strategies as st
import pytest

from articles.text import is_blank
from comments.text.clean import clean_name, clean_text


@pytest.mark.parametrize(
    "blank",
    [
        "",
        "   \t\n",
        "\u00a0\u2003",  # no-break and em space
        "\u200b\u2060\ufeff",  # zero-width
        "\u3164\uffa0\u115f\u1160",  # Hangul fillers
        "\u2800",  # the empty Braille cell
        "\U0001d159",  # a note of music without a head
        "\u0301\u0308",  # combining marks without a letter
        "\u202e\u202c",  # directional controls
        "\x00\x07",
        "\U000e0041",  # a tag character
    ],
)
def test_what_nobody_can_see_is_blank(blank):
    assert is_blank(blank)
    assert clean_text(blank) == ""
    assert clean_name(blank) == ""


@pytest.mark.parametrize("seen", ["a", "?", "🙂", "\U0001fae8", "ا", "한", "1", "👨‍👩‍👧"])
def test_what_can_be_seen_is_not_blank(seen):
    assert not is_blank(seen)
    assert clean_text(seen) == seen
    assert clean_name(seen) == seen


def test_every_kind_of_line_break_is_one_character():
    assert clean_text("a\r\nb\rc\nd\u2028e") == "a\nb\nc\nd\ne"


def test_control_characters_do_not_reach_the_database():
    assert clean_text("a\x00b\x07c\x1fd\x7fe\x9ff\ufffe") == "abcdef"
    assert clean_name("a\x00b\x07c\x1fd\x7fe\x9ff") == "abcd" + "ef"


def test_a_text_keeps_its_blanks_inside():
    assert clean_text("  one\n\n  two  \n") == "one\n\n  two"


def test_a_name_is_one_line():
    assert clean_name("Ada\r\nBcc: x@y\u2028Lovelace\u2029\x85!") == "Ada Bcc: x@y Lovelace !"
    assert clean_name("\n" * 50 + "Ada") == "Ada"


def test_nothing_in_a_name_turns_the_text_around_it():
    assert clean_name("\u202eevil\u2066\u200f") == "evil"


def test_a_tower_of_marks_on_a_letter_is_cut():
    assert clean_name("Z" + "\u0300" * 500) == clean_name("Z" + "\u0300" * 4)


def test_a_tower_of_any_height_takes_no_time():
    started = time.perf_counter()
    for marks in ("\u0301" * 60_000 + "\u0316" * 60_000, "\u0301\u0316" * 250_000):
        assert len(clean_name("a" + marks)) <= 5
        clean_text("a" + marks)
    assert time.perf_counter() - started < 5  # unicodedata's NFC alone would take 20 s


def test_joiners_inside_a_name_stay():
    assert clean_name("می\u200cخواهم") == "می\u200cخواهم"


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_name(clean_name(text)) == clean_name(text)


@given(st.text())
def test_what_is_left_is_seen_or_empty(text):
    for cleaned in (clean_text(text), clean_name(text)):
        assert cleaned == "" or not is_blank(cleaned)
        assert "\x00" not in cleaned
        assert "\r" not in cleaned
    assert "\n" not in clean_name(text)


@pytest.mark.parametrize("filler", ["\u3164", "\u115f", "\u1160", "\uffa0", "\u2800", "\U0001d159"])
def test_what_no_font_shows_is_not_kept_in_a_name(filler):
    assert clean_name(f"{filler}Ada{filler} L{filler}ove") == "Ada Love"


EMPTY = [
    "",
    " ",
    "\t",
    "\u00a0\u3000",
    "\u200b",
    "\u2060\ufeff",
    "\u3164",
    "\u2800",
    "\u0301",
    "\U000e0041",
    "\u202e",
    "\u00ad",
]


@pytest.mark.parametrize("empty", EMPTY)
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\u2029"])
def test_of_lines_that_look_empty_one_is_left(empty, line_break):
    run = line_break + f"{empty}{line_break}" * 500
    assert clean_text(f"{run}one{run}two{run}") == "one\n\ntwo"
    assert clean_text(f"one{line_break}{empty}{line_break}two") == "one\n\ntwo"


def test_kinds_of_empty_lines_are_no_more_than_one():
    assert clean_text("one\n" + "\n".join(EMPTY) + "\ntwo") == "one\n\ntwo"


@pytest.mark.parametrize(
    "text",
    [
        "one\ntwo\n\nthree",
        "one\n    indented",
        "> quoted\n>\n> more",
        "-\n-\n-",
        "a\u200db\n👨\u200d👩\u200d👧\n❤\ufe0f 1\ufe0f\u20e3",
        "Việt Nam: ế ộ",
        "בְּרֵאשִׁ֖ית בָּרָ֣א",
        "بِسْمِ ٱللَّهِ",
        "ཨོཾ་མ་ཎི་པདྨེ་ཧཱུྃ",
        "ที่นี่",
    ],
)
def test_what_can_be_seen_stays_as_it_is(text):
    assert clean_text(text) == text


def test_a_tower_of_marks_in_a_text_is_cut():
    assert clean_text("Z" + "\u0300\u0301" * 200 + "algo") == "Z" + "\u0300\u0301" * 4 + "algo"
