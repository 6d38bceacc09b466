from hypothesis import given
from hypothesis import strategies as st
import pytest

from articles.content.sanitizer import clean_body, embed_reference, image_ids_in, image_reference
from tests.support.html import Page


@pytest.mark.parametrize(
    "kept",
    [
        "<p>One <strong>bold</strong> and <em>italic</em> word.</p>",
        "<h2>Head</h2><h3>Less</h3>",
        "<ul><li><p>one</p></li></ul><ol><li><p>two</p></li></ol>",
        "<blockquote><p>said</p></blockquote><hr><p>a<br>b</p>",
        '<p><a href="https://example.org/">out</a> <a href="/imprint/">in</a></p>',
        '<figure data-image="12"></figure><p>a</p>',
        '<figure data-image="12"><figcaption>A <em>boat</em>, <a href="/x/">more</a></figcaption></figure>',
        '<figure data-embed="https://www.youtube.com/watch?v=abcdefghijk"><figcaption>A film</figcaption></figure>',
        '<table><tbody><tr><th><p>a</p></th></tr><tr><td colspan="2" rowspan="3"><p>b</p></td></tr></tbody></table>',
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td></tr></tbody></table>",
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
        ('<figure><img src="/a.jpg"><figcaption>Words</figcaption></figure>', "Words"),
        ('<figure data-image="12" class="x" onclick="y()"></figure>', '<figure data-image="12"></figure>'),
        ('<figure data-image="0"></figure><figure data-image="1 or 1"></figure>', ""),
        ('<figure data-image="12"><figcaption> </figcaption></figure>', '<figure data-image="12"></figure>'),
        (
            '<figure data-image="1"><p>One</p><h2>Two</h2><figure data-image="2">Three</figure></figure>',
            '<figure data-image="1"><figcaption>One Two Three</figcaption></figure>',
        ),
        (
            '<figure data-image="1" data-embed="https://youtu.be/abcdefghijk"></figure>',
            '<figure data-image="1"></figure>',
        ),
        (
            '<figure data-embed="https://youtu.be/abcdefghijk?t=5"></figure>',
            '<figure data-embed="https://www.youtube.com/watch?v=abcdefghijk"></figure>',
        ),
        (
            '<figure data-embed="https://example.org/a?b=1&amp;c=2"><figcaption>A film</figcaption></figure>',
            '<p><a href="https://example.org/a?b=1&amp;c=2">https://example.org/a?b=1&amp;c=2</a></p><p>A film</p>',
        ),
        ('<figure data-embed="javascript:alert(1)"></figure>', ""),
        (
            '<table class="x"><colgroup><col></colgroup><tr><td colspan="1" rowspan="999">a</td></tr></table>',
            "<table><tbody><tr><td>a</td></tr></tbody></table>",
        ),
    ],
)
def test_everything_else_goes_and_text_stays(dirty, clean):
    assert clean_body(dirty) == clean


PARTS = ["figure", "figcaption", "table", "td", "a", "p", "em", "strong", "li", "ul", "svg", "math", "x", "<", "&"]
PARTS += ['a href="/"', 'figure data-image="3"', 'figure data-embed="https://vimeo.com/1"']
PARTS += ['figure data-embed="http://x/?<a&b"']
TAGS = st.sampled_from(PARTS).flatmap(lambda part: st.sampled_from([f"<{part}>", f"</{part}>", part]))


@given(st.lists(TAGS, max_size=25))
def test_figures_and_tables_in_any_order_are_cleaned_once_for_all(parts):
    cleaned = clean_body("".join(parts))
    assert not Page(cleaned).has_executable_content()
    assert clean_body(cleaned) == cleaned
    assert cleaned.count("<figure data-") == cleaned.count("<figure") == cleaned.count("</figure>")


def test_what_the_importers_write_is_the_stored_form():
    for html in (
        image_reference(12),
        image_reference(12, "A <em>boat</em>"),
        embed_reference("https://vimeo.com/123", "A film"),
        embed_reference("https://elsewhere.example/?a=1&b=2", "A film"),
    ):
        assert clean_body(html) == html
    assert image_ids_in(image_reference(12) + "<p>a</p>" + image_reference(7)) == [12, 7]


@given(st.text(alphabet="<>/=\"' abhrefscriptonp&;:#"))
def test_nothing_in_a_body_can_run(html):
    cleaned = clean_body(html)
    assert not Page(cleaned).has_executable_content()
    assert clean_body(cleaned) == cleaned
