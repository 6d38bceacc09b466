"""Long comments are folded: a part is shown, the rest is in the page."""

from __future__ import annotations

import re

from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from comments.links import comment_as_html, text_as_html
from comments.long_text import folded
from comments.models import Comment
from tests.conftest import examples, make_comment
from tests.html import Page

SENTENCE = "The harbour was full of boats that morning, and nobody had seen the pilot. "
ADDRESS = "https://example.org/" + "a.1/" * 480


@pytest.mark.parametrize("text", ["Fine.", SENTENCE * 10, "- a\n" * 20, "汉字漢語新闻。" * 50, f"See {ADDRESS[:800]}"])
def test_a_comment_of_a_usual_length_is_not_folded(text):
    assert folded(text) == (text, "")
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
    shown, rest = folded(text)
    assert rest
    assert shown.endswith(shown_ends_with)
    assert len(shown) >= 30
    assert re.sub(r"\s", "", shown + rest) == re.sub(r"\s", "", text)


@pytest.mark.parametrize("text", [ADDRESS, f"Look at this:\n{ADDRESS}", f"{SENTENCE * 10}\n{ADDRESS}"])
def test_a_link_is_not_broken(text):
    _shown, rest = folded(text)
    assert ADDRESS in rest
    assert f'href="{ADDRESS}"' in comment_as_html(text)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.sampled_from(["a", " ", "\n", "word. ", "汉", "\u0301", "\ufdfd", "https://a.example/", "<b>"])))
def test_nothing_is_lost_and_a_short_rest_is_not_folded_away(parts):
    text = "".join(parts * 40).strip()
    shown, rest = folded(text)
    assert re.sub(r"\s", "", shown + rest) == re.sub(r"\s", "", text)
    assert folded(shown) == (shown, "")


def test_the_whole_text_is_in_the_page_for_everybody(article):
    text = f"{SENTENCE * 60}The end & <b>all</b>."
    comment = make_comment(article, text=text)
    page = Client().get(article.get_absolute_url()).text
    shown = Page(page.replace("Read the whole comment", "").replace("Show less", "")).text
    assert "".join(text.split()) in "".join(shown.split())
    assert page.count('<details class="rest">') == 1
    assert Comment.objects.get(pk=comment.pk).text == text
