import time

from hypothesis import given
from hypothesis import strategies as st
import pytest

from comments.text.clean import clean_text
from newsite.importers.html_to_text import html_to_line, html_to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("One\ntwo\n\nthree", "One\ntwo\n\nthree"),
        ("Fish &amp; chips &lt;3", "Fish & chips <3"),
        ("<p>One</p>\n<p>two<br>three</p>", "One\n\ntwo\nthree"),
        ("See <a href='http://a.example/b'>http://a.example/b</a>.", "See http://a.example/b."),
        ("See <a href='http://a.example/b'>this</a>.", "See this (http://a.example/b)."),
        ("See <a href='http://a.example/long/way'>http://a.example/lon...</a>", "See http://a.example/long/way"),
        ("<blockquote>One\ntwo</blockquote>Three", "> One\n> two\n\nThree"),
        ("<ul>\n<li>One</li>\n<li>Two</li>\n</ul>", "- One\n- Two"),
        ("<b>Bold</b><script>alert(1)</script> <i>words</i>", "Bold words"),
        ("<img src='http://a.example/b.gif' alt='A dog'>", "A dog (http://a.example/b.gif)"),
        ("<a href='javascript:x'>here</a>", "here"),
        ("", ""),
    ],
)
def test_html_becomes_the_text_that_one_saw(source, text):
    assert html_to_text(source, keep_lines=True) == text


@pytest.mark.parametrize("blank", ["\n", "<br>", "\xa0", "\n<i>"])
def test_no_comment_takes_long(blank):
    started = time.process_time()
    html_to_text(f"<b>x</b>{blank * (60_000 // len(blank))}x", keep_lines=True)
    assert time.process_time() - started < 1


def test_where_line_breaks_mean_nothing_they_are_blanks():
    assert html_to_text("<p>One\ntwo</p>\n<p>three</p>", keep_lines=False) == "One two\n\nthree"
    assert html_to_text("One\ntwo", keep_lines=False) == "One two"


def test_links_over_disqus_lead_where_they_meant():
    source = '<a href="http://disq.us/url?url=https%3A%2F%2Fa.example%2Fb%3AxYz&amp;cuid=3" title="t">https://a.example/b</a>'
    assert html_to_text(source, keep_lines=False) == "https://a.example/b"


def test_a_name_is_one_line_without_elements():
    assert html_to_line("Ping &laquo; What&#8217;s <em>that</em>?") == "Ping « What’s that ?"
    assert html_to_line("A &amp;\n B") == "A & B"


@given(st.text(), st.booleans())
def test_it_takes_whatever_comes(source, keep_lines):
    clean_text(html_to_text(f"<p>{source}", keep_lines=keep_lines))
    html_to_line(f"<b>{source}")


def test_what_is_nested_without_end_is_taken_too():
    assert html_to_text("<blockquote>" * 5_000 + "Deep", keep_lines=True).endswith("Deep")
