from hypothesis import given
from hypothesis import strategies as st
import pytest

from comments.classifier.explain import TokenizedText
from comments.classifier.features import (
    BUCKET_COUNT,
    MAX_NORMALIZED_GROWTH,
    MAX_SYMBOL_RUN,
    MAX_WORD_LENGTH,
    pair_bucket,
    text_buckets,
    tokenize,
    word_buckets,
)


def test_a_text_gives_its_words_their_pieces_and_pairs_of_them():
    assert text_buckets("Cheap pills") == {
        *word_buckets("cheap"),
        *word_buckets("pills"),
        pair_bucket("cheap", "pills"),
    }


def test_the_numbers_of_buckets_are_the_same_in_every_process_and_for_ever():
    """Stored models depend on these hashes: increase FORMAT when they change."""
    assert word_buckets("pill") == (120696, 59006, 91712, 48969, 77788, 131926, 108720)
    assert pair_bucket("cheap", "pills") == 121517


def test_case_width_and_ligatures_make_no_difference():
    assert text_buckets("ＣＨＥＡＰ ﬁne PILLS") == text_buckets("cheap fine pills")


def test_words_are_found_where_they_stand():
    text = "Wow!!! हिन्दी  naïve"
    assert [(text[word.start : word.end], word.normalized) for word in tokenize(text)] == [
        ("Wow", "wow"),
        ("!!!", "!!!"),
        ("हिन्दी", "हिन्दी"),
        ("naïve", "naïve"),
    ]


def test_a_long_run_of_punctuation_is_several_words():
    assert [len(word.normalized) for word in tokenize("!" * (MAX_SYMBOL_RUN + 2))] == [MAX_SYMBOL_RUN, 2]


def test_a_text_without_blanks_is_many_words_none_of_them_long():
    words = tokenize("x" * (2 * MAX_WORD_LENGTH + 1))
    assert [word.end - word.start for word in words] == [MAX_WORD_LENGTH, MAX_WORD_LENGTH, 1]
    assert max(len(word.normalized) for word in tokenize("ﷺ" * 1_000)) == MAX_WORD_LENGTH


def test_one_character_that_folds_to_eighteen_makes_no_more_than_a_few():
    assert [len(word.normalized) for word in tokenize("ﷺ ﷺa")] == [MAX_NORMALIZED_GROWTH, 2 * MAX_NORMALIZED_GROWTH]


@pytest.mark.parametrize("text", ["x" * 5_000, "ﷺ" * 5_000, "字" * 5_000, "!" * 5_000, "\u0300" * 5_000])
def test_no_word_gives_more_to_remember_than_a_few_dozen_numbers(text):
    """Memory limit: two thousand words are cached, with six megabytes at most."""
    assert max(len(word_buckets(word.normalized)) for word in tokenize(text)) < 2 * MAX_WORD_LENGTH


@given(st.text() | st.text("\ud800 \u0300a", max_size=9))
def test_any_text_has_buckets_and_the_words_that_gave_them(text):
    buckets = text_buckets(text)
    assert all(0 <= bucket < BUCKET_COUNT for bucket in buckets)
    assert {bucket for word in tokenize(text) for bucket in word_buckets(word.normalized)} <= buckets
    assert TokenizedText(text).buckets == buckets
