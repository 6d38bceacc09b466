"""One whole `submit`: facts, rules, word list, scores, and ten stored comments that nearly say the same."""

from functools import partial

from django.db import transaction
import pytest

from comments.identity import Reader
from comments.models import Comment, Shingle, WordListEntry
from comments.submission.collect_facts import SubmittedComment, hash_text
from comments.submission.submit import submit
from comments.text.fingerprints import TextFingerprint
from comments.text.patterns import EntryKind
from tests.abuse.growth import HUGE, LARGE, SMALL, growth_between, without_garbage_collection
from tests.abuse.hostile_text import KINDS

COSTLY = [
    "a letter",
    "letters and digits with dots",
    "numbers with hyphens",
    "Chinese without blanks",
    "words",
    "words that differ",
    "one bracket, then words",
    "nested quotes",
    "addresses",
    "ligatures that unfold",
    "combining marks out of order",
    "a mixture",
]
STORED = 10
READER = Reader(device="0" * 32, network="1" * 32)


@pytest.fixture(autouse=True)
def _lists(db, settings):
    settings.COMMENT_MAX_LENGTH = HUGE
    for kind, value in [(EntryKind.WORD, "viagra"), (EntryKind.PHRASE, "word and word"), (EntryKind.WILDCARD, "aaa*")]:
        WordListEntry.objects.create(kind=kind, value=value)


def store_alike(article, text):
    comments = Comment.objects.bulk_create(
        Comment(article=article, name="x", text=text, text_hash=hash_text(f"{text} {n}"), device=f"device-{n}")
        for n in range(STORED)
    )
    keys = TextFingerprint.of(text).keys
    Shingle.objects.bulk_create(Shingle(key=key, comment=comment) for comment in comments for key in keys)
    return len(keys)


def send(article, text):
    with transaction.atomic():
        receipt = submit(article, SubmittedComment(text=text, name="Ada"), READER)
        transaction.set_rollback(True)
    return receipt.comment


@pytest.mark.parametrize("kind", COSTLY)
@pytest.mark.parametrize(("small", "large"), [(SMALL, LARGE), (LARGE, HUGE)])
def test_it_is_linear(article, kind, small, large):
    texts = [KINDS[kind](size) for size in (small, large)]
    for text in texts:
        store_alike(article, text)
        send(article, text)
    with without_garbage_collection():
        found = growth_between(partial(send, article), kind, *texts)
    assert not found.is_superlinear, found


def test_ten_stored_comments_are_compared(article):
    text = KINDS["words that differ"](LARGE)
    assert store_alike(article, text)
    submit(article, SubmittedComment(text=text, name="Ada"), READER)
    assert Comment.objects.exclude(cluster=None).count() == STORED + 1


def test_what_is_compared_has_an_end():
    assert len(TextFingerprint.of(KINDS["Chinese without blanks"](HUGE)).words) == len(
        TextFingerprint.of(KINDS["Chinese without blanks"](2 * HUGE)).words
    )
