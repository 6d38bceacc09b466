"""False positives of the word list: undisguised words match no other word, since a hit may refuse a comment."""

import pytest

from comments.text.matcher import Matcher, MatcherEntry
from comments.text.patterns import EntryKind, normalize_entry

REFUSED = [
    "ass",
    "cant",
    "hell",
    "id",
    "ill",
    "penis",
    "rapist",
    "shed",
    "shell",
    "shit",
    "slut",
    "therapist",
    "were",
    "whore",
    "wont",
]
ORDINARY = [
    "I think he'll win.",
    "She’ll be there, I'll see.",
    "We're late; who're you? Who’re they?",
    "I’d say he'd better; she'd know.",
    "You can't, I won't.",
    "The pen.Is it mine?",
    "The pen. Is it mine?",
    "I lost the pen,is it here?",
    "Where is the pen?is it mine?",
    "The pen/is mightier than the sword",
    "My pen—is it here?",
    "My pen–is it here?",
    "My pen...is it here?",
    "My pen…is it here?",
    "He said “my pen.”Is it?",
    "It is written as/s",
    "Was that the rap.Ist das so?",
    "the\u200bpen.is",
    "See the.rapist.example",
    "I'll/he'll",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_writing_is_no_other_word(text):
    matcher = Matcher([MatcherEntry(number, EntryKind.WORD, word) for number, word in enumerate(REFUSED)])
    assert [REFUSED[number] for number in matcher.find(text)] == (["rapist"] if "rapist" in text else [])
    assert not Matcher([MatcherEntry(0, EntryKind.WILDCARD, "pen*s")]).find(text)


@pytest.mark.parametrize(
    ("value", "text", "found"),
    [
        ("he'll", "he’ll hell he-ll shell", ["he’ll", "hell", "he-ll"]),
        ("hell", "he’ll hell h.e.l.l he-ll", ["hell", "h.e.l.l", "he-ll"]),
        ("cialis", "c'i'a'l'i's", ["c'i'a'l'i's"]),
        ("cialis", "ci.al.is vi.al.is <b>c.i.a.l.i.s</b>", ["ci.al.is", "c.i.a.l.i.s"]),
        (
            "evil.example",
            "evil.example evil[.]example v1sit ev1l.example",
            ["evil.example", "evil[.]example", "ev1l.example"],
        ),
    ],
)
def test_an_entry_finds_what_it_was_typed_with_and_disguises(value, text, found):
    places = Matcher([MatcherEntry(0, EntryKind.WORD, value)]).find(text)[0]
    assert [text[start:end] for start, end in places] == found


def test_an_asterisk_does_not_reach_over_a_joint_but_may_stand_behind_one():
    text = "evil.example evil.org"
    places = Matcher([MatcherEntry(0, EntryKind.WILDCARD, "evil.ex*")]).find(text)[0]
    assert [text[start:end] for start, end in places] == ["evil.example"]


def test_a_contraction_may_be_listed_beside_the_word_without_its_apostrophe():
    assert (
        normalize_entry(EntryKind.WORD, "he'll")
        == normalize_entry(EntryKind.WORD, "HE’LL")
        != normalize_entry(EntryKind.WORD, "hell")
    )
