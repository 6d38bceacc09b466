from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from comments.filters.blocks import block_matches
from comments.identity import hash_network
from comments.models import Block, Comment, Decision
from comments.statuses import Status
from tests.conftest import client_of, make_article, make_comment, send, trusted_client


def block(kind, value, outcome="refuse", **fields):
    made = Block(kind=kind, value=value, outcome=outcome, reason="Insults", **fields)
    made.full_clean()
    made.save()
    return made


@pytest.fixture
def reader(article):
    return trusted_client(make_article())


def device():
    return Comment.objects.latest("pk").device


def values():
    return [
        ("device", device()),
        ("network", hash_network("127.0.0.1")),
        ("name", "Аdа"),  # Cyrillic А
        ("domain", "evil.example"),
    ]


@pytest.mark.parametrize("number", range(4))
def test_a_refusing_block_refuses_keeps_the_text_and_counts_the_hit(article, reader, number):
    made = block(*values()[number])
    before = Comment.objects.count()
    response = send(reader, article, comment="My words http://a.evil.example/x")
    assert response.status_code == 422
    assert "My words http://a.evil.example/x</textarea>" in response.text
    assert "Insults" not in response.text
    assert (
        sum(said in response.text for said in ("been blocked from commenting", "can’t be used", "aren’t allowed")) == 1
    )
    assert Comment.objects.count() == before
    made.refresh_from_db()
    assert made.hits == 1
    assert made.last_hit_at is not None


@pytest.mark.parametrize("number", range(4))
def test_a_holding_block_holds_and_says_which_it_was(article, reader, number):
    made = block(*values()[number], outcome="hold")
    assert send(reader, article, comment="See http://evil.example").status_code == 303
    comment = Comment.objects.latest("pk")
    assert comment.status == Status.PENDING
    (finding,) = comment.decisions.get().findings
    assert (finding["rule"], finding["entry"]) == ("comments.rules.builtin.is_blocked", f"block:{made.pk}")
    assert finding["matched"] == [[], [], ["Ada"], ["http://evil.example"]][number]
    made.refresh_from_db()
    assert made.hits == 1


def test_a_name_is_caught_whose_key_is_another_but_which_looks_the_same(article):
    made = block("name", "David")
    comment = make_comment(article, name="Daνid")  # a Greek letter
    assert comment.name_key != made.key
    assert block_matches(made, comment) == ["Daνid"]
    assert send(Client(), article, name="Daνid").status_code == 422


def test_others_are_not_caught(article, reader):
    for kind, value in [("device", "0" * 32), ("network", "0" * 32), ("name", "Adam"), ("domain", "notevil.example")]:
        block(kind, value)
    block("network", device())  # the right value of another kind
    send(reader, article, comment="See http://evil.example")
    assert Comment.objects.latest("pk").is_public()
    assert not Block.objects.filter(hits__gt=0).exists()


def test_a_blocked_device_cannot_edit_either(article, reader):
    send(reader, article, comment="Polite")
    made = block("device", device())
    address = f"/comments/{Comment.objects.latest('pk').pk}/edit/"
    response = reader.post(address, {"comment": "Rude"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 422
    assert Comment.objects.latest("pk").text == "Polite"
    made.refresh_from_db()
    assert made.hits == 1


def test_staff_are_not_caught_by_the_network_they_share(article, editor):
    block("network", hash_network("127.0.0.1"))
    client = Client()
    client.force_login(editor)
    assert send(client, article).status_code == 303


def test_an_end_date_ends_it_and_the_reader_is_told_when(article, reader):
    ends = timezone.now() + timedelta(days=2)
    block("device", device(), ends_at=ends)
    assert "been blocked from commenting until" in send(reader, article).text
    with time_machine.travel(ends + timedelta(seconds=1)):
        assert send(reader, article).status_code == 303
    assert Comment.objects.latest("pk").is_public()


def test_one_look_up_however_many_links_there_are_and_one_for_what_it_has_found(article, reader, db):
    block("domain", "evil.example", "hold")
    links = " ".join(f"http://h{number}.a.b.c.example" for number in range(150))
    with CaptureQueriesContext(connection) as queries:
        send(reader, article, comment=f"http://evil.example {links}")
    assert sum('FROM "comments_block"' in query["sql"] for query in queries) == 2
    assert "comments.rules.builtin.is_blocked" in {each["rule"] for each in Decision.objects.latest("pk").findings}


def test_a_known_device_is_found_by_its_cookie(article):
    block("device", "0" * 32)
    assert send(client_of("0" * 32), article).status_code == 422
    assert send(client_of("1" * 32), article).status_code == 303


@pytest.mark.parametrize("address", ["203.0.113.7", "::ffff:203.0.113.9"])
def test_an_address_is_taken_for_its_network_and_not_kept(db, address):
    made = block("network", address)
    assert made.value == made.key == hash_network("203.0.113.1")


@pytest.mark.parametrize(
    ("kind", "value"), [("device", "hello world"), ("device", "203.0.113.7"), ("network", "203.0")]
)
def test_a_block_that_could_never_hit_is_an_error_at_its_field(db, kind, value):
    with pytest.raises(ValidationError, match="That isn’t a valid") as error:
        block(kind, value)
    assert set(error.value.message_dict) == {"value"}
