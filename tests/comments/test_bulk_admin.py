from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
import pytest

from comments import background_jobs
from comments.admin import bulk as bulk_module
from comments.models import BackgroundJob, Comment, RejectReason
from comments.moderation.decide import decide
from comments.queue import bulk, selection
from comments.statuses import Status
from tests.conftest import make_comment

QUEUE_URL = "/admin/comments/moderation/"
LIST = "/admin/comments/comment/"


@pytest.fixture
def held(article):
    return [make_comment(article, status=Status.PENDING, text=f"Waiting {n}.") for n in range(5)]


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(bulk, "MAX_SYNCHRONOUS", 3)


def tick(client, action, *comments, queue="pending"):
    data = {"ticked": [f"{comment.pk}-{comment.stamp}" for comment in comments], "action": action}
    return client.post(f"{QUEUE_URL}many/?queue={queue}", data, follow=True)


def finish():
    while background_jobs.run_one_step():
        pass


def statuses():
    return list(Comment.objects.order_by("pk").values_list("status", flat=True))


def test_those_ticked_in_queue_are_decided_and_the_desk_offers_the_undo(moderator_client, held):
    page = moderator_client.get(QUEUE_URL)
    assert f'value="{held[0].pk}-{held[0].stamp}"' in page.text
    page = tick(moderator_client, "spam", held[0], held[2])
    assert "2 comments marked as spam." in page.text
    assert statuses() == [Status.SPAM, Status.PENDING, Status.SPAM, Status.PENDING, Status.PENDING]
    job = page.context["undoable"]
    page = moderator_client.post(f"{QUEUE_URL}many/?queue=pending", {"undo": job.pk}, follow=True)
    assert "2 comments set back to the earlier status." in page.text
    assert statuses() == [Status.PENDING] * 5


def test_after_it_the_desk_is_as_it_was_left(moderator_client, held):
    page = tick(moderator_client, "approve", held[0], queue="pending&comment=7&after=9")
    assert page.redirect_chain == [(f"{QUEUE_URL}?queue=pending&job={BackgroundJob.objects.get().pk}", 302)]


def test_a_reason_to_reject_is_a_button(moderator_client, held):
    assert "Please choose a reason" in tick(moderator_client, "reject", *held).text
    reason = RejectReason.objects.get(title="Insulting")
    tick(moderator_client, f"reject:{reason.pk}", *held)
    assert statuses() == [Status.REJECTED] * 5
    assert held[0].decisions.last().author_message == reason.sentence


def test_what_was_ticked_in_an_older_version_is_left_alone_and_named(moderator_client, held, deputy):
    decide(Comment.objects.get(pk=held[1].pk), Status.REJECTED, actor=deputy)
    page = tick(moderator_client, "spam", *held[:2])
    assert "1 comment marked as spam." in page.text
    assert "is already rejected (deputy" in page.text
    assert statuses()[:2] == [Status.SPAM, Status.REJECTED]


@pytest.mark.parametrize("ticked", ["", "x", "1", "9999999999999999999999-1", "-", "٣-1", "1-1-1"])
@pytest.mark.parametrize("action", ["spam", "undo", "", "x:9"])
def test_what_cannot_be_is_a_clear_answer(moderator_client, article, ticked, action):
    page = moderator_client.post(f"{QUEUE_URL}many/?queue=pending", {"ticked": ticked, "action": action}, follow=True)
    assert page.status_code == 200
    assert "Unknown action." in page.text or "No comments selected." in page.text
    assert not BackgroundJob.objects.exists()


def test_all_that_match_are_told_first_and_then_a_job(moderator_client, held, small):
    make_comment(held[0].article, text="Public")
    address = f"{QUEUE_URL}all/?queue=pending"
    assert "This applies to 5 comments." in moderator_client.get(address).text
    assert statuses() == [Status.PENDING] * 5 + [Status.APPROVED]
    page = moderator_client.post(address, {"action": "spam"}, follow=True)
    job = BackgroundJob.objects.get()
    assert page.redirect_chain == [(f"{job.get_absolute_url()}?queue=pending", 302)]
    assert f'<a href="{QUEUE_URL}?queue=pending">Back to moderation' in page.text
    assert "Queued" in page.text or "0 of 5" in page.text
    finish()
    page = moderator_client.get(job.get_absolute_url())
    assert "5 updated, 0 skipped." in page.text
    assert statuses() == [Status.SPAM] * 5 + [Status.APPROVED]


def test_more_than_are_counted_are_so_many_or_more(moderator_client, held, monkeypatch):
    monkeypatch.setattr(selection, "MAX_QUEUE_COUNT", 4)
    with CaptureQueriesContext(connection) as queries:
        assert "This applies to at least 4 comments" in moderator_client.get(f"{QUEUE_URL}all/?queue=pending").text
    assert all("LIMIT" in query["sql"] for query in queries if "COUNT(" in query["sql"])


def test_the_page_of_a_job_names_those_left_alone_and_undoes_the_rest(
    moderator_client, held, small, deputy, monkeypatch
):
    monkeypatch.setattr(bulk_module, "SKIPPED_PAGE_SIZE", 1)
    job = bulk.start_bulk(Comment.objects.all(), "spam", actor=deputy)
    for comment in held[1:3]:
        decide(comment, Status.REJECTED, actor=deputy)
    finish()
    page = moderator_client.get(job.get_absolute_url()).text
    assert "3 updated, 2 skipped." in page
    assert f"{QUEUE_URL}?comment={held[1].pk}" in page
    assert "is already rejected (deputy" in page
    assert "Waiting 2." not in page
    after = job.items.skipped().first()
    assert "Waiting 2." in moderator_client.get(f"{job.get_absolute_url()}?after={after.pk}").text
    page = moderator_client.post(job.get_absolute_url(), {"undo": "1"}, follow=True)
    assert "3 updated, 0 skipped." in page.text
    assert statuses() == [Status.PENDING, Status.REJECTED, Status.REJECTED, Status.PENDING, Status.PENDING]
    assert BackgroundJob.objects.latest("pk").actor.username == "moderator"


def test_a_job_of_nothing_undoable_says_so(moderator_client, moderator):
    job = BackgroundJob.objects.create(kind=BackgroundJob.Kind.BACKTEST, title="A trial", actor=moderator)
    assert (
        "Nothing to undo for “A trial”."
        in moderator_client.post(job.get_absolute_url(), {"undo": "1"}, follow=True).text
    )


def test_another_moderators_job_is_not_offered_at_ones_desk(moderator_client, held, deputy):
    job = bulk.start_bulk(Comment.objects.all(), "spam", actor=deputy)
    for raw in (job.pk, "x", "9" * 30):
        assert moderator_client.get(QUEUE_URL, {"job": raw}).context["undoable"] is None


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(moderator_client, held, method):
    for address in ("many/?queue=pending&action=spam", "all/?queue=pending&action=spam"):
        getattr(moderator_client, method)(f"{QUEUE_URL}{address}&ticked={held[0].pk}-1")
    assert statuses() == [Status.PENDING] * 5


def test_whose_session_was_over_comes_back_to_the_desk(moderator_client, held):
    for address in ("many/", "note/"):
        moderator_client.logout()
        answer = moderator_client.post(
            f"{QUEUE_URL}{address}?queue=pending&text=Waiting", {"ticked": f"{held[0].pk}-1", "action": "spam"}
        )
        form = {"username": "moderator", "password": "secret"}
        page = moderator_client.post(answer.url, form, follow=True)
        assert page.redirect_chain[-1] == (f"{QUEUE_URL}?queue=pending&text=Waiting", 302)
    assert statuses() == [Status.PENDING] * 5


def test_it_is_for_those_who_may_moderate(held, reporter, moderator):
    job = bulk.start_bulk(Comment.objects.filter(pk=held[0].pk), "spam", actor=moderator)
    client = Client()
    client.force_login(reporter)
    assert tick(client, "spam", *held).status_code == 403
    assert client.post(f"{QUEUE_URL}many/", {"undo": job.pk}).status_code == 403
    assert client.get(f"{QUEUE_URL}all/").status_code == 403
    assert client.post(f"{QUEUE_URL}all/", {"action": "spam"}).status_code == 403
    assert client.post(job.get_absolute_url(), {"undo": "1"}).status_code == 404
    assert statuses() == [Status.SPAM] + [Status.PENDING] * 4


def test_forged_requests_decide_nothing(held, moderator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    assert tick(client, "spam", *held).status_code == 403
    assert client.post(f"{QUEUE_URL}all/?queue=pending", {"action": "spam"}).status_code == 403
    assert statuses() == [Status.PENDING] * 5


def test_a_queue_that_is_none_is_not_found(moderator_client):
    assert moderator_client.get(f"{QUEUE_URL}all/?queue=x").status_code == 404


def test_the_list_decides_on_all_pages_in_the_background(moderator_client, held, small):
    data = {"action": "spam", "select_across": "1", "_selected_action": [held[0].pk], f"seen_{held[1].pk}": "7"}
    page = moderator_client.post(f"{LIST}?status__exact=0", data, follow=True)
    assert page.redirect_chain[-1][0] == BackgroundJob.objects.get().get_absolute_url()
    finish()
    assert statuses() == [Status.SPAM, Status.PENDING, *[Status.SPAM] * 3]


def test_what_the_list_has_done_can_be_undone(moderator_client, held):
    data = {"action": "spam", "_selected_action": [held[0].pk]}
    page = moderator_client.post(LIST, data, follow=True)
    assert f'<a href="{BackgroundJob.objects.get().get_absolute_url()}">To undo it</a>' in page.text


def test_names_of_readers_are_text_on_the_page_of_a_job(moderator_client, article, deputy):
    comment = make_comment(article, status=Status.PENDING, name="<script>", text="<b>")
    job = bulk.start_bulk(Comment.objects.all(), "spam", actor=deputy, seen={comment.pk: "9-0"})
    page = moderator_client.get(job.get_absolute_url()).text
    assert "&lt;script&gt;: &lt;b&gt;" in page
    assert "<b>”" not in page
