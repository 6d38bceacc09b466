from datetime import timedelta

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from comments.filters import blocks
from comments.models import Block, Comment
from comments.statuses import Status
from tests.comments.test_blocks import block
from tests.conftest import make_comment, send

LIST = "/admin/comments/block/"
ADD = f"{LIST}add/"
NEW_YEAR = "2027-01-01"


def form(**fields):
    return {
        "kind": "name",
        "value": "Bob",
        "outcome": "hold",
        "reason": "x",
        "ends_at_0": "",
        "ends_at_1": "",
        **fields,
    }


def add(client, **fields):
    """Fill in the form, and confirm the backtest."""
    return client.post(ADD, {**form(**fields), "confirmed": "1"})


def test_a_comments_page_leads_to_each_form_filled_in(moderator_client, article):
    send(Client(), article, comment="See http://www.evil.example/x", name="Bob & Co")
    comment = Comment.objects.get()
    page = moderator_client.get(f"/admin/comments/comment/{comment.pk}/change/").text
    for address in (
        f"{ADD}?kind=device&amp;value={comment.device}",
        f"{ADD}?kind=network&amp;value={comment.network}",
        f"{ADD}?kind=name&amp;value=Bob+%26+Co",
        f"{ADD}?kind=domain&amp;value=evil.example",
    ):
        assert f'href="{address}"' in page
    assert f'value="{comment.device}"' in moderator_client.get(ADD, {"kind": "device", "value": comment.device}).text


def test_what_it_would_have_caught_is_shown_before_it_is_saved(moderator_client, article, moderator):
    for status in (Status.APPROVED, Status.PENDING, Status.SPAM):
        make_comment(article, device="0" * 32, text=f"<b>{status.name}", status=status)
    make_comment(article, device="0" * 32, text="long ago", created_at=timezone.now() - timedelta(days=31))
    make_comment(article, device="other", text="somebody else")
    sent = form(kind="device", value="0" * 32)
    page = moderator_client.post(ADD, sent).text
    assert not Block.objects.exists()
    assert "<strong>3</strong> comments from the last 30 days would have been caught." in page
    assert all(f"&lt;b&gt;{name}" in page for name in ("APPROVED", "PENDING", "SPAM"))
    assert "long ago" not in page
    assert "somebody else" not in page
    assert f'name="value" value="{"0" * 32}"' in page
    moderator_client.post(ADD, {**sent, "confirmed": "1"})
    made = Block.objects.get()
    assert (made.kind, made.key, made.author, made.hits) == ("device", "0" * 32, moderator, 0)
    assert LogEntry.objects.filter(user=moderator).count() == 1


@pytest.mark.parametrize(
    ("kind", "value", "fields"),
    [
        ("network", "1" * 32, {"network": "1" * 32}),
        ("name", "ADA", {"name": "Аda"}),
        ("domain", "evil.example", {"text": "see http://x.evil.example"}),
    ],
)
def test_each_kind_finds_what_it_would_have_caught(article, kind, value, fields):
    comment = make_comment(article, **{"name": "Bob", **fields}, status=Status.REJECTED)
    make_comment(article, name="Eve", text="evil.example http://notevil.example")
    caught = blocks.preview_block(Block(kind=kind, key=_key(kind, value)))
    assert (caught.count, caught.is_more, caught.comments) == (1, False, [comment])


def _key(kind, value):
    made = Block(kind=kind, value=value, reason="x")
    made.clean()
    return made.key


def test_the_number_and_what_is_looked_through_have_an_end(moderator_client, article, monkeypatch):
    monkeypatch.setattr(blocks, "MAX_MATCHES_COUNTED", 3)
    monkeypatch.setattr(blocks, "MAX_MATCHES_SHOWN", 2)
    for _number in range(5):
        make_comment(article, device="0" * 32, text="http://evil.example")
    page = moderator_client.post(ADD, form(kind="device", value="0" * 32)).text
    assert "<strong>3+</strong>" in page
    assert page.count("http://evil.example") == 2
    monkeypatch.setattr(blocks, "MAX_COMMENTS_SCANNED", 2)
    page = moderator_client.post(ADD, form(kind="domain", value="evil.example")).text
    assert "<strong>2</strong>" in page
    assert "Searched the latest 2 only." in page


def test_an_author_is_never_taken_from_the_form(moderator_client, editor, moderator):
    add(moderator_client, author=editor.pk, hits=99, key="x", begins_at="2000-01-01")
    made = Block.objects.get()
    assert (made.author, made.hits) == (moderator, 0)
    assert made.key != "x"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"value": ""}, "This field is required."),
        ({"value": "🙂"}, "at least one letter or digit"),
        ({"value": "com", "kind": "domain"}, "every .com domain"),
        ({"value": "a\x00b"}, "Null characters are not allowed."),
        ({"value": "x" * 254}, "at most 253 characters"),
        ({"kind": "planet"}, "not one of the available choices"),
        ({"outcome": "spam"}, "not one of the available choices"),
        ({"reason": ""}, "This field is required."),
        ({"ends_at_0": "2000-01-01", "ends_at_1": "00:00"}, "The end date is in the past."),
        ({"ends_at_0": "tomorrow", "ends_at_1": "x"}, "Enter a valid date"),
        ({"ends_at_0": "0001-01-01", "ends_at_1": "00:00"}, "Invalid end date"),
        ({"value": "Rob"}, "Already blocked."),
    ],
)
@pytest.mark.parametrize("confirmed", [{}, {"confirmed": "1"}])
def test_bad_input_is_an_error_at_its_field_confirmed_or_not(moderator_client, fields, reason, confirmed):
    block("name", "ROB")
    response = moderator_client.post(ADD, {**form(**fields), **confirmed})
    assert response.status_code == 200
    assert reason in response.text
    assert Block.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "kind=%00",
        "kind=x&value=%3Cscript%3E",
        "ends_at=x&author=1&hits=x",
        "ends_at=0001-01-01T00:00:00%2B14:00",
        "ends_at=9999-12-31T23:59:59-12:00",
        "value=" + "x" * 5000,
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_any_address_of_the_form_is_answered(moderator_client, settings, query, zone):
    settings.TIME_ZONE = zone
    response = moderator_client.get(f"{ADD}?{query}")
    assert response.status_code in {200, 400}
    assert "<script>" not in response.text.replace("<script>alert", "")


def test_an_ended_block_is_shown_as_expired_and_may_be_made_anew(moderator_client):
    made = block("name", "Rob")
    moderator_client.post(
        f"{LIST}{made.pk}/change/", {"outcome": "hold", "reason": "Over", "ends_at_0": NEW_YEAR, "ends_at_1": "00:00"}
    )
    with time_machine.travel("2027-02-01"):
        client = Client()
        client.force_login(desk_user())
        assert ">Expired<" in client.get(LIST).text
        assert "Rob" in client.get(LIST, {"state": "expired"}).text
        assert "Rob" not in client.get(LIST, {"state": "active"}).text
        add(client, value="Rob")
    assert Block.objects.count() == 2


def desk_user():
    return User.objects.get(username="moderator")


def test_a_change_leaves_whom_it_is_for_and_the_hits_counted_meanwhile(moderator_client):
    made = block("name", "Rob")
    Block.objects.update(hits=7)
    moderator_client.post(
        f"{LIST}{made.pk}/change/", form(kind="device", value="other", outcome="hold", reason="Changed")
    )
    made.refresh_from_db()
    assert (made.kind, made.value, made.outcome, made.reason, made.hits) == ("name", "Rob", "hold", "Changed", 7)


def test_who_may_not_block_sees_no_way_to(article, reporter, editor, moderator_client):
    made, comment = block("name", "Rob"), make_comment(article, device="0" * 32)
    client = Client()
    client.force_login(reporter)
    for path in (LIST, ADD, f"{LIST}{made.pk}/change/", f"{LIST}{made.pk}/delete/"):
        assert client.get(path).status_code == 403
    assert client.post(ADD, form(kind="device", value="0" * 32)).status_code == 403
    assert add(client).status_code == 403
    assert moderator_client.post(f"{LIST}{made.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Block.objects.count() == 1
    desk_user().groups.get().permissions.get(codename="add_block").delete()
    assert moderator_client.post(ADD, form(kind="device", value="0" * 32)).status_code == 403
    assert ADD not in moderator_client.get(f"/admin/comments/comment/{comment.pk}/change/").text


def test_the_preview_shows_comments_to_those_who_may_see_them(moderator_client, article):
    make_comment(article, device="0" * 32, text="private words")
    desk_user().groups.get().permissions.get(codename="view_comment").delete()
    page = moderator_client.post(ADD, form(kind="device", value="0" * 32)).text
    assert "<strong>1</strong>" in page
    assert "private words" not in page


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize(("day", "hour"), [("0001-01-01", "00:00"), ("9999-12-31", "23:59")])
def test_an_end_at_the_ends_of_the_calendar_is_an_error_at_its_field(moderator_client, settings, zone, day, hour):
    settings.TIME_ZONE = zone
    made = block("name", "Rob")
    sent = {"outcome": "hold", "reason": "x", "ends_at_0": day, "ends_at_1": hour}
    assert "Invalid end date" in add(moderator_client, **sent).text
    assert "Invalid end date" in moderator_client.post(f"{LIST}{made.pk}/change/", sent).text


def test_an_end_is_meant_and_shown_in_the_newsrooms_time(moderator_client, settings):
    settings.TIME_ZONE = "America/New_York"
    add(moderator_client, ends_at_0="2027-01-01", ends_at_1="00:00")
    made = Block.objects.get()
    with time_machine.travel("2027-01-01T04:59:00Z"):
        assert made.is_active()
        assert Block.objects.active().exists()
    with time_machine.travel("2027-01-01T05:00:00Z"):
        assert made.is_expired()
        assert not Block.objects.active().exists()
