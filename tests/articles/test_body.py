from hypothesis import given
from hypothesis import strategies as st
import pytest

from articles.body import clean_body
from tests.html import Page


@pytest.mark.parametrize(
    "kept",
    [
        "<p>One <strong>bold</strong> and <em>italic</em> word.</p>",
        "<h2>Head</h2><h3>Less</h3>",
        "<ul><li><p>one</p></li></ul><ol><li><p>two</p></li></ol>",
        "<blockquote><p>said</p></blockquote><hr><p>a<br>b</p>",
        '<p><a href="https://example.org/">out</a> <a href="/imprint/">in</a></p>',
    ],
)
def test_what_the_editor_makes_stays(kept):
    assert clean_body(kept) == kept


@pytest.mark.parametrize(
    ("dirty", "clean"),
    [
        ("<p>a</p><script>alert(1)</script>", "<p>a</p>"),
        ('<p onclick="x()" style="color:red" class="c">a</p>', "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "<a>a</a>"),
        ("<h1>a</h1>", "a"),
        ("<img src=x onerror=alert(1)>", ""),
        ("<p></p>", ""),
        ("a\x00b", "ab"),
    ],
)
def test_everything_else_goes_and_text_stays(dirty, clean):
    assert clean_body(dirty) == clean


@given(st.text(alphabet="<>/=\"' abhrefscriptonp&;:#"))
def test_nothing_in_a_body_can_run(html):
    cleaned = clean_body(html)
    assert not Page(cleaned).can_run_something()
    assert clean_body(cleaned) == cleaned
