"""Reports as a weapon: a few cookies hide few comments, none of staff, and moderators hear of it."""

from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
import pytest

from comments.models import Comment, Decision, ModeratorOnDuty, Notification, Report
from comments.moderation.decide import decide
from comments.moderation.redaction import redact
from comments.moderation.undo import undo
from comments.notifications.moderator_alerts import MIN_ALERT_INTERVAL, notify_moderators_on_duty
from comments.readers.report_weights import DOUBLE_WEIGHT_BALANCE, MAX_WEIGHTED_REPORTS_PER_DAY, ZERO_WEIGHT_BALANCE
from comments.readers.reports import (
    DEVICE_REPORTS_PER_DAY,
    MAX_HIDDEN_ON_SITE,
    MAX_HIDDEN_PER_ARTICLE,
    MAX_HIDDEN_PER_AUTHOR,
    NETWORK_REPORTS_PER_DAY,
)
from comments.statuses import Cause, Status
from tests.comments.test_reports import known_reader, reload, report
from tests.conftest import make_article, make_comment, trusted_client
from tests.support.notifications import deliver_emails

pytestmark = pytest.mark.django_db


@pytest.fixture
def on_duty(moderator):
    moderator.email = "desk@example.org"
    moderator.save()
    ModeratorOnDuty.objects.create(user=moderator, is_on_duty=True)
    return moderator


@pytest.fixture
def reporters(db, time_machine):
    """Three browsers of yesterday, each on a network of its own."""
    return [(known_reader(time_machine), f"192.0.{number}.1") for number in range(3)]


def report_all(reporters, comments, time_machine):
    """Let each report each, as fast as the minute allows."""
    for number, comment in enumerate(comments):
        if number % 15 == 0:
            time_machine.shift(timedelta(seconds=61))
        for client, address in reporters:
            report(client, comment, address=address)


def hidden(comments):
    return Comment.objects.filter(pk__in=[comment.pk for comment in comments], status=Status.PENDING)


def new_reporters(time_machine, number, *, networks=3):
    return [(known_reader(time_machine), f"10.{n % networks}.0.1") for n in range(number)]


def test_three_cookies_of_yesterday_hide_three_of_sixty_none_of_staff_and_moderators_are_alerted(
    reporters, on_duty, editor, time_machine
):
    articles = [make_article() for _ in range(12)]
    comments = [make_comment(articles[n % 12], staff=editor if n % 10 == 5 else None) for n in range(60)]
    report_all(reporters, comments, time_machine)
    assert hidden(comments).count() == MAX_WEIGHTED_REPORTS_PER_DAY == 3
    assert not hidden(comments).filter(staff__isnull=False).exists()
    kept = Decision.objects.filter(cause=Cause.REPORTED, to_status=Status.APPROVED)
    assert kept.count() == DEVICE_REPORTS_PER_DAY - 3 - 3  # of thirty that they could report, three were of staff
    assert kept.first().reason == "Not hidden: the same readers report many comments. 3 reports: Offensive or abusive"
    notify_moderators_on_duty()
    (letter,) = deliver_emails()
    assert letter.to == ["desk@example.org"]
    assert letter.subject == "24 comments have many reports"
    assert "/admin/comments/moderation/?queue=reported" in letter.body
    moderator_client = Client()
    moderator_client.force_login(on_duty)
    assert (
        "24 comments have many reports but are still published"
        in moderator_client.get("/admin/comments/moderation/").text
    )


def test_what_was_reported_waits_for_a_moderator_whether_it_was_hidden_or_not(reporters, time_machine, moderator):
    comments = [make_comment(make_article()) for _ in range(5)]
    report_all(reporters, comments, time_machine)
    moderator_client = Client()
    moderator_client.force_login(moderator)
    page = moderator_client.get("/admin/comments/moderation/?queue=reported").text
    for comment in comments:
        assert comment.text in page
        assert reload(comment).open_reports == 3


def test_staff_are_never_hidden_however_many_report_them(article, editor, time_machine):
    comment = make_comment(article, staff=editor)
    report_all(new_reporters(time_machine, 12, networks=12), [comment], time_machine)
    assert reload(comment).status == Status.APPROVED
    assert reload(comment).open_reports == 12


def test_three_independent_readers_hide_one_awful_comment_as_ever(reporters, article, time_machine):
    awful = make_comment(article)
    report_all(reporters, [awful], time_machine)
    assert reload(awful).status == Status.PENDING
    assert notify_moderators_on_duty() == 0
    assert reload(awful).decisions.last().reason == "3 reports: Offensive or abusive"


@pytest.mark.parametrize(
    ("target", "most"),
    [("author", MAX_HIDDEN_PER_AUTHOR), ("article", MAX_HIDDEN_PER_ARTICLE), ("site", MAX_HIDDEN_ON_SITE)],
)
def test_however_many_cookies_they_hide_no_more_than_moderators_can_look_at(
    article, on_duty, time_machine, target, most
):
    comments = [
        make_comment(
            article if target == "article" else make_article(),
            device="target" if target == "author" else f"author-{number}",
        )
        for number in range(most + 4)
    ]
    for comment in comments:
        report_all(new_reporters(time_machine, 3), [comment], time_machine)
    assert hidden(comments).count() == most
    assert Comment.objects.public_despite_reports().count() == 4
    assert "already hidden by reports and not yet reviewed" in reload(comments[-1]).decisions.last().reason
    assert notify_moderators_on_duty() == 1
    decide(hidden(comments).first(), Status.REJECTED, actor=on_duty)  # reviewing a report frees capacity
    another = make_comment(make_article() if target != "article" else article, device=comments[0].device)
    report_all(new_reporters(time_machine, 3), [another], time_machine)
    assert reload(another).status == Status.PENDING


def test_who_writes_without_a_known_device_is_not_taken_for_one_author(time_machine):
    comments = [make_comment(make_article(), device="") for _ in range(MAX_HIDDEN_PER_AUTHOR + 2)]
    for comment in comments:
        report_all(new_reporters(time_machine, 3), [comment], time_machine)
    assert hidden(comments).count() == MAX_HIDDEN_PER_AUTHOR + 2


def test_a_device_and_a_network_report_so_much_a_day_and_no_more(article, time_machine):
    client = known_reader(time_machine)
    comments = [make_comment(article) for _ in range(DEVICE_REPORTS_PER_DAY + 1)]
    Report.objects.bulk_create(
        Report(
            comment=comment, device=client.cookies["device"].value[:32], network="x", complaint="spam", is_counted=False
        )
        for comment in comments[:-1]
    )
    answer = report(client, comments[-1], note="My reasons")
    assert (answer.status_code, answer["Retry-After"]) == (429, str(24 * 60 * 60))
    assert "You’ve reached today’s limit for reports." in answer.text
    assert "My reasons" in answer.text
    time_machine.shift(timedelta(hours=25))
    assert report(client, comments[-1]).status_code == 303
    latest = Report.objects.latest("pk")
    many = [make_comment(article) for _ in range(NETWORK_REPORTS_PER_DAY // 15 + 1)]
    Report.objects.bulk_create(
        Report(comment=comment, device=f"{n}", network=latest.network, complaint="spam", is_counted=False)
        for comment in many[:-1]
        for n in range(15)
    )
    assert report(Client(), many[-1]).status_code == 429
    assert report(Client(), many[-1], address="203.0.113.7").status_code == 303
    assert report(known_reader(time_machine), many[-1]).status_code == 303  # other readers do not use up their limit


def judged(reporters, time_machine, moderator, number, status):
    """Let these report a comment a day, and a moderator decide so."""
    for _ in range(number):
        comment = make_comment(make_article())
        report_all(reporters, [comment], time_machine)
        decide(reload(comment), status, actor=moderator)
        time_machine.shift(timedelta(days=1))


@pytest.mark.parametrize(
    ("status", "number", "how_many", "is_hidden"),
    [
        (Status.APPROVED, 1, 3, False),  # dismissed once: three of these are half of the threshold
        (Status.APPROVED, 1, 6, True),
        (Status.APPROVED, ZERO_WEIGHT_BALANCE, 12, False),  # dismissed often: none of them counts
        (Status.REJECTED, DOUBLE_WEIGHT_BALANCE, 2, True),  # upheld often: two count as three
        (Status.SPAM, DOUBLE_WEIGHT_BALANCE, 2, True),
        (Status.REJECTED, DOUBLE_WEIGHT_BALANCE - 1, 2, False),
        (Status.PENDING, ZERO_WEIGHT_BALANCE, 3, True),  # neither
    ],
)
def test_earlier_reports_weigh_by_what_moderators_made_of_them(
    article, moderator, time_machine, settings, status, number, how_many, is_hidden
):
    settings.COMMENT_REPORT_THRESHOLD = 100
    reporters = new_reporters(time_machine, how_many, networks=how_many)
    judged(reporters, time_machine, moderator, number, status)
    settings.COMMENT_REPORT_THRESHOLD = 3
    comment = make_comment(article)
    report_all(reporters, [comment], time_machine)
    assert (reload(comment).status == Status.PENDING) == is_hidden


def test_a_withdrawn_comment_and_one_with_words_taken_out_prove_nobody_wrong(
    article, moderator, editor, time_machine, settings
):
    settings.COMMENT_REPORT_THRESHOLD = 100
    reporters = new_reporters(time_machine, 3)
    withdrawn, redacted = make_comment(make_article()), make_comment(make_article(), text="Call 555 1234")
    report_all(reporters, [withdrawn, redacted], time_machine)
    decide(reload(withdrawn), Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    redact(reload(redacted), "Call", actor=editor)
    settings.COMMENT_REPORT_THRESHOLD = 3
    comment = make_comment(article)
    report_all(reporters, [comment], time_machine)
    assert reload(comment).status == Status.PENDING


def test_a_decision_that_was_undone_proves_nothing(article, moderator, time_machine, settings):
    settings.COMMENT_REPORT_THRESHOLD = 100
    reporters = new_reporters(time_machine, 3)
    first = make_comment(make_article())
    report_all(reporters, [first], time_machine)
    decide(reload(first), Status.APPROVED, actor=moderator)
    undo(reload(first), actor=moderator)
    settings.COMMENT_REPORT_THRESHOLD = 3
    comment = make_comment(article)
    report_all(reporters, [comment], time_machine)
    assert reload(comment).status == Status.PENDING


def test_who_is_often_right_helps_to_hide_more_a_day(moderator, time_machine, settings):
    settings.COMMENT_REPORT_THRESHOLD = 100
    reporters = new_reporters(time_machine, 3)
    judged(reporters, time_machine, moderator, DOUBLE_WEIGHT_BALANCE, Status.SPAM)
    settings.COMMENT_REPORT_THRESHOLD = 3
    comments = [make_comment(make_article()) for _ in range(8)]
    report_all(reporters, comments, time_machine)
    assert hidden(comments).count() == 2 * MAX_WEIGHTED_REPORTS_PER_DAY


def test_an_alert_comes_once_an_hour_while_there_is_news_of_it(reporters, on_duty, time_machine):
    comments = [make_comment(make_article()) for _ in range(8)]
    report_all(reporters, comments[:6], time_machine)
    assert notify_moderators_on_duty() == 1
    report_all(reporters, comments[6:7], time_machine)
    assert notify_moderators_on_duty() == 0
    time_machine.shift(MIN_ALERT_INTERVAL)
    assert notify_moderators_on_duty() == 1
    time_machine.shift(MIN_ALERT_INTERVAL * 1.5)
    assert Notification.objects.filter(kind=Notification.Kind.ALERT).count() == 2
    notify_moderators_on_duty()
    assert Notification.objects.filter(kind=Notification.Kind.ALERT).count() == 2


def test_an_alert_that_a_moderator_has_answered_is_not_sent(reporters, on_duty, time_machine):
    comments = [make_comment(make_article()) for _ in range(4)]
    report_all(reporters, comments, time_machine)
    assert notify_moderators_on_duty() == 1
    for comment in comments:
        decide(reload(comment), Status.APPROVED, actor=on_duty)
    assert deliver_emails() == []
    moderator_client = Client()
    moderator_client.force_login(on_duty)
    assert "many reports" not in moderator_client.get("/admin/comments/moderation/").text


def test_a_comment_that_many_report_is_alerted_of_once(article, reporters, time_machine):
    for _ in range(MAX_WEIGHTED_REPORTS_PER_DAY):
        report_all(reporters, [make_comment(make_article())], time_machine)
    comment = make_comment(article)
    report_all(reporters, [comment], time_machine)
    report(trusted_client(make_article()), comment, address="192.0.0.9")
    assert reload(comment).status == Status.APPROVED
    assert reload(comment).decisions.filter(cause=Cause.REPORTED).count() == 1


def test_a_report_takes_the_same_statements_however_many_there_were(article, time_machine, settings):
    settings.COMMENT_REPORT_THRESHOLD = 100
    reporters = new_reporters(time_machine, 6, networks=6)
    counts = []
    for earlier in (0, 20):
        for _ in range(earlier):
            comment = make_comment(article)
            Report.objects.bulk_create(
                Report(
                    comment=comment,
                    device=client.cookies["device"].value[:32],
                    network="y",
                    complaint="spam",
                    is_counted=True,
                )
                for client, _address in reporters
            )
        comment = make_comment(article)
        report_all(reporters[:-1], [comment], time_machine)
        with CaptureQueriesContext(connection) as queries:
            report(*reporters[-1][:1], comment, address=reporters[-1][1])
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 28
