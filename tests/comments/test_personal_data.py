"""Personal data: complete export and complete erasure. The whole database is searched afterwards."""

from io import StringIO
import json
import stat

from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import CommandError, call_command
from django.utils import timezone
import pytest

from comments import rate_limits
from comments.identity import Reader, hash_network
from comments.imports.importer import CommentImporter
from comments.imports.records import ImportedCommentData, device_of_email
from comments.models import (
    AkismetRequest,
    BackgroundJob,
    Block,
    BulkItem,
    Comment,
    ConfirmationRequest,
    Conversation,
    Decision,
    NewDevicePost,
    Note,
    Notification,
    RateLimitEvent,
    Recommendation,
    Report,
    Shingle,
    Subscription,
    SuppressedAddress,
)
from comments.models.notification import address_key
from comments.moderation.decide import decide
from comments.moderation.redaction import redact
from comments.privacy import erase
from comments.privacy.verify import find_occurrences
from comments.readers.edits import edit
from comments.readers.recommendations import recommend
from comments.readers.reports import report
from comments.statuses import Cause, Status
from tests.conftest import make_article, make_comment
from tests.support.notifications import create_subscription

pytestmark = pytest.mark.django_db

DEVICE = "5e0000000123456789abcdef01234567"
ADDRESS = "zuleika.dobson@judas.example"
NETWORK = hash_network("198.51.100.7")
NAME = "Zuleika Dobson"
SAID = [f"Word{number}quux said by Zuleika, “größer”" for number in range(8)]
ZULEIKA = Reader(DEVICE, NETWORK)


def written(article, number, **fields):
    defaults = {"device": DEVICE, "network": NETWORK, "name": NAME, "text": SAID[number]}
    return make_comment(article, **{**defaults, **fields})


@pytest.fixture
def article(db):
    return make_article()


@pytest.fixture
def life(article, moderator, monkeypatch):
    """Create every kind of data that one reader can leave on the site."""
    monkeypatch.setattr(rate_limits, "YOUNG_DEVICE_COMMENTS_PER_MINUTE", 100)
    opening = written(article, 0, recommendations=1)
    theirs = make_comment(article, parent=opening, text="An answer to her", device="graces", network="of grace")
    written(article, 1, status=Status.PENDING, parent=theirs)
    spam = written(article, 2, status=Status.SPAM)
    decide(written(article, 3), Status.REJECTED, actor=moderator, reason=f"{NAME} again", author_message=f"Dear {NAME}")
    decide(written(article, 4), Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    edited = written(article, 5)
    edit(edited, SAID[6], ZULEIKA)
    redacted = written(article, 7)
    redact(redacted, SAID[7].replace("Word7quux ", ""), actor=moderator)
    finding = {
        "rule": "comments.rules.builtin.matches_word_list",
        "outcome": "spam",
        "detail": SAID[2],
        "matched": ["Word2quux"],
    }
    spam.decisions.update(findings=[finding])
    Note.objects.create(comment=opening, actor=moderator, text=f"{NAME} is a regular")
    Shingle.objects.create(comment=opening, key=7)
    recommend(theirs.pk, ZULEIKA)
    recommend(opening.pk, Reader("graces", "of grace"))
    report(theirs.pk, ZULEIKA, "other", f"{NAME} complains")
    report(opening.pk, Reader("graces", "of grace"), "other", f"That {NAME}!")
    RateLimitEvent.objects.create(device=DEVICE, network=NETWORK)
    NewDevicePost.objects.create(article=article, device=DEVICE, network=NETWORK)
    subscription = create_subscription(DEVICE, ADDRESS)
    ConfirmationRequest.objects.create(address_key=address_key(ADDRESS), device=DEVICE, network=NETWORK)
    SuppressedAddress.objects.create(address_key=address_key(ADDRESS))
    letter = Notification.objects.create(kind="reply", subscription=subscription, comment=theirs)
    request = AkismetRequest.objects.create(
        comment=spam, state="failed", encrypted_data="encrypted_data", last_error="x"
    )
    blocks = [
        Block.objects.create(kind=kind, value=value, key=key, reason=f"{NAME} overdid it")
        for kind, value, key in [
            ("device", DEVICE, DEVICE),
            ("network", NETWORK, NETWORK),
            ("name", NAME, opening.name_key),
        ]
    ]
    fields = {"kind": "device", "value": DEVICE}
    BackgroundJob.objects.create(
        kind="backtest",
        title=f"What “device {DEVICE}” would have caught",
        actor=moderator,
        parameters={"subject": "block", "pk": None, "fields": fields, "newest": 1000},
    )
    bulk = BackgroundJob.objects.create(kind="bulk", title="Approve", actor=moderator)
    BulkItem.objects.create(job=bulk, comment=spam, version=1, open_reports=0, problem=f"“{spam}” is already spam")
    LogEntry.objects.log_actions(moderator.pk, [letter, request, *blocks], CHANGE, change_message=f"Of {ADDRESS}")
    return article


NEEDLES = [
    DEVICE,
    NETWORK,
    ADDRESS,
    "judas.example",
    NAME,
    "Zuleika",
    address_key(ADDRESS),
    "z…@judas",
    *[f"Word{number}quux" for number in range(8)],
]


def everything_found():
    return {found.needle for found in find_occurrences(NEEDLES)}


def person(*words, **options):
    said = StringIO()
    call_command("personal_data", *words, stdout=said, **options)
    return said.getvalue()


def test_a_search_of_the_whole_database_finds_what_was_left_behind(life):
    assert everything_found() == set(NEEDLES)


def test_every_table_that_keeps_devices_holds_theirs(life):
    keeping = [
        model
        for model in apps.get_app_config("comments").get_models()
        if not model._meta.proxy and "device" in {field.name for field in model._meta.get_fields()}
    ]
    assert len(keeping) > 5
    assert [model for model in keeping if not model._default_manager.filter(device=DEVICE).exists()] == []


@pytest.mark.parametrize("who", [("--device", DEVICE), ("--email", ADDRESS.upper()), ("--comment", None)])
def test_after_erasing_a_search_of_the_whole_database_finds_nothing(life, who):
    option, value = who
    value = value or str(Comment.objects.filter(device=DEVICE).latest("pk").pk)
    said = person(option, value, "erase")
    assert everything_found() == set()
    assert "Still found" not in said
    assert not Subscription.objects.exists()
    assert not Block.objects.exists()


def test_the_thread_stays_readable_and_the_counts_are_right(life, client):
    person("--device", DEVICE, "erase")
    page = client.get(life.get_absolute_url()).text
    assert "This comment has been removed." in page
    assert "An answer to her" in page
    conversation = Conversation.objects.get(article=life)
    assert conversation.public_count == Comment.objects.approved().count() == 1
    theirs = Comment.objects.approved().get()
    assert (theirs.recommendations, theirs.open_reports) == (0, 0)
    assert not Recommendation.objects.filter(device=DEVICE).exists()
    assert Comment.objects.filter(anonymized_at=None).get() == theirs


def test_what_moderators_decided_stays_as_numbers(life, moderator):
    before = list(Decision.objects.values_list("from_status", "to_status", "actor", "at", "wait_time"))
    person("--device", DEVICE, "erase")
    after = list(
        Decision.objects.exclude(cause=Cause.WITHDRAWN).values_list(
            "from_status", "to_status", "actor", "at", "wait_time"
        )
    )
    assert set(after) <= set(before)
    assert Decision.objects.filter(actor=moderator, to_status=Status.REJECTED).exists()
    kept = Decision.objects.get(to_status=Status.SPAM).findings
    assert kept == [
        {"rule": "comments.rules.builtin.matches_word_list", "outcome": "spam", "detail": "", "matched": []}
    ]


def test_others_keep_theirs(life):
    other = create_subscription("graces", "grace@example.org")
    shared = make_comment(life, network=NETWORK, name=NAME, device="graces")
    person("--device", DEVICE, "erase")
    assert Subscription.objects.get() == other
    assert Comment.objects.get(pk=shared.pk).name == NAME
    assert {block.kind for block in Block.objects.all()} == {"network", "name"}  # they are not hers alone
    assert Report.objects.get().device == "graces"


def test_others_who_quote_them_are_named(life):
    make_comment(life, text=f"She said: {SAID[0]}")
    assert "Still found in comments_comment (1 rows)" in person("--device", DEVICE, "erase")


def test_whoever_typed_a_strangers_address_is_not_that_stranger(article):
    written(article, 0)
    create_subscription(DEVICE, ADDRESS, confirmed_at=None)
    person("--email", ADDRESS, "erase")
    assert Comment.objects.get().text == SAID[0]
    assert not Subscription.objects.exists()


def test_a_comment_without_a_device_goes_alone(article):
    imported = written(article, 0, device="", network="")
    other = written(article, 1, device="", network="")
    person("--comment", str(imported.pk), "erase")
    assert Comment.objects.filter(anonymized_at=None).get() == other


def test_what_was_imported_under_an_address_is_found_by_it_and_does_not_come_back(article):
    device = device_of_email(ADDRESS)
    theirs = {"key": "7", "article": article.pk, "name": NAME, "at": timezone.now()}
    for text in SAID[:2]:
        incoming = ImportedCommentData(**theirs, text=text, status=Status.APPROVED, device=device)
        intake = CommentImporter("old", lambda *said: None)
        intake.add(incoming)
        intake.finish()
        if text == SAID[0]:
            person("--email", ADDRESS.upper(), "erase")
    assert everything_found() == set()
    assert intake.counts["kept"] == 1


def test_a_dry_run_only_counts(life):
    said = person("--device", DEVICE, "erase", dry_run=True)
    assert "7  comments" in said
    assert everything_found() == set(NEEDLES)


def test_what_is_cached_goes_too(life, client):
    client.get(life.get_absolute_url())
    person("--device", DEVICE, "erase")
    assert SAID[0] not in client.get(life.get_absolute_url()).text


def test_the_export_holds_all_of_it_and_is_for_its_owner_alone(life, tmp_path):
    path = tmp_path / "person.json"
    person("--email", ADDRESS, "export", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_text()
    for needle in [DEVICE, NETWORK, ADDRESS, NAME, *SAID[:5]]:
        assert needle in content
    exported = json.loads(content)
    assert len(exported["comments"]) == 7
    assert {len(exported[name]) for name in ("recommendations", "reports", "subscriptions", "notifications")} == {1}
    assert len(exported["blocks"]) == 3
    assert "An answer to her" not in content
    with pytest.raises(CommandError, match="File exists"):
        person("--email", ADDRESS, "export", str(path))


@pytest.mark.parametrize("who", [("--device", "nobody"), ("--email", "nobody@example.org"), ("--comment", "1000000")])
def test_of_whom_nothing_is_known_it_says_so(db, who):
    with pytest.raises(CommandError, match=r"No data is stored|does not exist"):
        person(*who, "erase")


def test_to_erase_twice_says_that_nothing_is_left(life):
    person("--device", DEVICE, "erase")
    with pytest.raises(CommandError, match=r"No data is stored|does not exist"):
        person("--device", DEVICE, "erase")


def test_a_moderator_who_decides_meanwhile_changes_nothing_about_it(life, moderator, monkeypatch):
    interfering = iter([True])

    def interfere(comment, now, **options):
        if next(interfering, False):
            decide(Comment.objects.get(pk=comment.pk), Status.PENDING, actor=moderator)
        return decide(comment, now, **options)

    monkeypatch.setattr(erase, "decide", interfere)
    person("--device", DEVICE, "erase")
    assert everything_found() == set()


def test_signs_that_mean_something_to_the_database_are_looked_for_as_they_are(article):
    make_comment(article, text="100% of _them_ said “no!” \\ 'so'")
    assert find_occurrences(["0% of _them_ said “no!” \\ 'so"])
    assert not find_occurrences(["0% of xthemx", "1%of"])
