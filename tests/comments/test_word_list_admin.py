from django.contrib.admin.models import LogEntry
from django.test import Client
import pytest

from comments.models import WordListEntry
from tests.comments.test_word_list import hits, put

LIST = "/admin/comments/wordlistentry/"
MANY = f"{LIST}add/many/"


def entry(**fields):
    return {"kind": "word", "value": "cialis", "outcome": "spam", "note": "", **fields}


def many(lines, **fields):
    return {"kind": "word", "outcome": "hold", "note": "from the old site", "lines": lines, **fields}


def test_an_editor_lists_a_word_and_it_counts_at_once(editor_client, editor):
    editor_client.post(f"{LIST}add/", entry())
    assert WordListEntry.objects.get().author == editor
    assert set(hits("C1alis")) == {"cialis"}
    assert "cialis" in editor_client.get(LIST, {"q": "CIAL"}).text


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"value": ""}, "This field is required."),
        ({"value": "a"}, "Enter more than one letter"),
        ({"value": "*", "kind": "wildcard"}, "inside a word"),
        ({"value": "com", "kind": "domain"}, "every .com domain"),
        ({"value": "x" * 101}, "at most 100 characters"),
        ({"value": "a\x00b"}, "Null characters are not allowed."),
        ({"kind": "regex"}, "not one of the available choices"),
        ({"outcome": "publish"}, "not one of the available choices"),
        ({"value": "\ufdfa" * 100}, "no more than 20 words"),
        ({"value": "Gúll"}, "Already listed as “gull”"),
        ({"value": "\u200b\u200b"}, "at least one letter or digit"),
    ],
)
def test_a_bad_entry_is_an_error_at_its_field(editor_client, fields, reason):
    put("gull")
    response = editor_client.post(f"{LIST}add/", entry(**fields))
    assert response.status_code == 200
    assert reason in response.text
    assert WordListEntry.objects.count() == 1


def test_many_lines_at_once_and_each_bad_one_is_named_and_given_back(editor_client, editor):
    put("gull")
    lines = "herring\n\n a \ngúll\ntwo words\nHERRING\n<b>cod\n" + "x" * 101
    response = editor_client.post(MANY, many(lines))
    assert {each.value for each in WordListEntry.objects.all()} == {"gull", "herring", "<b>cod"}
    assert {each.note for each in WordListEntry.objects.exclude(value="gull")} == {"from the old site"}
    assert WordListEntry.objects.get(value="herring").author == editor
    assert "2 entries added." in response.text
    for row in (
        '<td>3</td><td class="said"><bdi>a</bdi></td><td>That would match too much',
        '<td>4</td><td class="said"><bdi>gúll</bdi></td><td>Already listed as “gull”.',
        '<td>5</td><td class="said"><bdi>two words</bdi></td><td>That’s more than one word',
        '<td>6</td><td class="said"><bdi>HERRING</bdi></td><td>Duplicate of line 1.',
        "<td>8</td>",
    ):
        assert row in response.text
    assert f"a\ngúll\ntwo words\nHERRING\n{'x' * 101}</textarea>" in response.text
    assert set(hits("herring")) == {"herring"}
    assert LogEntry.objects.filter(user=editor).count() == 2


def test_when_every_line_is_right_the_list_is_shown(editor_client):
    response = editor_client.post(MANY, many("evil.example\nhttps://www.bad.example/x", kind="domain"), follow=True)
    assert response.redirect_chain
    assert set(hits("http://a.bad.example")) == {"https://www.bad.example/x"}


@pytest.mark.parametrize(
    "data", [{}, many(""), many("a\x00b"), many("x", kind="regex"), many("x\n" * 10_001), many("x", outcome="")]
)
def test_what_cannot_be_is_a_clear_answer(editor_client, data):
    response = editor_client.post(MANY, data)
    assert response.status_code == 200
    assert not WordListEntry.objects.exists()
    assert "errornote" in response.text


def test_a_thousand_lines_take_few_queries(editor_client, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        editor_client.post(MANY, many("\n".join(f"word{number}x" for number in range(1000))))
    assert WordListEntry.objects.count() == 1000


def test_moderators_read_the_list_and_change_nothing(moderator, db):
    listed = put("gull")
    client = Client()
    client.force_login(moderator)
    page = client.get(LIST)
    assert "gull" in page.text
    assert MANY not in page.text
    assert client.get(MANY).status_code == client.post(MANY, many("cod")).status_code == 403
    assert client.post(f"{LIST}add/", entry()).status_code == 403
    client.post(f"{LIST}{listed.pk}/change/", entry())
    client.post(LIST, {"action": "delete_selected", "_selected_action": listed.pk, "post": "yes"})
    assert [each.value for each in WordListEntry.objects.all()] == ["gull"]


def test_others_do_not_see_it(reporter):
    client = Client()
    assert client.get(MANY).status_code == 302
    client.force_login(reporter)
    assert client.get(LIST).status_code == client.get(MANY).status_code == 403


def test_deleting_in_the_list_counts_at_once(editor_client):
    listed = put("gull")
    assert hits("gull")
    editor_client.post(LIST, {"action": "delete_selected", "_selected_action": listed.pk, "post": "yes"})
    assert not WordListEntry.objects.exists()
    assert not hits("gull")
