"""Rule hits of refused comments: they are counted although no comment is stored."""

from django.test import Client

from comments.models import Comment, WordListEntry, WordListVersion
from tests.comments.test_word_list import put
from tests.conftest import client_of, send


def test_an_entry_counts_what_it_refuses_and_what_it_holds_once_a_submission(article):
    refused, held, spared = put("cialis", "refuse"), put("gull"), put("herring")
    assert send(client_of("0" * 32), article, comment="C1alis and cialis, a gull").status_code == 422
    assert send(client_of("1" * 32), article, comment="A gull").status_code == 303
    assert Comment.objects.count() == 1
    for entry, hits in ((refused, 1), (held, 2), (spared, 0)):
        entry.refresh_from_db()
        assert entry.hits == hits
        assert (entry.last_hit_at is not None) == (hits > 0)


def test_to_count_a_hit_is_no_change_of_the_list(article):
    put("cialis")
    version = WordListVersion.current().version
    send(Client(), article, comment="cialis")
    assert WordListEntry.objects.get().hits == 1
    assert WordListVersion.current().version == version


def test_the_list_shows_hits_and_of_what_refuses_nothing_that_fired(article, editor_client):
    put("cialis", "refuse")
    send(Client(), article, comment="cialis")
    html = editor_client.get("/admin/comments/wordlistentry/").text
    assert '<td class="field-hits">1</td>' in html
    assert '<td class="field-measured">–</td>' in html


def test_a_changed_entry_keeps_the_hits_counted_meanwhile(editor_client, monkeypatch):
    entry = put("cialis")
    full_clean = WordListEntry.full_clean

    def meanwhile(self, *args, **options):
        full_clean(self, *args, **options)
        WordListEntry.objects.count_hit()

    monkeypatch.setattr(WordListEntry, "full_clean", meanwhile)
    sent = {"kind": "word", "value": "c1alis2", "outcome": "spam", "note": ""}
    assert editor_client.post(f"/admin/comments/wordlistentry/{entry.pk}/change/", sent).status_code == 302
    entry.refresh_from_db()
    assert (entry.value, entry.outcome, entry.hits) == ("c1alis2", "spam", 1)
