from hypothesis import given
from hypothesis import strategies as st
import pytest

from comments.classifier.explain import Reading
from comments.classifier.features import (
    BUCKETS,
    GROWTH,
    LONGEST_RUN,
    LONGEST_WORD,
    buckets_of,
    pair_bucket,
    word_buckets,
    words_of,
)


def test_a_text_gives_its_words_their_pieces_and_pairs_of_them():
    assert buckets_of("Cheap pills") == {*word_buckets("cheap"), *word_buckets("pills"), pair_bucket("cheap", "pills")}


def test_the_numbers_of_buckets_are_the_same_in_every_process_and_for_ever():
    """Else lessons that were stored would say something else: whoever breaks this moves FORMAT."""
    assert word_buckets("pill") == (120696, 59006, 91712, 48969, 77788, 131926, 108720)
    assert pair_bucket("cheap", "pills") == 121517


def test_case_width_and_ligatures_make_no_difference():
    assert buckets_of("ＣＨＥＡＰ ﬁne PILLS") == buckets_of("cheap fine pills")


def test_words_are_found_where_they_stand():
    text = "Wow!!! हिन्दी  naïve"
    assert [(text[word.start : word.end], word.folded) for word in words_of(text)] == [
        ("Wow", "wow"),
        ("!!!", "!!!"),
        ("हिन्दी", "हिन्दी"),
        ("naïve", "naïve"),
    ]


def test_a_long_run_of_punctuation_is_several_words():
    assert [len(word.folded) for word in words_of("!" * (LONGEST_RUN + 2))] == [LONGEST_RUN, 2]


def test_a_text_without_blanks_is_many_words_none_of_them_long():
    words = words_of("x" * (2 * LONGEST_WORD + 1))
    assert [word.end - word.start for word in words] == [LONGEST_WORD, LONGEST_WORD, 1]
    assert max(len(word.folded) for word in words_of("ﷺ" * 1_000)) == LONGEST_WORD


def test_one_character_that_folds_to_eighteen_makes_no_more_than_a_few():
    assert [len(word.folded) for word in words_of("ﷺ ﷺa")] == [GROWTH, 2 * GROWTH]


@pytest.mark.parametrize("text", ["x" * 5_000, "ﷺ" * 5_000, "字" * 5_000, "!" * 5_000, "\u0300" * 5_000])
def test_no_word_gives_more_to_remember_than_a_few_dozen_numbers(text):
    """Two thousand words are remembered: of these, six megabytes at most."""
    assert max(len(word_buckets(word.folded)) for word in words_of(text)) < 2 * LONGEST_WORD


@given(st.text() | st.text("\ud800 \u0300a", max_size=9))
def test_any_text_has_buckets_and_the_words_that_gave_them(text):
    buckets = buckets_of(text)
    assert all(0 <= bucket < BUCKETS for bucket in buckets)
    assert {bucket for word in words_of(text) for bucket in word_buckets(word.folded)} <= buckets
    assert Reading(text).buckets == buckets
