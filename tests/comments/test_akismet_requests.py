"""Requests to Akismet: which comments are checked, the fields, what is stored meanwhile, and the results."""

from datetime import timedelta

from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
import pytest

from comments.akismet import client as client_module
from comments.akismet.encryption import decrypt
from comments.akismet.requests import akismet_is_asked_first
from comments.akismet.worker import purge_encrypted_data, run_due
from comments.models import AkismetRequest, Block, Comment, Conversation, WordListEntry
from comments.models.akismet import ENCRYPTED_DATA_RETENTION, REQUEST_RETENTION
from comments.moderation.decide import decide
from comments.rules.engine import Finding
from comments.rules.facts import DeviceRecord, Facts, Outcome
from comments.statuses import Cause, Policy, Status
from tests.conftest import client_of, make_article, make_comment, send, trusted_client
from tests.support.akismet import ADDRESS, BROWSER, finding_details, latest_request, post, post_and_check


def everything_stored():
    """Yield the values of all tables as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            yield from (str(value) for row in cursor.fetchall() for value in row)


def test_a_reader_whom_nobody_knows_waits_for_akismet_and_the_reason_is_shown(article, akismet):
    comment = post(article)
    assert comment.status == Status.PENDING
    assert "Waiting for Akismet" in finding_details(comment)
    assert latest_request(comment).state == "pending"
    assert akismet.requests == []


def test_nobody_is_asked_about_without_a_key(article):
    comment = post(article)
    assert not AkismetRequest.objects.exists()
    assert "Akismet" not in str(finding_details(comment))


def test_trusted_readers_are_not_asked_about(article, akismet):
    client = trusted_client(make_article())
    AkismetRequest.objects.all().delete()
    assert post(article, client=client, comment="As I said before.").status == Status.APPROVED
    assert not AkismetRequest.objects.exists()


def test_staff_are_not_asked_about(article, akismet, moderator):
    client = Client()
    client.force_login(moderator)
    assert post(article, client=client).status == Status.APPROVED
    assert not AkismetRequest.objects.exists()


def test_what_the_newsrooms_own_lists_put_away_is_not_asked_about(article, akismet):
    WordListEntry.objects.create(kind="word", value="casino", outcome="spam")
    comment = post(article, comment="Come to the casino.")
    assert comment.status == Status.SPAM
    assert "Akismet" not in str(finding_details(comment))
    assert not AkismetRequest.objects.exists()


@pytest.mark.parametrize(
    ("device", "after", "is_asked"),
    [
        (DeviceRecord(), 1, True),
        (DeviceRecord(), 0, True),
        (DeviceRecord(approved_before=1), 0, False),
        (DeviceRecord(approved_before=1), 1, False),
        (DeviceRecord(approved_before=1), 2, True),
        (DeviceRecord(approved_before=9, has_recent_rejection=True), 1, True),
        (DeviceRecord(approved_before=9, absent_days=200), 1, True),
    ],
)
def test_trust_is_given_by_somebody_not_by_a_setting_of_nought(settings, device, after, is_asked):
    settings.AKISMET_KEY, settings.COMMENT_TRUST_AFTER_APPROVALS = "key", after
    assert bool(akismet_is_asked_first(Facts(device=device), [])) is is_asked


@pytest.mark.parametrize("outcome", [Outcome.SPAM, Outcome.REFUSE])
def test_what_is_put_away_or_refused_needs_no_question(settings, outcome):
    settings.AKISMET_KEY = "key"
    assert akismet_is_asked_first(Facts(), [Finding("a.rule", outcome, "so")]) == []


def test_all_that_is_sent_is_named_here(article, akismet, settings):
    settings.LANGUAGE_CODE = "pt-br"
    parent = make_comment(article)
    comment = post(article, parent=parent.pk, website="http://spam.example", comment="Größe? 👍", name="Ada & Bob")
    run_due()
    ((operation, form),) = akismet.requests
    assert operation == "/1.1/comment-check"
    assert form == {
        "api_key": "0123456789ab",
        "blog": "http://testserver",
        "user_ip": ADDRESS,
        "user_agent": BROWSER,
        "permalink": f"http://testserver{article.get_absolute_url()}",
        "comment_type": "reply",
        "comment_author": "Ada & Bob",
        "comment_content": "Größe? 👍",
        "comment_date_gmt": comment.created_at.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "blog_lang": "pt_br",
        "blog_charset": "UTF-8",
        "honeypot_field_name": "website",
        "website": "http://spam.example",
    }


def test_a_site_on_trial_says_so(article, akismet, settings):
    settings.AKISMET_TEST = True
    post_and_check(article, akismet)
    assert akismet.forms[0]["is_test"] == "1"
    assert akismet.forms[0]["comment_type"] == "comment"


def test_address_and_browser_are_encrypted_until_it_has_answered_and_gone_then(article, akismet):
    comment = post(article, website="typed into the trap")
    stored = "\n".join(everything_stored())
    assert "203.0.113" not in stored
    assert "Amiga" not in stored
    assert decrypt(latest_request(comment).encrypted_data) == {
        "address": ADDRESS,
        "user_agent": BROWSER,
        "honeypot": "typed into the trap",
    }
    run_due()
    request = latest_request(comment)
    assert (request.state, request.answer, request.encrypted_data) == ("done", "ham", "")


def test_the_database_keeps_no_address_of_a_question_that_is_over(article, akismet):
    comment = post(article)
    with pytest.raises(IntegrityError), transaction.atomic():
        comment.akismet_requests.update(state="done")


@pytest.mark.parametrize(
    ("headers", "answer", "detail"),
    [({}, "spam", "Akismet: Spam"), ({"X-akismet-pro-tip": "discard"}, "sure", "Akismet: Definitely spam")],
)
def test_spam_is_put_away_never_deleted(article, akismet, headers, answer, detail):
    akismet.headers = headers
    comment = post_and_check(article, akismet, "true")
    assert comment.status == Status.SPAM
    assert finding_details(comment)[-1] == detail
    latest = comment.decisions.last()
    assert (latest.from_status, latest.to_status, latest.actor, latest.cause) == (
        Status.PENDING,
        Status.SPAM,
        None,
        Cause.AKISMET,
    )
    assert latest_request(comment).answer == answer


def test_ham_of_a_reader_who_has_to_be_trusted_still_waits_for_a_moderator(article, akismet):
    comment = post_and_check(article, akismet)
    assert comment.status == Status.PENDING
    assert finding_details(comment) == ["Approved comments from this device so far: 0", "Waiting for Akismet"]
    assert comment.version == 1  # unchanged, so that a decision of a moderator is still valid
    assert latest_request(comment).status_text() == "Akismet: Not spam"


def test_ham_that_waits_for_nothing_else_is_published(article, akismet, settings):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    comment = post_and_check(article, akismet)
    assert comment.status == Status.APPROVED
    assert Conversation.objects.get(article=article).public_count == 1
    assert comment.reviewed_at is None
    assert post(article, client=client_of(comment.device), comment="Again.").status == Status.APPROVED


@pytest.mark.parametrize("change", ["policy", "block", "word", "unpublished", "parent"])
def test_what_has_changed_meanwhile_is_heeded_before_anything_is_published(article, akismet, settings, editor, change):
    settings.COMMENT_TRUST_AFTER_APPROVALS = 0
    parent = make_comment(article)
    comment = post(article, parent=parent.pk)
    if change == "policy":
        Conversation.objects.filter(article=article).update(policy=Policy.CLOSED)
    elif change == "block":
        Block.objects.create(kind="device", value=comment.device, key=comment.device, outcome="refuse", reason="-")
    elif change == "word":
        WordListEntry.objects.create(kind="word", value="there", outcome="hold")
    elif change == "unpublished":
        type(article).objects.filter(pk=article.pk).update(published_at=None)
    else:
        decide(parent, Status.REJECTED, actor=editor)
    run_due()
    comment.refresh_from_db()
    assert comment.status == Status.PENDING
    assert "Akismet: Not spam" in finding_details(comment)


@pytest.mark.parametrize("now", [Status.APPROVED, Status.REJECTED, Status.SPAM])
def test_a_moderator_need_not_wait_and_then_it_is_not_asked(article, akismet, moderator, now):
    comment = post(article)
    decide(comment, now, actor=moderator)
    assert run_due() == 0
    request = latest_request(comment)
    assert (request.state, request.encrypted_data) == ("cancelled", "")
    assert akismet.requests == []


def test_an_answer_that_comes_after_a_moderators_decision_changes_nothing(article, akismet, moderator, monkeypatch):
    comment = post(article)

    def decide_meanwhile(fields):
        decide(Comment.objects.get(), Status.APPROVED, actor=moderator)
        return AkismetRequest.Answer.SPAM

    monkeypatch.setattr(client_module, "check_comment", decide_meanwhile)
    run_due()
    comment.refresh_from_db()
    assert comment.status == Status.APPROVED
    assert comment.decisions.count() == 2
    assert latest_request(comment).state == "cancelled"


def test_withdrawn_it_is_no_longer_asked_about(article, akismet):
    comment = post(article)
    decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert run_due() == 0
    assert latest_request(comment).encrypted_data == ""


def test_addresses_of_questions_that_nobody_answered_are_forgotten(article, akismet):
    comment = post(article)
    AkismetRequest.objects.update(created_at=timezone.now() - ENCRYPTED_DATA_RETENTION + timedelta(minutes=1))
    purge_encrypted_data()
    assert latest_request(comment).encrypted_data != ""
    AkismetRequest.objects.update(created_at=timezone.now() - ENCRYPTED_DATA_RETENTION)
    purge_encrypted_data()
    request = latest_request(comment)
    assert (request.state, request.encrypted_data) == ("failed", "")
    assert finding_details(comment)[-1] == "Akismet check failed: No answer for days"


def test_switched_off_it_leaves_no_address_and_says_so(article, akismet, settings):
    comment = post(article)
    settings.AKISMET_KEY = ""
    purge_encrypted_data()
    assert latest_request(comment).encrypted_data == ""
    assert finding_details(comment)[-1] == "Akismet check failed: Switched off"
    comment.refresh_from_db()
    assert comment.status == Status.PENDING


def test_what_was_asked_long_ago_is_forgotten(article, akismet):
    comment = post_and_check(article, akismet)
    AkismetRequest.objects.update(due_at=timezone.now() - REQUEST_RETENTION + timedelta(minutes=1))
    purge_encrypted_data()
    assert comment.akismet_requests.exists()
    AkismetRequest.objects.update(due_at=timezone.now() - REQUEST_RETENTION)
    purge_encrypted_data()
    assert not comment.akismet_requests.exists()


def test_one_submission_is_one_question(article, akismet):
    client = Client()
    post(article, client=client)
    post(article, client=client)
    assert AkismetRequest.objects.count() == 1


def test_what_is_not_taken_is_not_asked_about(article, akismet):
    Conversation.objects.create(article=article, policy=Policy.CLOSED)
    assert send(Client(), article).status_code == 422
    assert not AkismetRequest.objects.exists()


def test_the_author_learns_nothing_of_it(article, akismet):
    comment = post(article)
    client = client_of(comment.device)
    for page in (f"{article.get_absolute_url()}yours/", "/comments/yours/", article.get_absolute_url()):
        body = client.get(page).content.decode()
        assert "kismet" not in body
        assert ADDRESS not in body
