"""Long comments are collapsed: a part is shown, and the page contains the rest."""

from __future__ import annotations

from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from comments.models import Comment
from comments.text.hosts import host_of
from comments.text.links import comment_as_html, extract_links, text_as_html
from comments.text.long_text import fold_place
from tests.conftest import examples, make_comment
from tests.support.html import Page

SENTENCE = "The harbour was full of boats that morning, and nobody had seen the pilot. "
ADDRESS = "https://example.org/" + "a.1/" * 480


@pytest.mark.parametrize(
    "text",
    ["Fine.", SENTENCE * 10, "- a\n" * 20, "汉字漢語新闻。" * 50, "Vie\u0323\u0302t " * 200, f"See {ADDRESS[:800]}"],
)
def test_a_comment_of_a_usual_length_is_not_folded(text):
    assert fold_place(text) == len(text)
    assert comment_as_html(text) == text_as_html(text)


@pytest.mark.parametrize(
    ("text", "shown_ends_with"),
    [
        (SENTENCE * 60, "pilot."),
        ((SENTENCE * 4 + "\n\n") * 12, "pilot."),
        ("a\n" * 2_500, "a"),
        ("汉字漢語新闻。" * 700, "。"),
        ("word " * 1_000, "word"),
        ("\ufdfd" * 4_000, "\ufdfd"),
        ("a" * 5_000, "a"),
    ],
)
def test_a_long_comment_is_folded_at_a_good_place(text, shown_ends_with):
    shown = text[: fold_place(text)].rstrip()
    assert 30 <= len(shown) < len(text)
    assert shown.endswith(shown_ends_with)
    html = comment_as_html(text)
    assert html.startswith(str(text_as_html(shown)))
    assert _seen(html) == _seen(text_as_html(text))


@pytest.mark.parametrize("text", [ADDRESS, f"Look at this:\n{ADDRESS}", f"{SENTENCE * 10}\n{ADDRESS}"])
def test_a_link_is_not_broken(text):
    html = comment_as_html(text)
    assert f'href="{ADDRESS}"' in html.partition("<details")[2]


PARTS = [
    "a",
    " ",
    "\n",
    "\n\n",
    "word. ",
    "汉。",
    "！",
    "\u0301",
    "\ufdfd",
    "<b>",
    '"',
    "'",
    ".",
    "/",
    ":",
    "(",
    "@",
    "www.",
]
ADDRESSES = ["https://a.example/", "http://", "b.com", "c.org/?q=1&d"]


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PARTS + ADDRESSES), st.sampled_from([1, 2, 20, 300])), max_size=30))
def test_a_folded_text_has_the_words_and_the_links_of_the_whole(parts):
    text = "".join(part * times for part, times in parts).strip()[:5_000]
    html, whole = comment_as_html(text), text_as_html(text)
    assert _addresses(html) == _addresses(whole)
    assert [host_of(address) for address in _addresses(html)] == [link.host for link in extract_links(text)]
    assert _seen(html) == _seen(whole)
    shown = text[: fold_place(text)].rstrip()
    assert fold_place(shown) == len(shown)


@pytest.mark.parametrize("before", ["a" * 1_120, "汉" * 559 + "。", "汉。" * 300, "a" * 1_115 + '"'])
@pytest.mark.parametrize("address", ["http://spam.example/buy", "www.spam.example", "spam.com/"])
def test_a_fold_makes_no_link(before, address):
    text = f"{before}{address} {SENTENCE * 10}"
    assert "<details" in comment_as_html(text)
    assert len(_addresses(comment_as_html(text))) == len(extract_links(text))


def _addresses(html: str) -> list[str]:
    return [attributes["href"] for tag, attributes in Page(html).elements if tag == "a"]


def _seen(html: str) -> str:
    return "".join(Page(html.replace("Read the whole comment", "").replace("Show less", "")).text.split())


def test_the_whole_text_is_in_the_page_for_everybody(article):
    text = f"{SENTENCE * 60}The end & <b>all</b>."
    comment = make_comment(article, text=text)
    page = Client().get(article.get_absolute_url()).text
    shown = Page(page.replace("Read the whole comment", "").replace("Show less", "")).text
    assert "".join(text.split()) in "".join(shown.split())
    assert page.count('<details class="rest">') == 1
    assert Comment.objects.get(pk=comment.pk).text == text
