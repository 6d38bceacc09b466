from hypothesis import given
from hypothesis import strategies as st

from comments.learning.evidence import Reading
from comments.learning.features import BUCKETS, LONGEST_RUN, buckets_of, pair_bucket, word_buckets, words_of


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


@given(st.text() | st.text("\ud800 \u0300a", max_size=9))
def test_any_text_has_buckets_and_the_words_that_gave_them(text):
    buckets = buckets_of(text)
    assert all(0 <= bucket < BUCKETS for bucket in buckets)
    assert {bucket for word in words_of(text) for bucket in word_buckets(word.folded)} <= buckets
    assert Reading(text).buckets == buckets
