import os
import subprocess
import sys

from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
import pytest

from comments.filters.word_list import match_word_list
from comments.models import Comment, Decision, WordListEntry, WordListVersion
from comments.statuses import Status
from comments.text.links import extract_links
from tests.conftest import make_article, send, trusted_client


def put(value, outcome="hold", kind="word"):
    entry = WordListEntry(kind=kind, value=value, outcome=outcome)
    entry.full_clean()
    entry.save()
    return entry


def hits(text, name="Ada"):
    return {
        hit.moderator_message.removeprefix("Banned word or link: "): hit
        for hit in match_word_list(text, name, extract_links(text), version=WordListVersion.current().version)
    }


def finding():
    (only,) = [
        each
        for each in Decision.objects.latest("pk").findings
        if each["rule"] == "comments.rules.builtin.matches_word_list"
    ]
    return only


@pytest.mark.parametrize(("outcome", "status"), [("hold", Status.PENDING), ("spam", Status.SPAM)])
def test_the_entry_says_what_becomes_of_the_comment_and_the_finding_what_was_found(article, outcome, status):
    client = trusted_client(make_article())
    entry = put("cialis", outcome)
    assert send(client, article, comment="Buy C1alis and c.i.a.l.i.s, specialist").status_code == 303
    assert Comment.objects.latest("pk").status == status
    assert finding() == {
        "rule": "comments.rules.builtin.matches_word_list",
        "outcome": outcome,
        "detail": "Banned word or link: cialis",
        "entry": f"wordlistentry:{entry.pk}",
        "matched": ["C1alis", "c.i.a.l.i.s"],
    }


def test_a_refused_word_is_named_to_the_reader_as_they_wrote_it_and_the_text_is_kept(article):
    put("cialis", "refuse")
    response = send(Client(), article, comment="Buy <C1alis> today")
    assert response.status_code == 422
    assert "Please remove “C1alis” and post your comment again." in response.text
    assert "Buy &lt;C1alis&gt; today</textarea>" in response.text
    assert not Comment.objects.exists()


def test_every_entry_is_a_finding_and_the_most_severe_counts(article):
    client = trusted_client(make_article())
    put("watches")
    put("cheap watches", "spam", "phrase")
    send(client, article, comment="cheap watches")
    comment = Comment.objects.latest("pk")
    assert comment.status == Status.SPAM
    assert [each["outcome"] for each in comment.decisions.get().findings] == ["hold", "spam"]


def test_an_edit_is_held_to_the_lists_too(article):
    put("cialis", "refuse")
    client = trusted_client(make_article())
    send(client, article, comment="Harmless")
    comment = Comment.objects.latest("pk")
    address = f"/comments/{comment.pk}/edit/"
    response = client.post(address, {"comment": "Now cialis"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 422
    assert "Please remove “cialis”" in response.text
    comment.refresh_from_db()
    assert comment.text == "Harmless"


def test_staff_may_name_what_is_listed(article, editor):
    put("cialis", "refuse")
    client = Client()
    client.force_login(editor)
    assert send(client, article, comment="We refuse cialis here").status_code == 303
    assert Comment.objects.get().text == "We refuse cialis here"


def test_a_name_is_looked_at_too(db):
    put("viagra")
    assert hits("Hello", name="V1agra Bob")["viagra"].matched == ("V1agra",)


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.example/x",
        "see www.evil.example.",
        "https://a.b.EVIL.example",
        "https://good.example@evil.example/",
        "http://ev%69l.example",
        "http://evil。example",
        "http://ｅｖｉｌ.example",
        f"http://ev{chr(0xE0100)}il.example",
        f"http://ev{'%C2%AD' * 180}il.example",
    ],
)
def test_a_link_to_a_listed_domain_is_found_however_it_is_written(db, text):
    put("evil.example", kind="domain")
    assert hits(text)["evil.example"].matched


@pytest.mark.parametrize(
    "text", ["http://notevil.example", "http://evil.example.org", "evil.example", "/evil.example/"]
)
def test_other_links_and_mere_mentions_are_not(db, text):
    put("evil.example", kind="domain")
    assert hits(text) == {}


def test_a_unicode_host_and_its_punycode_are_one(db):
    put("bücher.example", kind="domain")
    assert hits("http://xn--bcher-kva.example http://BÜCHER.example")["bücher.example"].matched == (
        "http://xn--bcher-kva.example",
        "http://BÜCHER.example",
    )


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ("faß.example", "http://xn--fa-hia.example"),
        ("xn--fa-hia.example", "http://faß.example"),
        ("127.0.0.1", "http://0x7f.1/"),
        ("127.0.0.1", "http://127.0.000.1/"),
        ("192.0.2.1", "http://192.0x.2.1/x"),
        ("192.0.2.1", "http://0xC0.0X.0x2.1/x"),
        ("2001:db8::7", "http://[2001:db8:0::7]/ad"),
        ("[2001:DB8::7]", "http://[2001:db8::7]:8080/ad"),
        ("http://[2001:db8::7]/x", "http://[2001:db8::7]"),
    ],
)
def test_a_host_is_one_however_a_browser_may_be_told_of_it(db, value, link):
    put(value, kind="domain")
    assert hits(link)[value].matched == (link,)


def test_an_address_that_is_no_link_is_found_as_a_word(db):
    put("evil.example")
    for text in ("hxxp://evil.example/x", "http://evil.example", "evil . example, evil[.]example"):
        assert hits(text)["evil.example"].matched


# --- Changes of the list apply to the next comment -------------------------------------------------------------------


def test_a_saved_changed_or_deleted_entry_counts_from_the_next_comment_on(db):
    entry = put("herring")
    assert set(hits("herring")) == {"herring"}
    entry.value = "gull"
    entry.save()
    assert set(hits("herring gull")) == {"gull"}
    entry.delete()
    assert hits("herring gull") == {}


def test_so_does_what_is_done_to_many_at_once(db):
    WordListEntry.objects.bulk_create([WordListEntry(value="herring", normalized="herring")])
    assert set(hits("herring")) == {"herring"}
    WordListEntry.objects.update(value="gull")
    assert set(hits("gull")) == {"gull"}
    WordListEntry.objects.filter(value="gull").delete()
    assert hits("gull") == {}


def test_an_unchanged_list_is_read_once(db):
    put("herring")
    hits("herring")
    with CaptureQueriesContext(connection) as queries:
        hits("herring")
    assert len(queries) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_another_process_sees_the_change():
    """Build the matcher in this process, then change the list in another one."""
    put("herring")
    hits("herring")
    code = (
        "import django; django.setup()\n"
        "from comments.models import WordListEntry\n"
        "WordListEntry(kind='word', value='gull').save()"
    )
    from_here = {**environment(), "DJANGO_SETTINGS_MODULE": "newsite.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, env=from_here)
    assert set(hits("herring gull")) == {"herring", "gull"}


def environment():
    """Return the environment for a process that uses this test's database."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    return {**os.environ, "DATABASE_URL": url, "SECRET_KEY": "x"}


def test_the_version_never_comes_back(db):
    seen = {WordListVersion.current().version}
    for number in range(5):
        put(f"word{number}")
        seen.add(WordListVersion.current().version)
    assert len(seen) == 6


@pytest.mark.parametrize("value", ["c1alis", "CIALIS", "cialis "])
def test_an_entry_that_finds_the_same_as_another_is_refused_at_its_field(db, value):
    put("cialis")
    with pytest.raises(ValidationError, match="Already listed as “cialis” \\(Hold\\)") as error:
        put(value)
    assert "value" in error.value.message_dict
