import pytest

from articles.images import renditions
from articles.images.html import figure_html, image_html
from articles.models import Image
from tests.support.html import Page
from tests.support.images import make_image, process


def elements(html, tag):
    return [attributes for name, attributes in Page(html).elements if name == tag]


def drawn_picture(monkeypatch, **fields):
    monkeypatch.setattr(renditions, "WIDTHS", (40, 80))
    picture = make_image(width=640, height=20, **fields)
    process(picture.pk)
    return Image.objects.get(pk=picture.pk)


def test_until_it_is_drawn_the_cleaned_file_itself_is_shown(db):
    picture = make_image(width=640, height=20)
    html = image_html(picture, "article")
    assert not elements(html, "source")
    assert elements(html, "img")[0]["src"] == f"/media/{picture.file.name}"


def test_then_the_browser_chooses_format_and_width(db, monkeypatch):
    sources = elements(image_html(drawn_picture(monkeypatch), "list"), "source")
    assert [each["type"] for each in sources] == ["image/avif", "image/webp"]
    for each, kind in zip(sources, ("avif", "webp"), strict=True):
        assert [part.split()[1] for part in each["srcset"].split(", ")] == ["40w", "80w"]
        assert f"-40.{kind} " in each["srcset"]
        assert each["sizes"].endswith("6.5rem")


def test_nothing_jumps_and_only_what_leads_is_loaded_at_once(db):
    picture = make_image(width=640, height=20)
    for place, loading, priority in (("lead", None, "high"), ("article", None, "high"), ("list", "lazy", None)):
        image = elements(image_html(picture, place), "img")[0]
        assert (image["width"], image["height"]) == ("640", "20")
        assert (image.get("loading"), image.get("fetchpriority")) == (loading, priority)


@pytest.mark.parametrize(("percent", "tenth"), [(0, 0), (34, 3), (50, 5), (96, 10), (100, 10)])
def test_the_focus_is_a_class(db, percent, tenth):
    html = image_html(make_image(focal_point_x=percent, focal_point_y=100), "list")
    assert elements(html, "img")[0]["class"] == f"focus-x-{tenth} focus-y-10"
    assert "style=" not in html


def test_its_words_are_text_and_nothing_else(db):
    picture = make_image(alt_text='"><script>', caption="<b>Caption</b>", credit="<i>Credit</i>")
    html = figure_html(picture, "article")
    assert elements(html, "img")[0]["alt"] == '"><script>'
    assert "&lt;b&gt;Caption&lt;/b&gt;" in html
    assert not Page(html).has_executable_content()


def test_a_figure_without_words_has_no_caption(db):
    assert not elements(figure_html(make_image(), "article"), "figcaption")
    assert Page(figure_html(make_image(), "body", caption="<em>Own</em>")).text == "Own"


def test_a_decoration_is_not_heard(db):
    html = image_html(make_image(), "list", is_decoration=True)
    assert elements(html, "img")[0]["alt"] == ""


def test_a_small_picture_is_not_blown_up(db):
    assert "small" in elements(figure_html(make_image(width=60), "article"), "figure")[0]["class"]
    assert "small" not in elements(figure_html(make_image(width=600), "article"), "figure")[0]["class"]
