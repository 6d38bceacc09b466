import time

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest

from articles.content.sanitizer import clean_body
from newsite.importers.wordpress.html import convert_html


def html(content):
    return convert_html(content).html


def remarks(content):
    return convert_html(content).remarks


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("One\n\nTwo", "<p>One</p><p>Two</p>"),
        ("One\nand a half\r\n \r\n\r\nTwo", "<p>One<br>and a half</p><p>Two</p>"),
        ("<strong>One\n\nTwo</strong> three", "<p><strong>One</strong></p><p><strong>Two</strong> three</p>"),
        ("<div>One\n\n<p>Two</p>\n</div>", "<p>One</p><p>Two</p>"),
        ("<ul>\n<li>One</li>\n<li>Two</li>\n</ul>", "<ul><li><p>One</p></li><li><p>Two</p></li></ul>"),
        ("<blockquote>One\n\nTwo</blockquote>", "<blockquote><p>One</p><p>Two</p></blockquote>"),
        ("One<!--more-->Two<!--nextpage-->Three", "<p>One</p><p>Two</p><p>Three</p>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("\n \n", ""),
    ],
)
def test_line_breaks_make_paragraphs_where_there_are_no_blocks(content, expected):
    assert html(content) == expected


def test_within_a_block_a_line_break_is_a_blank():
    content = "<!-- wp:paragraph -->\n<p>One\ntwo</p>\n<!-- /wp:paragraph -->\n\nThree\nfour"
    assert html(content) == "<p>One two</p><p>Three<br>four</p>"


def test_headings_become_those_that_an_article_has():
    assert html("".join(f"<h{n}>H <em>{n}</em></h{n}>" for n in range(1, 7))) == "".join(
        f"<{tag}>H <em>{n}</em></{tag}>" for n, tag in enumerate(["h2", "h2", "h3", "h3", "h3", "h3"], start=1)
    )


def test_preformatted_text_keeps_its_lines():
    assert html("<pre>one\n  two\n\n[gallery]</pre>") == "<p>one<br>&nbsp;&nbsp;two<br><br>[gallery]</p>"


def test_what_is_no_text_is_gone():
    content = "<script>alert(1)</script><p onclick='x'>One <a href='javascript:x'>two</a></p><style>p{}</style>"
    assert html(content) == "<p>One two</p>"


def test_a_block_that_wordpress_fills_itself_is_told():
    content = '<!-- wp:latest-posts {"postsToShow":3} /--><!-- wp:latest-posts /--><p>One</p>'
    assert (html(content), remarks(content)) == ("<p>One</p>", ["block “latest-posts”"])


@pytest.mark.parametrize(
    "content",
    [
        "https://www.youtube.com/watch?v=abc&amp;t=1",
        "[embed]https://www.youtube.com/watch?v=abc&t=1[/embed]",
        "<p>https://www.youtube.com/watch?v=abc&t=1</p>",
        '<iframe src="https://www.youtube.com/watch?v=abc&t=1"></iframe>',
        '<figure class="wp-block-embed"><div class="x">\nhttps://www.youtube.com/watch?v=abc&t=1\n</div></figure>',
        '<!-- wp:embed {"url":"https://www.youtube.com/watch?v=abc&t=1"} /-->',
        '[video mp4="https://www.youtube.com/watch?v=abc&t=1"][/video]',
    ],
)
def test_what_is_embedded_is_an_address_on_its_own(content):
    assert "https://www.youtube.com/watch?v=abc&amp;t=1" in html(content)
    assert "[" not in html(content)
    assert remarks(content) == []


@pytest.mark.parametrize(
    "content", ["[youtube abc]", "[youtube id='abc']", "[youtube=https://www.youtube.com/watch?v=abc]"]
)
def test_videos_of_known_shortcodes_are_linked(content):
    assert "https://www.youtube.com/watch?v=abc" in html(content)


@pytest.mark.parametrize(
    "content",
    [
        'Before [contact-form-7 id="3" title="Write"] after',
        "Before [my_plugin] after",
        "Before [box]inside[/box] after",
        "Before\n[weather]\nafter",
        "Before [weather /] after",
    ],
)
def test_an_unknown_shortcode_is_told_and_not_shown(content):
    assert "[" not in html(content)
    assert html(content).startswith("<p>Before")
    assert [remark.partition(" ")[0] for remark in remarks(content)] == ["shortcode"]


def test_what_an_unknown_shortcode_encloses_stays():
    assert html("[box color='red']inside[/box]") == "<p>inside</p>"


@pytest.mark.parametrize(
    "text",
    ["He was [sic] there", "as [the mayor] said", "[...] and so on", "see [1]", "“[I]t rained”", "[re-elected] in May"],
)
def test_what_a_journalist_put_in_brackets_stays(text):
    assert (html(text), remarks(text)) == (f"<p>{text}</p>", [])


def test_an_escaped_shortcode_is_text():
    assert html("Write [[gallery]] for it") == "<p>Write [gallery] for it</p>"


def test_a_picture_that_is_not_there_is_linked_by_its_caption_and_told():
    content = "[caption id='a' width='3']<img src='https://old.example/a.jpg' alt='A dog' /> The dog[/caption]"
    assert html(content) == '<p><a href="https://old.example/a.jpg">The dog</a></p>'
    assert remarks(content) == ["image https://old.example/a.jpg: not among the available files, linked instead"]


PICTURE = "<img src='http://www.old.example/up/The-Dog-300x200.jpg' alt='A dog'>"
SHOWN = '<p><a href="http://www.old.example/up/The-Dog-300x200.jpg">A dog</a></p>'  # the file is missing
IS_LINKED = "image http://www.old.example/up/The-Dog-300x200.jpg: not among the available files, linked instead"


@pytest.mark.parametrize(
    "link",
    [
        "href='http://www.old.example/up/The-Dog.jpg'",
        "href='https://old.example/up/The-Dog-scaled.jpg'",
        "href='http://old.example/?attachment_id=12'",
        "href='http://old.example/2012/01/a-post/the-dog/'",
        "href='http://old.example/elsewhere/' rel='attachment wp-att-12'",
        "href=''",
        "href='javascript:x'",
    ],
)
def test_a_picture_that_leads_to_itself_is_no_link(link):
    assert html(f"One\n\n<a {link}>{PICTURE}</a>\n\nTwo") == f"<p>One</p>{SHOWN}<p>Two</p>"
    assert remarks(f"<a {link}>{PICTURE}</a>") == [IS_LINKED]


@pytest.mark.parametrize(
    "href",
    [
        "https://advertiser.example/",
        "https://advertiser.example/the-dog/",
        "https://old.example/2012/report/",
        "https://old.example/up/report.pdf",
    ],
)
@pytest.mark.parametrize("picture", [PICTURE, f"<figure>{PICTURE}</figure>"])
def test_a_link_around_a_picture_that_leads_elsewhere_stands_after_it_and_is_told(href, picture):
    source = f"One\n\n<a href='{href}'>{picture}</a>\n\nTwo"
    assert html(source) == f'<p>One</p>{SHOWN}<p><a href="{href}">{href}</a></p><p>Two</p>'
    assert set(remarks(source)) == {IS_LINKED, f"a link around an image, to {href}: placed after it"}


def test_words_beside_a_picture_stay_a_link():
    source = f"<a href='https://advertiser.example/?a=1&b'>{PICTURE} Read the <b>report</b></a>"
    link = '<p><a href="https://advertiser.example/?a=1&amp;b">Read the <strong>report</strong></a></p>'
    assert html(source).replace('b"> Read', 'b">Read') == SHOWN + link
    told = "a link around an image, to https://advertiser.example/?a=1&b: kept only around the text beside it"
    assert set(remarks(source)) == {IS_LINKED, told}


def test_a_table_stays_one():
    source = "<table>\n<caption>C</caption>\n<thead><tr>\n<th colspan='2'>H</th></tr></thead>\n"
    source += "<tr><td>One</td><td><b>Two</b><table><tr><td>deep</td></tr></table></td></tr></table>"
    assert html(source) == (
        '<table><tbody><tr><th colspan="2"><p>H</p></th></tr>'
        "<tr><td><p>One</p></td><td><p><strong>Two</strong></p><p>deep</p></td></tr></tbody></table><p>C</p>"
    )


def test_a_table_that_is_none_leaves_its_words():
    assert html("<table><caption>C</caption></table>") == "<p>C</p>"


def test_a_video_of_a_listed_host_stands_in_the_text_with_its_caption():
    source = (
        "<figure><iframe src='//www.youtube.com/embed/abcdefghijk'></iframe><figcaption>A & B</figcaption></figure>"
    )
    embed = "https://www.youtube.com/watch?v=abcdefghijk"
    assert html(source) == f'<figure data-embed="{embed}"><figcaption>A &amp; B</figcaption></figure>'
    assert html(f"One\n\n{embed}\n\nTwo") == f'<p>One</p><figure data-embed="{embed}"></figure><p>Two</p>'


PIECES = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "\n\n",
    "\n",
    "[caption]",
    "[/caption]",
    "<img src='http://a.example/b-1x1.jpg'>",
    "[",
    "]",
]
PIECES += [
    "<!-- wp:group -->",
    "<!-- /wp:group -->",
    "<table>",
    "<tr>",
    "<td>",
    "</table>",
    "<li>",
    "<ul>",
    "</ul>",
    "<![x",
    "&#0;",
]
PIECES += [
    "<h1>",
    "</h1>",
    "<figure>",
    "<figcaption>",
    "</figure>",
    "<a href='//x'>",
    "<a href='http://[x'>",
    "</a>",
    "<pre>",
    "</pre>",
    "<",
    "text",
    "[x y=1]",
]
PIECES += [
    "https://youtu.be/abc",
    "<q>",
    "<dl><dt>",
    "[gallery ids='1,2']",
    "<iframe src='http://[x'>",
    "<blockquote>",
    '"',
    "'",
]


@settings(max_examples=50, deadline=None)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=30).map("".join)))
def test_whatever_comes_in_what_comes_out_is_clean(content):
    found = html(content)
    assert clean_body(found) == found


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 5_000,
        "[a b" * 20_000,
        "<" * 50_000,
        "[x " + "'\"" * 20_000,
        "<!-- wp:a {" * 5_000,
        "[word] " * 10_000,
        "x" + "<br> " * 20_000 + "x",
        "x" + "\xa0" * 60_000 + "x",
        "<h2>x" + "\xa0" * 60_000 + "x</h2>",
    ],
)
def test_no_content_takes_long(content):
    started = time.process_time()
    convert_html(content)
    assert time.process_time() - started < 2


def test_captions_of_the_images_of_a_gallery_stay_with_their_images():
    one, two = (
        f'<figure class="wp-block-image"><img src="https://old.example/{name}.jpg" alt="">'
        f"<figcaption>Caption {name}</figcaption></figure>"
        for name in ("a", "b")
    )
    block = f'<figure class="wp-block-gallery">{one}{two}<figcaption>All of them</figcaption></figure>'
    for gallery, last in ((block, "All of them"), (block.replace("<figcaption>All of them</figcaption>", ""), "")):
        written = html(gallery)
        assert written.count("Caption a") == written.count("Caption b") == 1
        assert written.index("Caption a") < written.index("Caption b")
        assert written.count("All of them") == (1 if last else 0)
