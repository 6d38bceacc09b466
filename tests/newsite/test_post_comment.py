from html import unescape
import json
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
import pytest

from comments.models import Comment, Conversation
from comments.statuses import Policy, Status
from tests.conftest import make_article, make_comment, send

ENTER_COMMENT = "Please enter your comment!"
ENTER_NAME = "Please enter your name here"


@pytest.mark.parametrize("blank", ["", " ", "\r\n\t ", "\u200b\u2060\ufeff", "\u3164", "\U0001d159", "\u0301", "\x00"])
def test_what_is_blank_comes_back_with_both_messages(article, blank):
    response = send(Client(), article, comment=blank, name=blank)
    assert response.status_code == 422
    assert ENTER_COMMENT in response.text
    assert ENTER_NAME in response.text
    assert not Comment.objects.exists()


def test_each_message_stands_at_its_field_and_is_tied_to_it(article):
    response = send(Client(), article, comment="", name="")
    for field, message in (("comment", ENTER_COMMENT), ("name", ENTER_NAME)):
        widget = re.search(rf'<(?:input|textarea)[^>]*name="{field}"[^>]*>', response.text)[0]
        assert f'aria-describedby="write_{field}_error"' in widget
        assert 'aria-invalid="true"' in widget
        assert re.search(rf'id="write_{field}_error">\s*<p>{message}', response.text)
        assert f'<label for="write_{field}">' in response.text


@pytest.mark.parametrize(("fields", "focused"), [({"comment": "", "name": ""}, "comment"), ({"name": ""}, "name")])
def test_the_first_fault_has_the_focus(article, fields, focused):
    page = send(Client(), article, **fields).text
    (element,) = re.findall(r"<[^>]*autofocus[^>]*>", page)
    assert f'name="{focused}"' in element


def test_no_message_is_in_the_page_before_there_is_a_fault(article):
    page = Client().get(article.get_absolute_url()).text
    assert ENTER_COMMENT not in page
    assert ENTER_NAME not in page


def test_one_fault_keeps_what_was_right(article):
    response = send(Client(), article, comment='My "words" <b>here</b>\r\n\r\nand more', name=" ")
    assert response.status_code == 422
    typed = re.search(r"<textarea[^>]*>(.*?)</textarea>", response.text, re.DOTALL)[1]
    assert unescape(typed).strip("\r\n") == 'My "words" <b>here</b>\r\n\r\nand more'
    assert ENTER_COMMENT not in response.text


@pytest.mark.parametrize("letter", ["a", "é", "漢", "🙂"])
def test_lengths_are_code_points_with_a_line_break_as_one(article, letter):
    lines = "\r\n".join([letter] * 2500)  # 2,500 letters and 2,499 breaks
    assert send(Client(), article, comment=lines + letter, name=letter * 60).status_code == 303
    stored = Comment.objects.get()
    assert len(stored.text) == 5000
    assert len(stored.name) == 60


def test_one_character_too_many_is_said_and_nothing_is_cut(article):
    response = send(Client(), article, comment="a" * 5001, name="b" * 61)
    assert response.status_code == 422
    assert "is 5001 characters long; the limit is 5000" in response.text
    assert "Names can have up to 60 characters" in response.text
    assert "a" * 5001 in response.text
    assert "maxlength" not in response.text


def test_a_very_long_comment_comes_back_whole(article):
    response = send(Client(), article, comment="a" * 65536)
    assert response.status_code == 422
    assert "a" * 65536 in response.text


def test_a_megabyte_is_too_long(article):
    response = send(Client(), article, comment="a" * 10_000_000)
    assert response.status_code == 413
    assert "too large" in response.text


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_other_methods_are_not_allowed(article, method):
    assert getattr(Client(), method)(f"{article.get_absolute_url()}comments/").status_code == 405
    assert getattr(Client(), method)(article.get_absolute_url()).status_code == 405


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_for_reading_are_for_reading(article, method):
    client = Client(enforce_csrf_checks=True)
    for address in ("/", "/section/town/", article.get_absolute_url(), f"{article.get_absolute_url()}yours/"):
        assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_post_address_leads_to_the_form(article, method):
    response = getattr(Client(), method)(f"{article.get_absolute_url()}comments/")
    assert response.status_code == 303
    assert response["Location"] == f"{article.get_absolute_url()}#write"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver"},
        {"Referer": "http://testserver/2020/01/01/x/"},
    ],
)
def test_a_post_from_our_own_page_is_taken(article, headers):
    assert send(Client(), article, headers=headers).status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "https://evil.example", "Referer": "http://testserver/"},
        {"Referer": "https://evil.example/http://testserver/"},
        {"Origin": "http://["},
        {"Referer": "http://[::"},
    ],
)
@pytest.mark.parametrize("who", ["reader", "editor"])
def test_a_post_from_elsewhere_is_not_taken_and_the_text_is_kept(article, editor, headers, who):
    client = Client()
    if who == "editor":
        client.force_login(editor)
    response = send(client, article, headers=headers, comment="kept words")
    assert response.status_code == 403
    assert "kept words</textarea>" in response.text
    assert send(client, article, headers=headers, comment="").status_code == 403
    assert not Comment.objects.exists()


def test_a_forged_time_gives_the_form_again(article):
    response = send(Client(), article)
    assert response.status_code == 303
    for forged in ("1600000000000:abc", "nonsense", "x" * 5000, "é:ü"):
        url = f"{article.get_absolute_url()}comments/"
        data = {"comment": "kept words", "name": "Ada", "rendered": forged}
        response = Client().post(url, data, headers={"Sec-Fetch-Site": "same-origin"})
        assert response.status_code == 422
        assert "kept words</textarea>" in response.text
        assert forged not in response.text
    assert Comment.objects.count() == 1


def test_json_a_file_and_brackets_are_a_form_without_its_fields(article):
    url = f"{article.get_absolute_url()}comments/"
    headers = {"Sec-Fetch-Site": "same-origin"}
    as_json = json.dumps({"comment": "x", "name": "y"})
    assert Client().post(url, as_json, content_type="application/json", headers=headers).status_code == 422
    as_file = {"comment": SimpleUploadedFile("x.txt", b"hello"), "name": "Ada"}
    assert Client().post(url, as_file, headers=headers).status_code == 422
    assert Client().post(url, {"comment[]": "x", "name[]": "y"}, headers=headers).status_code == 422


def test_of_a_repeated_field_the_last_one_counts(article):
    url = f"{article.get_absolute_url()}comments/"
    body = "comment=one&comment=two&name=a&name=b"
    form = "application/x-www-form-urlencoded"
    assert Client().post(url, body, content_type=form, headers={"Sec-Fetch-Site": "none"}).status_code == 303
    assert (Comment.objects.get().text, Comment.objects.get().name) == ("two", "b")


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=", "multipart/form-data", "text/plain", "x"])
def test_a_body_that_is_no_form_is_a_clear_answer(article, content_type):
    url = f"{article.get_absolute_url()}comments/"
    response = Client().post(url, b"\xff\xfe\x00", content_type=content_type, headers={"Sec-Fetch-Site": "none"})
    assert response.status_code in {400, 422}


def test_fields_that_nobody_asked_for_are_ignored(article):
    other = make_article()
    send(
        Client(),
        article,
        status="1",
        is_staff="1",
        article_id=str(other.pk),
        created_at="2001-01-01",
        id="77",
        device="mine",
        reviewed_at="2001-01-01",
    )
    comment = Comment.objects.get()
    assert comment.status == Status.PENDING
    assert comment.article == article
    assert comment.pk != 77
    assert comment.device != "mine"
    assert comment.reviewed_at is None
    assert (timezone.now() - comment.created_at).total_seconds() < 60


def test_a_reply_is_stored_under_its_parent(article):
    parent = make_comment(article)
    assert send(Client(), article, parent=str(parent.pk)).status_code == 303
    reply = Comment.objects.latest("pk")
    assert (reply.parent, reply.thread_id, reply.level) == (parent, parent.pk, 2)


@pytest.mark.parametrize(
    "parent", ["elsewhere", "held", "rejected", "-1", "0", str(2**63), "9" * 5000, "x", "1.5", "١"]
)
def test_a_parent_that_cannot_be_replied_to_gives_the_form_again(article, parent):
    known = {
        "elsewhere": lambda: make_comment(make_article()).pk,
        "held": lambda: make_comment(article, status=Status.PENDING).pk,
        "rejected": lambda: make_comment(article, status=Status.REJECTED).pk,
    }
    before = Comment.objects.count()
    sent = str(known[parent]()) if parent in known else parent
    response = send(Client(), article, parent=sent, comment="kept words")
    assert response.status_code == 422
    assert "The comment you replied to has been removed." in response.text
    assert "kept words</textarea>" in response.text
    hidden = re.search(r'<input[^>]*name="parent"[^>]*>', response.text)[0]
    assert "value" not in hidden  # so that sending it again opens a thread
    assert Comment.objects.count() == before + (parent in known)


def test_an_article_taken_back_while_somebody_writes_gives_the_text_back(article):
    address = article.get_absolute_url()
    article.published_at = None
    article.save()
    response = Client().post(f"{address}comments/", {"comment": "my <words>", "name": "Ada"})
    assert response.status_code == 404
    assert "my &lt;words&gt;</textarea>" in response.text


def test_a_conversation_closed_while_somebody_writes_gives_the_text_back(article):
    Conversation.objects.create(article=article, policy=Policy.CLOSED)
    response = send(Client(), article, comment="my words")
    assert response.status_code == 422
    assert "my words</textarea>" in response.text


def test_htmx_is_given_the_page_and_the_address_of_the_comment(article):
    headers = {"Sec-Fetch-Site": "same-origin", "HX-Request": "true"}
    client = Client()
    response = send(client, article, headers=headers)
    comment = Comment.objects.get()
    assert response.status_code == 200
    assert response["HX-Replace-Url"] == f"{article.get_absolute_url()}yours/#comment-{comment.pk}"
    assert "Awaiting approval. Only you can see this comment." in response.text
    assert client.cookies["device"].value


@pytest.mark.parametrize("answer", ["taken", "faulty"])
def test_no_cache_keeps_an_answer_to_a_post(article, answer):
    response = send(Client(), article, comment="" if answer == "faulty" else "words")
    assert "no-store" in response["Cache-Control"]
    assert "csrftoken" not in response.cookies
    assert "sessionid" not in response.cookies


@pytest.mark.parametrize("status", [None, Status.PENDING, Status.REJECTED, Status.WITHDRAWN])
def test_to_reply_to_what_is_gone_says_so_over_the_article(article, status):
    pk = make_comment(article, status=status).pk if status is not None else "999999"
    response = Client().get(f"{article.get_absolute_url()}?reply={pk}")
    assert response.status_code == 404
    assert "That comment has been removed." in response.text
    assert article.headline in response.text
    assert 'id="write"' in response.text
    again = Client().get(f"{article.get_absolute_url()}?reply={pk}", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, article.headline in again.text) == (404, True)
