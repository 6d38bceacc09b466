from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest

from comments.identity import create_device_id
from comments.models import Comment, Conversation, Report
from comments.moderation.decide import decide
from comments.statuses import Cause, Status
from tests.conftest import client_of, make_article, make_comment, send, trusted_client

GONE = "until a moderator has reviewed it."


def reload(comment):
    return Comment.objects.get(pk=comment.pk)


def report(client, comment, *, address="192.0.2.1", complaint="offensive", note="", headers=None):
    return client.post(
        f"/comments/{comment.pk}/report/",
        {"complaint": complaint, "note": note},
        REMOTE_ADDR=address,
        headers=headers or {"Sec-Fetch-Site": "same-origin"},
    )


def known_reader(time_machine, *, hours=25):
    """Return the browser of a reader who opened a page some hours ago and did nothing else."""
    now = timezone.now()
    time_machine.move_to(now - timedelta(hours=hours))
    client = client_of(create_device_id())
    time_machine.move_to(now)
    return client


@pytest.fixture
def public(article):
    return make_comment(article, text="Something rude.")


def test_a_report_is_kept_for_moderators_and_shown_to_nobody_else(article, public, moderator):
    client = Client()
    page = report(client, public, complaint="personal", note="That is <b>my</b> number")
    assert page.status_code == 303
    assert "Thank you. A moderator will review it." in client.get(page["Location"]).text
    kept = Report.objects.get()
    assert (kept.complaint, kept.note, kept.is_counted) == ("personal", "That is <b>my</b> number", False)
    assert "number" not in Client().get(article.get_absolute_url()).text
    moderator_client = Client()
    moderator_client.force_login(moderator)
    assert "reported: Shares personal information" in moderator_client.get("/admin/comments/comment/").text
    assert (
        "That is &lt;b&gt;my&lt;/b&gt; number"
        in moderator_client.get(f"/admin/comments/comment/{public.pk}/change/").text
    )


def test_a_device_reports_once(public):
    client = Client()
    for _ in range(3):
        report(client, public)
    assert Report.objects.count() == 1
    assert reload(public).open_reports == 1


def test_three_known_readers_on_three_networks_hide_it_until_a_moderator_has_looked(
    article, public, moderator, time_machine
):
    readers = [known_reader(time_machine) for _ in range(3)]
    for number, reader in enumerate(readers[:2]):
        report(reader, public, address=f"192.0.{number}.1")
    assert reload(public).status == Status.APPROVED
    assert GONE in report(readers[2], public, address="192.0.7.1", complaint="spam").text
    hidden = reload(public)
    assert hidden.status == Status.PENDING
    decision = hidden.decisions.last()
    assert (decision.cause, decision.actor, str(decision)) == (Cause.REPORTED, None, "pending: readers’ reports")
    assert decision.reason == "3 reports: Offensive or abusive, Spam or advertising"
    assert Conversation.objects.get(article=article).public_count == 0
    decide(hidden, Status.APPROVED, actor=moderator)
    assert reload(public).open_reports == 0
    for number in range(4):
        report(known_reader(time_machine), public, address=f"198.51.{number}.1")
    assert reload(public).status == Status.APPROVED
    assert reload(public).open_reports == 4


def test_one_network_or_strangers_hide_nothing(public, time_machine):
    for _ in range(4):
        report(known_reader(time_machine), public, address="192.0.2.77")
    for number in range(4):
        report(Client(), public, address=f"192.0.{number}.1")
        report(known_reader(time_machine, hours=23), public, address=f"198.51.{number}.1")
    assert reload(public).status == Status.APPROVED
    assert Report.objects.filter(is_counted=True).count() == 4


def test_whoever_has_an_approved_comment_counts_at_once(public):
    for number in range(3):
        report(trusted_client(make_article()), public, address=f"192.0.{number}.1")
    assert reload(public).status == Status.PENDING


def test_how_many_it_takes_is_a_setting(public, settings, time_machine):
    settings.COMMENT_REPORT_THRESHOLD = 1
    report(known_reader(time_machine), public)
    assert reload(public).status == Status.PENDING


def test_what_was_edited_after_a_look_can_be_reported_and_hidden_anew(article, moderator, time_machine):
    author = trusted_client(make_article())
    send(author, article, comment="Mild.")
    comment = Comment.objects.latest("pk")
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    readers = [known_reader(time_machine) for _ in range(3)]
    report(readers[0], comment, address="192.0.0.1")
    decide(reload(comment), Status.APPROVED, actor=moderator)
    author.post(f"/comments/{comment.pk}/edit/", {"comment": "Rude!"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert reload(comment).status == Status.APPROVED
    for number, reader in enumerate(readers):
        report(reader, comment, address=f"192.0.{number}.1")
    assert reload(comment).status == Status.PENDING


def test_nobody_reports_their_own(article):
    author = trusted_client(make_article())
    send(author, article)
    own = Comment.objects.latest("pk")
    assert "You can’t report your own comment" in author.get(f"/comments/{own.pk}/report/").text
    assert report(author, own).status_code == 422
    assert not Report.objects.exists()


@pytest.mark.parametrize("status", [Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN])
def test_what_is_hidden_is_not_there_to_report(article, status):
    hidden = make_comment(article, status=status)
    assert report(Client(), hidden).status_code == 404
    assert Client().get(f"/comments/{hidden.pk}/report/").content == Client().get("/comments/999999/report/").content


def test_a_report_without_a_complaint_or_a_needed_note_comes_back(public):
    response = report(Client(), public, complaint="", note="Look at this.")
    assert response.status_code == 422
    assert "Please choose a reason." in response.text
    assert "Look at this." in response.text
    assert "Please tell us what the problem is." in report(Client(), public, complaint="other", note=" ").text
    assert "Notes can have up to 500 characters" in report(Client(), public, note="a" * 501).text
    assert report(Client(), public, complaint="nonsense").status_code == 422
    assert not Report.objects.exists()


def test_a_report_from_another_site_is_not_taken(public):
    assert report(Client(), public, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not Report.objects.exists()


def test_a_device_that_reports_everything_must_wait_and_keeps_its_words(article):
    client = Client()
    comments = [make_comment(article) for _ in range(22)]
    answers = [report(client, comment, note="My reasons").status_code for comment in comments]
    assert answers == [303] * 21 + [429]  # the first came without a cookie
    assert "My reasons" in report(client, comments[-1], note="My reasons").text


def test_a_look_at_reports_of_what_stays_public_settles_them(public, moderator):
    decide(reload(public), Status.APPROVED, actor=moderator)
    report(Client(), public)
    decide(reload(public), Status.APPROVED, actor=moderator)
    assert reload(public).open_reports == 0
