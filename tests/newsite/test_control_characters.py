"""Control characters such as U+0001 are removed from pages, feeds and emails, however readers send them."""

import re

from django.db import OperationalError
from django.test import Client
import pytest

from articles.models import Article
from articles.text import strip_control_chars
from comments.models import Comment, Report
from newsite.db import outage
from newsite.pages import article as article_module
from tests.conftest import make_comment, send, trusted_client

CONTROLS = "\x01\x02\x08\x0b\x1b\x7f\x85"
NONE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
SAME_SITE = {"Sec-Fetch-Site": "same-origin"}


NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def test_what_xml_does_not_allow_is_left_out():
    left = strip_control_chars("".join(map(chr, range(0x110000))))
    assert not NOT_IN_XML.search(left)
    assert not NONE.search(left)
    assert len(left) == 0x110000 - (29 + 33 + 2 + 2048)


def is_clean(response):
    return not NONE.search(response.content.decode())


def test_in_a_comment_and_a_name_they_are_not_kept(article):
    client = trusted_client(article)
    send(client, article, comment=f"Some{CONTROLS}thing", name=f"A{CONTROLS}da", website=f"x{CONTROLS}")
    comment = Comment.objects.latest("pk")
    assert comment.text == "Something"
    assert not NONE.search(comment.name + str(list(comment.decisions.values_list("findings", flat=True))))


@pytest.mark.parametrize("fields", [{"comment": CONTROLS}, {"name": CONTROLS}, {"parent": CONTROLS}])
def test_they_do_not_come_back_with_the_form(article, fields):
    response = send(Client(), article, **fields)
    assert response.status_code in {303, 422}
    assert is_clean(response)


def test_nor_with_an_edit_a_report_or_a_wish_for_letters(article):
    client = trusted_client(article)
    own, other = Comment.objects.latest("pk"), make_comment(article)
    for address, fields in [
        (f"/comments/{own.pk}/edit/", {"comment": CONTROLS}),
        (f"/comments/{other.pk}/report/", {"complaint": f"x{CONTROLS}", "note": f"x{CONTROLS}"}),
        ("/letters/", {"address": f"x{CONTROLS}@", "replies": f"x{CONTROLS}"}),
    ]:
        response = client.post(address, fields, headers=SAME_SITE)
        assert response.status_code in {409, 422}
        assert is_clean(response)
    client.post(f"/comments/{other.pk}/report/", {"complaint": "other", "note": f"x{CONTROLS}"}, headers=SAME_SITE)
    assert Report.objects.get().note == "x"


def test_nor_where_the_article_or_the_database_is_gone(article, monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("connection refused")

    Article.objects.update(published_at=None)
    response = send(Client(), article, comment=f"Some{CONTROLS}thing", name=f"A{CONTROLS}da")
    assert response.status_code == 404
    assert "Something" in response.text
    assert is_clean(response)
    monkeypatch.setattr(outage._State, "is_down", False)
    monkeypatch.setattr(article_module, "get_published", refuse)
    response = send(Client(), article, comment=f"Some{CONTROLS}thing", name=f"A{CONTROLS}da", rendered=None)
    assert response.status_code == 503
    assert "Something" in response.text
    assert is_clean(response)


@pytest.mark.parametrize("word", ["%01herrings%1B", "%01", "%C2%85"])
def test_nor_with_a_search_or_an_address_that_is_not_there(article, word):
    for address in (f"/search/?q={word}", f"/{word}/", f"/section/{word}/", f"/tag/{word}/", f"/letters/{word}/"):
        assert is_clean(Client().get(address))
