"""HTML is not changed after the cleaner, whatever its source."""

from html.parser import HTMLParser
import re

from django.contrib.flatpages.models import FlatPage
from django.core.management import call_command
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from articles.content.rendering import render_body
from articles.content.sanitizer import ARTICLE_EXTENSIONS, clean_body
from articles.models import Article
from comments.models import Comment
from comments.text.clean import clean_name, clean_text
from comments.text.links import text_as_html
from newsite.importers.html_to_text import html_to_line, html_to_text
from newsite.importers.wordpress.comments import commenter_name
from newsite.importers.wordpress.html import convert_html
from tests.conftest import examples, make_article
from tests.support.wxr_builder import disqus, message, post, thread, wxr

ALLOWED = {"", *ARTICLE_EXTENSIONS["Link"]["protocols"]}  # type: ignore[index]
HIDDEN = [
    "java&#1;script:alert(1)",
    "java\x01script:alert(1)",
    "&#1;javascript:alert(1)",
    "java&#x1f;script&#58;alert(1)",
    "java&#9;script:alert(1)",
    "java&#127;script:alert(1)",
    "jav&#xFFFE;ascript:alert(1)",
    "java\x85script:alert(1)",
    "&#1;&#2;d&#3;ata:text/html,<script>alert(1)</script>",
    "vb&#11;script:alert(1)",
    "java&#55296;script:alert(1)",
]
TAGS = "p h2 h3 ul ol li blockquote a b strong em table tbody tr td th caption figure figcaption div span svg math"
TAGS += " script style select option template pre form iframe br hr img nobr button noscript textarea title"
ATTRIBUTES = [
    "",
    'href="http://a.example/<table>"',
    'href="mailto:a@a.example"',
    'href="//a.example/"',
    'data-image="1"',
    'data-image="x"',
    'data-embed="https://youtu.be/abcdefghijk"',
    'data-embed="https://youtu.be/abcdefghijk&#1;"',
    'data-embed="https://a.example/<x>&#1;"',
    "colspan=2",
    "onclick=x",
    *(f'href="{address}"' for address in HIDDEN),
]
WORDS = ["a", "&lt;", "&#1;", "\x01", "&amp;#1;", " ", "\n", "<!--", "-->", "]]>", '"', "&#x85;", "<", "&", "\xa0"]

begins = st.builds("<{} {}>".format, st.sampled_from(TAGS.split()), st.sampled_from(ATTRIBUTES))
ends = st.builds("</{}>".format, st.sampled_from(TAGS.split()))
html = st.lists(begins | ends | st.sampled_from(WORDS), max_size=15).map("".join)
typed = st.text(st.characters() | st.sampled_from("\x01\r\n\u0301\u0323\u200b\u202e\u2028\ufeff\u3164 >"), max_size=30)


class Addresses(HTMLParser):
    """Parser that collects URLs as browsers read them, without tabs, line breaks, and controls at both ends."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found += [value or "" for name, value in attrs if name in {"href", "src", "action", "data-frame"}]

    @property
    def schemes(self):
        plain = (re.sub(r"[\t\n\r]", "", each).strip("".join(map(chr, range(33)))) for each in self.found)
        named = (re.match(r"([a-zA-Z][a-zA-Z0-9+.-]*):", each) for each in plain)
        return {match[1].lower() if match else "" for match in named}


def is_clean(body):
    return clean_body(body) == body and Addresses(body).schemes <= ALLOWED


@settings(max_examples=examples(300), deadline=None)
@given(html)
def test_the_cleaner_has_the_last_word(source):
    body = clean_body(source)
    assert is_clean(body)
    if "data-image" not in body:  # these query the database
        assert Addresses(render_body(body)).schemes <= ALLOWED


@settings(max_examples=examples(150), deadline=None)
@given(html)
def test_an_imported_article_is_clean(source):
    assert is_clean(convert_html(source).html)


@settings(max_examples=examples(200), deadline=None)
@given(typed)
def test_what_readers_type_is_clean_when_it_is_stored(text):
    for clean in (clean_text, clean_name, commenter_name):
        assert clean(clean(text)) == clean(text)
    assert Addresses(text_as_html(clean_text(text))).schemes <= {"http", "https"}


@settings(max_examples=examples(100), deadline=None)
@given(html)
def test_an_imported_comment_is_clean_when_it_is_stored(source):
    text = clean_text(html_to_text(source, keep_lines=True))
    assert clean_text(text) == text
    assert commenter_name(commenter_name(html_to_line(source))) == commenter_name(html_to_line(source))
    assert Addresses(text_as_html(text)).schemes <= {"http", "https"}


@pytest.mark.parametrize("address", HIDDEN)
def test_no_address_of_a_script_is_stored_by_an_import(db, run_import, address):
    body = f'<p>One <a href="{address}">two</a></p><h2><a href="{address}"><img src="{address}"></a></h2>'
    if "\x01" not in address and "\x85" not in address:  # not allowed in XML
        run_import(wxr(post(7, content=body)))
        assert is_clean(Article.objects.get().body)
    assert is_clean(convert_html(body).html)


@pytest.mark.parametrize("address", HIDDEN)
def test_nor_by_a_save_or_by_a_page_of_its_own(db, address):
    link = f'<p><a href="{address}">two</a></p>'
    article = make_article(body=link)
    assert is_clean(Article.objects.get().body)
    FlatPage.objects.create(url="/imprint/", title="Imprint", content=link).sites.add(1)
    for page in (article.get_absolute_url(), "/imprint/"):
        assert Addresses(Client().get(page).text).schemes <= {"", "http", "https"}


def test_an_imported_comment_links_nothing_but_the_web(db, tmp_path, article):
    text = "".join(f'<p><a href="{each}">x</a> {each}</p>' for each in HIDDEN if each.isprintable())
    path = tmp_path / "disqus.xml"
    path.write_text(disqus(thread("1", f"https://a.example{article.get_absolute_url()}"), message("2", "1", text)))
    call_command("import_disqus", path)
    assert clean_text(Comment.objects.get().text) == Comment.objects.get().text
    assert Addresses(text_as_html(Comment.objects.get().text)).schemes <= {"http", "https"}


def test_a_link_to_the_old_site_does_not_lead_to_another_one(run_import, db):
    run_import(wxr(post(7, content='<p><a href="https://old.example//evil.example/x">two</a></p>')))
    assert 'href="/evil.example/x"' in Article.objects.get().body
