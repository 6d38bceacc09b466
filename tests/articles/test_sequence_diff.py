from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from articles.history.sequence_diff import compare
from tests.conftest import examples

WORDS = st.lists(st.sampled_from("abcd"), max_size=12)


@settings(max_examples=examples(200), deadline=None)
@given(WORDS, WORDS, st.sampled_from([0, 3, 30]))
def test_the_runs_are_both_sequences_in_order(old, new, max_changes):
    runs = compare(old, new, max_changes=max_changes)
    assert [word for run in runs for word in old[run.old]] == old
    assert [word for run in runs for word in new[run.new]] == new
    assert all(old[run.old] == new[run.new] for run in runs if run.is_same)


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("the ferry was late again", "the ferry was late", "the ferry was late"),
        ("the ferry was late", "the old ferry was never late", "the ferry was late"),
        ("a b c d", "b c d a", "b c d"),
        ("one two", "three four", ""),
        ("", "one", ""),
    ],
)
def test_what_is_the_same_stays(old, new, same):
    first, second = old.split(), new.split()
    runs = compare(first, second, max_changes=100)
    assert " ".join(word for run in runs if run.is_same for word in first[run.old]) == same


def test_of_too_many_changes_only_the_beginning_and_the_end_are_the_same():
    old = ["begin", *"abcdefgh", "end"]
    new = ["begin", *"axbxcxdxexfxgxhx", "end"]
    assert [run.is_same for run in compare(old, new, max_changes=4)] == [True, False, True]
