"""Hostile texts: stored as text, shown as text, wherever they are shown."""

import time

from django.test import Client
import pytest

from articles.models import Author, Byline, Correction, Section, SiteSettings, Tag
from comments.models import Comment
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_article, send
from tests.support.html import Page

HOSTILE = [
    "<script>alert(1)</script>",
    '" onmouseover=alert(1) x="',
    "' onfocus=alert(1) autofocus '",
    "http://x.com/?'onmouseover='alert(document.domain)'x='",
    "javascript:alert(1)",
    "JaVaScRiPt&#58;alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "//evil.example",
    "</script><script>alert(1)</script>",
    "<!-- \u2028 \u2029",
    "]]>",
    "\x01\x02\x1f seen",
    "a\x00b",
    "{{7*7}} {% debug %}",
    "%s %(name)s {0.__class__}",
    "' OR 1=1--",
    '=HYPERLINK("http://evil")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "𝕬𝖉𝖆 🙂 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u202egnp.exe",
    "Z" + "\u0300" * 50,
    "Ada\r\nBcc: x@y.example",
    "\ufffd\ud7ff\ue000",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_taken_and_shown_as_text(article, editor, text):
    reader, staff = Client(), Client()
    staff.force_login(editor)
    response = send(reader, article, comment=text, name=text[:60])
    assert response.status_code == 303
    comment = Comment.objects.get()
    decide(comment, Status.APPROVED, actor=editor)
    pages = [
        reader.get(f"{article.get_absolute_url()}yours/").text,
        reader.get(article.get_absolute_url()).text,
        staff.get("/admin/comments/comment/").text,
        staff.get(f"/admin/comments/comment/{comment.pk}/change/").text,
    ]
    for html in pages:
        page = Page(html)
        assert " ".join(comment.name.split()) in page.text
        assert not page.has_executable_content()
        assert "\x00" not in html


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_a_headline_is_text(article, text):
    article.headline = article.standfirst = text.replace("\x00", "")
    article.save()
    for address in (article.get_absolute_url(), "/", "/section/town/"):
        page = Page(Client().get(address).text)
        assert " ".join(article.headline.split()) in page.text
        assert not page.has_executable_content()


@pytest.mark.parametrize(
    "body",
    [
        b"comment=%ff%fe&name=%c0%af",
        b"comment=%ed%a0%80x&name=%f0%9f%99%82",
        b"comment=\xff\xfe&name=\xff",
        b"%",
        b"=&=&",
    ],
)
def test_bytes_that_are_no_utf8_are_no_error_of_ours(article, body):
    response = Client().post(
        f"{article.get_absolute_url()}comments/",
        body,
        content_type="application/x-www-form-urlencoded",
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert response.status_code in {303, 422}


@pytest.mark.parametrize("text", ["<" * 5000, "&lt" * 1666, "http://a." * 555, "(" * 5000, "> " * 2500, "(" * 900_000])
def test_repetitive_text_takes_less_than_a_second_to_answer(article, text):
    started = time.process_time()  # CPU time, not affected by other processes
    response = send(Client(), article, comment=text)
    if response.status_code == 303:
        decide(Comment.objects.get(), Status.APPROVED, actor=None)
        Client().get(article.get_absolute_url())
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "path", ["/%00/", "/section/%00/", "/2020/01/01/%00/", "/?q=%00", "/comments/1/?x=%00", "/%ff%fe/"]
)
def test_an_address_that_no_database_can_look_for_is_a_clear_answer(db, path):
    make_article()
    assert Client().get(path).status_code in {400, 404}


def test_no_page_holds_what_no_page_may_hold(db, client):
    bad = "\x01\x0b\x1f\x85\uffff"
    section = Section.objects.create(name=f"News{bad}", slug="news", description=f"All{bad}")
    author = Author.objects.create(name=f"Ada{bad}", slug="ada", about=f"Writes{bad}")
    tag = Tag.objects.create(name=f"Sea{bad}", slug="sea")
    SiteSettings(name=f"The Paper{bad}", tagline=f"Since{bad}").save()
    words = {"headline": f"One{bad}", "standfirst": f"Two{bad}", "description": f"Three{bad}"}
    article = make_article(section=section, body=f"<p>Four{bad} &#1;&#x1f;</p>", **words)
    Byline.objects.create(article=article, author=author)
    article.tags.add(tag)
    Correction.objects.create(article=article, text=f"Five{bad}")
    address = article.get_absolute_url()
    for page in ("/", address, "/section/news/", "/author/ada/", "/tag/sea/", "/corrections/", "/search/?q=one"):
        answer = client.get(page)
        assert answer.status_code == 200
        assert not set(bad) & set(answer.text), page
