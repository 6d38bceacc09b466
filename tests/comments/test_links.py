import re
import time
from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st
import pytest

from comments.text.hosts import host_of
from comments.text.links import extract_links, text_as_html
from tests.support.html import Page


def test_an_address_becomes_a_link_that_search_engines_do_not_follow():
    assert text_as_html("See https://example.org/a?b=1&c=2.") == (
        '<p>See <a href="https://example.org/a?b=1&amp;c=2" rel="nofollow ugc noopener">'
        "https://example.org/a?b=1&amp;c=2</a>.</p>"
    )


def test_paragraphs_and_line_breaks_are_kept():
    assert text_as_html("one\ntwo\n\nthree") == "<p>one<br>two</p>\n\n<p>three</p>"


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        '" onmouseover=alert(1) x="',
        "http://x.com/?'onmouseover='alert(document.domain)'x='",
        'http://x.com/"onclick="alert(1)',
        "javascript:alert(1)",
        "JaVaScRiPt&#58;alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "</script><script>alert(1)</script><!--",
        "[http://x.com/[<img src=x onerror=alert(1)>]]",
    ],
)
def test_nothing_that_a_reader_writes_becomes_markup(hostile):
    assert _only_ours(text_as_html(hostile))


@given(st.text(alphabet="<>&\"'/:.=[]() \nhttpw.comjavscrip"))
def test_no_text_becomes_markup(text):
    assert _only_ours(text_as_html(text))


def _only_ours(html):
    """Return whether a parser finds only paragraphs, line breaks and links as the site renders them."""
    return all(
        (tag in {"p", "br"} and not attributes)
        or (
            tag == "a"
            and set(attributes) == {"href", "rel"}
            and attributes["rel"] == "nofollow ugc noopener"
            and attributes["href"].startswith(("http://", "https://"))
        )
        for tag, attributes in Page(html).elements
    )


def test_an_address_of_mail_is_not_a_link():
    assert "<a" not in text_as_html("write to ada@example.org")


def test_links_are_counted_as_they_will_be_shown():
    assert len(extract_links("https://a.example www.b.example ada@example.org javascript:x")) == 2


@pytest.mark.parametrize("text", ["<" * 5000, "&lt" * 1600, "http://a." * 550, "(" * 5000, "> " * 2500, "www." * 1250])
def test_hostile_text_takes_no_time(text):
    started = time.perf_counter()
    text_as_html(text)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (f"http://{'a' * 5_000}@evil.example/x", "evil.example"),
        (f"https://evil.example:443/{'a' * 5_000}", "evil.example"),
        ("http://evil.example\\@good.example/", "evil.example"),
        ("http://[::1]:80/", "::1"),
        ("http://[2001:db8:0::7]/ad", "2001:db8::7"),
        ("http://a!b.Evil.example/", "a!b.evil.example"),
        ("http://a..evil.example/", "a.evil.example"),
        ("http://1א.evil.example/", "1א.evil.example"),
        (f"http://{'a' * 5_000}.evil.example/", f"{'a' * 63}.evil.example"),
        (f"{'a' * 5_000}://evil.example/", "evil.example"),
        ("http://evil.example", "evil.example"),
        ("evil.example", ""),
        ("http://", ""),
    ],
)
def test_the_host_is_found_whatever_stands_around_it(address, host):
    assert host_of(address) == host


IGNORED_BY_BROWSERS = [
    0xAD,
    0x34F,
    0x180B,
    0x180F,
    0x200B,
    0x200D,
    0x2060,
    0x2064,
    0xFE0F,
    0xFEFF,
    0x1BCA0,
    0xE0100,
    0xE01EF,
]


@pytest.mark.parametrize("times", [1, 70, 1_100, 20_000])
@pytest.mark.parametrize("code", IGNORED_BY_BROWSERS)
def test_characters_that_browsers_ignore_do_not_change_the_host(code, times):
    ignored = chr(code) * times
    assert host_of(f"https://ev{ignored}il.example/") == "evil.example"
    assert host_of(f"https://{quote(ignored)}evil.example{quote(ignored)}:443/") == "evil.example"


@pytest.mark.parametrize("end", [").", ")!", "):", "),", ");", ")...", "]!", ")!!", ".", "!", ""])
def test_no_sign_behind_a_link_is_lost(end):
    text = f"(see https://paper.example/a{end}"
    assert re.sub("<[^>]*>", "", text_as_html(text)).strip() == text
