from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from comments import background_jobs
from comments.admin import backtests
from comments.filters import backtest
from comments.models import BackgroundJob, Block, Comment, WordListEntry
from comments.moderation.decide import decide
from comments.statuses import Status
from newsite.worker.worker import run_periodic_jobs
from tests.comments.test_word_list import put
from tests.conftest import make_comment

ENTRIES, BLOCKS, QUEUE_URL = "/admin/comments/wordlistentry/", "/admin/comments/block/", "/admin/comments/moderation/"


def entry(**fields):
    return {"kind": "word", "value": "cialis", "outcome": "spam", "note": "", **fields}


def a_block(**fields):
    rest = {"reason": "Rude", "outcome": "hold", "ends_at_0": "", "ends_at_1": ""}
    return {"kind": "device", "value": "0" * 32, **rest, **fields}


def begin(client, sent, address=ENTRIES + "add/", newest="1000"):
    return client.post(address, {**sent, "_try": "1", "_newest": newest})


def finished():
    while background_jobs.run_one_step():
        pass
    return BackgroundJob.objects.latest("pk")


def tried(client, sent, address=ENTRIES + "add/"):
    response = begin(client, sent, address)
    job = finished()
    assert response.url == job.get_absolute_url()
    assert (bool(job.finished_at), job.problem) == (True, "")
    return job


def page(client, job, **query):
    return client.get(job.get_absolute_url(), query).text


def caught(job):
    return {fate: number for fate, number in job.result["caught"].items() if number}


@pytest.fixture
def one_of_each(article, moderator):
    """Create one comment for each result; all but the last contain the banned word, some of them disguised."""
    said = {
        "approved": ("C1alis is a drug", Status.PENDING),
        "by rule": ("Is c.i.a.l.i.s one?", Status.APPROVED),
        "rejected": ("cialis, you rat", Status.PENDING),
        "spam": ("Buy CIALIS", Status.SPAM),
        "pending": ("ciális", Status.PENDING),
        "withdrawn": ("My cialis", Status.WITHDRAWN),
        "spared": ("A specialist", Status.APPROVED),
    }
    made = {name: make_comment(article, text=text, status=status) for name, (text, status) in said.items()}
    decide(made["approved"], Status.APPROVED, actor=moderator)
    decide(made["rejected"], Status.REJECTED, actor=moderator)
    return made


def test_an_entry_that_is_not_saved_is_tried_and_what_became_of_each_comment_is_counted(editor_client, one_of_each):
    job = tried(editor_client, entry())
    assert caught(job) == dict.fromkeys(["approved", "by rule", "rejected", "spam", "pending", "withdrawn"], 1)
    assert (job.done, job.total) == (7, 7)
    assert not WordListEntry.objects.exists()


def test_the_comments_are_listed_with_what_matched_and_lead_to_the_desk(editor_client, one_of_each):
    html = page(editor_client, tried(editor_client, entry()))
    assert "<mark>C1alis</mark> is a drug" in html
    assert "<mark>c.i.a.l.i.s</mark>" in html
    assert "specialist" not in html
    assert f"{QUEUE_URL}?queue=pending&amp;comment={one_of_each['pending'].pk}" in html
    assert html.index("My <mark>") < html.index("Buy <mark>")


def test_false_positives_and_what_was_right_are_shown_apart(editor_client, one_of_each):
    job = tried(editor_client, entry())
    wrong, right = page(editor_client, job, show="false"), page(editor_client, job, show="right")
    assert wrong.count("<mark>") == 1
    assert "C1alis" in wrong
    assert right.count("<mark>") == 2
    assert "Buy <mark>CIALIS" in right
    assert "you rat" in right
    assert page(editor_client, job, show="<x>", p="x").count("<mark>") == 6


@pytest.mark.parametrize(
    ("sent", "fields", "mark"),
    [
        (entry(kind="phrase", value="buy now"), {"text": "So buy, n0w!"}, "<mark>buy, n0w</mark>"),
        (entry(kind="wildcard", value="via*"), {"text": "viagras"}, "<mark>viagras</mark>"),
        (entry(kind="domain", value="evil.example"), {"text": "http://a.evil.example/x"}, "<mark>http"),
        (entry(value="viagra"), {"name": "V1agra Bob"}, "<mark>V1agra</mark> Bob"),
        (a_block(), {"device": "0" * 32}, ""),
        (a_block(kind="network", value="1" * 32), {"network": "1" * 32}, ""),
        (a_block(kind="name", value="bob"), {"name": "ВоЬ"}, "<mark>ВоЬ</mark>"),
        (a_block(kind="domain", value="evil.example"), {"text": "see http://evil.example"}, "<mark>http://evil"),
    ],
)
def test_every_kind_of_entry_and_block_can_be_tried(editor_client, article, sent, fields, mark):
    make_comment(article, text="A gull", device="somebody", network="elsewhere", name="Eve")
    made = make_comment(article, **fields)
    job = tried(editor_client, sent, (BLOCKS if "reason" in sent else ENTRIES) + "add/")
    assert [pk for pk, _fate in job.result["kept"]] == [made.pk]
    assert mark in page(editor_client, job)
    assert not Block.objects.exists()


def test_only_the_newest_are_looked_at_and_staff_never(editor_client, article, editor, monkeypatch):
    monkeypatch.setattr(backtest, "NEWEST_CHOICES", [3])
    now = timezone.now()
    for minutes in range(5):
        make_comment(article, text=f"cialis {minutes}", created_at=now - timedelta(minutes=minutes))
    make_comment(article, text="cialis, says staff", staff=editor)
    monkeypatch.setattr(backtests, "NEWEST_CHOICES", [3])
    begin(editor_client, entry(), newest="3")
    html = page(editor_client, finished())
    assert [f"</mark> {number}<" in html for number in range(5)] == [True, True, True, False, False]
    assert "says staff" not in html


def test_it_goes_in_short_steps_that_forget_and_double_nothing(editor_client, article, monkeypatch):
    monkeypatch.setattr(backtest, "BATCH_SIZE", 2)
    monkeypatch.setattr(backtest, "STEP_SECONDS", 1e-9)
    at = timezone.now()
    made = [make_comment(article, text="cialis", created_at=at) for _number in range(5)]  # all with the same timestamp
    begin(editor_client, entry())
    steps = 0
    while background_jobs.run_one_step():
        steps += 1
        job = BackgroundJob.objects.get()
        assert f"<b>{sum(job.result['caught'].values())}</b> of {job.done} comments" in page(editor_client, job)
    assert steps == 3
    assert [pk for pk, _fate in job.result["kept"]] == [comment.pk for comment in made[::-1]]


def test_new_comments_and_lost_ones_do_not_disturb_it(editor_client, article, monkeypatch):
    monkeypatch.setattr(backtest, "BATCH_SIZE", 2)
    monkeypatch.setattr(backtest, "STEP_SECONDS", 1e-9)
    made = [make_comment(article, text="cialis") for _number in range(5)]
    begin(editor_client, entry())
    background_jobs.run_one_step()
    make_comment(article, text="cialis, later")
    made[0].decisions.all().delete()
    Comment.objects.filter(pk=made[0].pk).delete()
    job = finished()
    assert sum(caught(job).values()) == 4
    assert (job.done, job.total, job.problem) == (4, 4, "")


def test_a_newsroom_without_comments_gets_an_answer(editor_client, db):
    assert "<b>0</b> of 0 comments" in page(editor_client, tried(editor_client, entry()))


def test_what_is_kept_has_an_end_and_spam_does_not_crowd_out_the_false_positives(editor_client, article, monkeypatch):
    monkeypatch.setattr(backtest, "MAX_KEPT_PER_OUTCOME", 2)
    make_comment(article, text="cialis, rightly", reviewed_at=timezone.now())
    for _number in range(5):
        make_comment(article, text="cialis", status=Status.SPAM)
    job = tried(editor_client, entry())
    assert caught(job) == {"approved": 1, "spam": 5}
    assert [fate for _pk, fate in job.result["kept"]] == ["spam", "spam", "approved"]


def test_the_list_is_paged(editor_client, article, monkeypatch):
    monkeypatch.setattr(backtests, "PAGE_SIZE", 2)
    for number in range(3):
        make_comment(article, text=f"cialis {number}")
    job = tried(editor_client, entry())
    first, second = page(editor_client, job), page(editor_client, job, p="2")
    assert [f"</mark> {number}" in first for number in range(3)] == [False, True, True]
    assert "?show=all&amp;p=2" in first
    assert "</mark> 0" in second


def test_an_entry_that_cannot_be_is_an_error_at_its_field_and_nothing_begins(editor_client, db):
    put("gull")
    for sent, reason in [
        (entry(value="two words"), "That’s more than one word"),
        (entry(value="GULL"), "Already listed as"),
        (entry(outcome="x"), "not one of the available choices"),
    ]:
        response = begin(editor_client, sent)
        assert response.status_code == 200
        assert reason in response.text
    assert (
        "The end date is in the past."
        in begin(editor_client, a_block(ends_at_0="2000-01-01", ends_at_1="00:00"), BLOCKS + "add/").text
    )
    assert begin(editor_client, entry(), newest="7").status_code == 400
    assert not BackgroundJob.objects.exists()
    assert WordListEntry.objects.count() == 1
    assert not Block.objects.exists()


def test_from_the_result_one_comes_back_to_the_form_filled_in(editor_client, db):
    tried(editor_client, entry(value="a&b <c>", kind="phrase", note="“x”"))
    html = page(editor_client, BackgroundJob.objects.get())
    assert f"{ENTRIES}add/?kind=phrase&amp;note=%E2%80%9Cx%E2%80%9D&amp;outcome=spam&amp;value=a%26b+%3Cc%3E" in html
    form = editor_client.get(ENTRIES + "add/", BackgroundJob.objects.get().parameters["fields"]).text
    assert 'value="a&amp;b &lt;c&gt;"' in form
    assert '<option value="phrase" selected>' in form


def test_a_block_keeps_its_end_on_the_way(editor_client, db, settings):
    settings.TIME_ZONE = "America/New_York"
    sent = a_block(ends_at_0="2099-07-01", ends_at_1="18:30")
    form = editor_client.get(BLOCKS + "add/", tried(editor_client, sent, BLOCKS + "add/").parameters["fields"]).text
    assert 'value="2099-07-01"' in form
    assert 'value="18:30:00"' in form
    assert "ends_at=2099-07-01T18%3A30%3A00-04%3A00" in editor_client.post(BLOCKS + "add/", sent).text


def test_a_saved_entry_is_tried_as_its_form_has_it_and_stays_as_it_was(editor_client, article):
    saved = put("gull")
    make_comment(article, text="viagra")
    address = f"{ENTRIES}{saved.pk}/change/"
    job = tried(editor_client, entry(value="viagra"), address)
    assert caught(job) == {"by rule": 1}
    assert f'href="{address}?kind=word&amp;note=&amp;outcome=spam&amp;value=viagra"' in page(editor_client, job)
    form = editor_client.get(address, job.parameters["fields"]).text
    assert 'name="value" value="viagra"' in form
    saved.refresh_from_db()
    assert saved.value == "gull"
    assert "viagra" not in editor_client.get(f"{ENTRIES}{saved.pk}/delete/", {"value": "viagra"}).text


def test_a_block_is_tried_from_the_page_that_shows_its_last_days_too(editor_client, article):
    make_comment(article, device="0" * 32)
    html = editor_client.post(BLOCKS + "add/", {**a_block(), "_newest": "1000"}).text
    assert "<strong>1</strong>" in html
    assert 'name="_try"' in html
    assert html.count('name="_newest"') == 1
    job = tried(editor_client, {**a_block(), "confirmed": "1"}, BLOCKS + "add/")
    assert caught(job) == {"by rule": 1}


def test_the_button_stands_where_one_may_save_and_nowhere_else(editor_client, moderator, reporter):
    saved = put("gull")
    assert 'name="_try"' in editor_client.get(ENTRIES + "add/").text
    assert 'name="_try"' in editor_client.get(f"{ENTRIES}{saved.pk}/change/").text
    client = Client()
    client.force_login(moderator)
    assert 'name="_try"' in client.get(BLOCKS + "add/").text
    assert 'name="_try"' not in client.get(f"{ENTRIES}{saved.pk}/change/").text
    for address in (ENTRIES + "add/", f"{ENTRIES}{saved.pk}/change/"):
        assert begin(client, entry(), address).status_code == 403
    client.force_login(reporter)
    assert begin(client, a_block(), BLOCKS + "add/").status_code == 403
    assert begin(client, entry(), f"{ENTRIES}{10**12}/change/").status_code == 403
    assert (
        begin(editor_client, entry(), f"{ENTRIES}{10**12}/change/").status_code == 302
    )  # Django's response for a deleted object
    assert not BackgroundJob.objects.exists()


def test_the_comments_are_for_those_who_may_see_them(editor_client, editor, one_of_each):
    job = tried(editor_client, entry())
    for group in editor.groups.all():
        group.permissions.filter(codename="view_comment").delete()
    html = page(editor_client, job)
    assert "<b>6</b>" in html
    assert "you rat" not in html


def test_a_trial_is_forgotten_after_a_week(editor_client, db):
    job = tried(editor_client, entry())
    bulk = BackgroundJob.objects.create(
        kind=BackgroundJob.Kind.BULK, title="x", actor=job.actor, finished_at=timezone.now()
    )
    with time_machine.travel(timezone.now() + timedelta(days=6)):
        run_periodic_jobs()
    assert BackgroundJob.objects.count() == 2
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        run_periodic_jobs()
    assert list(BackgroundJob.objects.all()) == [bulk]


def test_a_step_reads_what_it_looks_at_by_the_index_and_writes_no_comment(editor_client, article):
    for number in range(3):
        make_comment(article, text=f"cialis {number}")
    begin(editor_client, entry())
    with CaptureQueriesContext(connection) as queries:
        background_jobs.run_one_step()
    of_comments = [query["sql"] for query in queries if '"comments_comment"' in query["sql"]]
    assert [sql[:6] for sql in of_comments] == ["SELECT", "SELECT"]
