import pytest

from comments.notifications.excerpts import excerpt_name, make_excerpt


@pytest.mark.parametrize(
    "text",
    [
        "http://evil.example/x",
        "hTTps://evil.example",
        "www.evil.com",
        "evil.io/path?a=b",
        "(evil.travel)",
        "ｅｖｉｌ．ｃｏｍ",
        "evil。com",
        "ev\u200bil.c\u200bom",
        "böse.museum",
        "me@evil.example",
        "mailto:me",
        "tel:+4912345",
        "javascript:alert(1)",
        "ftp://10.0.0.1",
        "[click](http://evil.example)",
        '<a href="//evil.example">x</a>',
        '<img src="http://evil.example/pixel.gif">',
    ],
)
def test_nothing_in_a_quote_becomes_a_link(text):
    for quote in (make_excerpt(f"Look at {text} now"), excerpt_name(text)):
        for trace in ("evil", "ｅｖｉｌ", "://", "mailto", "tel:", "script:", "museum", "@"):
            assert trace not in quote.replace("Look at", "")


@pytest.mark.parametrize(
    "text", ["It was 3.50 at 12:30, i.e. late... Very.", "Well – “yes”; a/b, e.g. this.", "I was there.\n\nTwice."]
)
def test_ordinary_words_stay_as_they_are(text):
    assert make_excerpt(text) == text


def test_a_long_text_is_cut_and_a_hostile_one_costs_nothing():
    assert len(make_excerpt("word " * 2000)) <= 400
    assert len(make_excerpt("a." * 100_000)) <= 400


def test_a_name_is_one_line():
    assert excerpt_name("Ada\r\nBcc: x") == "Ada Bcc: x"
