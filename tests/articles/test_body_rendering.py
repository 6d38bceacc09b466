from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db.models import ProtectedError
from django.test import Client
import pytest

from articles.content.rendering import render_body
from articles.content.sanitizer import embed_reference, image_reference
from articles.models import Article, BodyImage, Image
from tests.conftest import make_article
from tests.support.html import Page
from tests.support.images import make_image, process

FILM = embed_reference("https://www.youtube.com/watch?v=abcdefghijk", "The <em>film</em>")


def elements(html, tag):
    return [attributes for name, attributes in Page(html).elements if name == tag]


def test_a_reference_becomes_the_picture_with_its_words(db):
    picture = make_image(alt_text="A boat", caption="The cutter", credit="Ada")
    html = render_body(f"<p>a</p>{image_reference(picture.pk)}<p>b</p>")
    assert elements(html, "img")[0]["alt"] == "A boat"
    assert elements(html, "img")[0]["loading"] == "lazy"
    assert Page(html).text == "aThe cutter Adab"


def test_an_article_may_have_words_of_its_own_for_a_picture(db):
    html = render_body(image_reference(make_image(caption="The cutter").pk, "Seen <em>at noon</em>"))
    assert "Seen <em>at noon</em>" in html
    assert "The cutter" not in html


def test_a_picture_that_is_gone_leaves_no_trace(db):
    assert render_body(f"<p>a</p>{image_reference(4711)}<p>b</p>") == "<p>a</p><p>b</p>"


def test_pictures_are_found_in_one_query(db, django_assert_num_queries):
    body = "".join(image_reference(make_image().pk) for _ in range(3))
    with django_assert_num_queries(1):
        render_body(body)
    with django_assert_num_queries(0):
        render_body("<p>a</p>")


def test_an_embed_is_a_link_and_contacts_nobody(db):
    html = render_body(FILM)
    page = Page(html)
    assert elements(html, "a")[0]["href"] == "https://www.youtube.com/watch?v=abcdefghijk"
    assert not [each for _tag, each in page.elements if "src" in each or "srcset" in each]
    assert not page.has_executable_content()
    assert "hidden" in elements(html, "button")[0]
    place = elements(html, "div")[0]
    assert place["data-frame"] == "https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1"
    assert place["data-title"] == "The film"


def test_what_is_no_longer_listed_is_a_link(db):
    html = render_body('<figure data-embed="https://gone.example/?a&amp;b"></figure>')
    assert html == '<p><a href="https://gone.example/?a&amp;b">https://gone.example/?a&amp;b</a></p>'


def test_a_table_is_scrolled_on_its_own_also_with_the_keyboard(db):
    html = render_body("<table><tbody><tr><td>a</td></tr></tbody></table>")
    assert elements(html, "div")[0] == {"class": "table", "role": "region", "aria-label": "Table", "tabindex": "0"}


def test_pages_may_frame_listed_hosts_and_nobody_else(article):
    policy = Client().get(article.get_absolute_url())["Content-Security-Policy"]
    frames = next(part for part in policy.split("; ") if part.startswith("frame-src"))
    assert "https://www.youtube-nocookie.com" in frames
    assert "https://player.vimeo.com" in frames
    assert "*" not in frames


def test_a_picture_in_a_text_is_not_deleted(db):
    picture = make_image()
    article = make_article(body=image_reference(picture.pk))
    with pytest.raises(ProtectedError):
        picture.delete()
    assert default_storage.exists(picture.file.name)
    article.body = "<p>Without</p>"
    article.save()
    picture.delete()
    assert not BodyImage.objects.exists()


def test_an_article_moves_when_a_picture_in_its_text_changes_or_is_drawn(db):
    picture = make_image()
    article = make_article(body=image_reference(picture.pk))
    process(picture.pk)
    assert Article.objects.get().version == article.version + 1
    picture = Image.objects.get()
    picture.caption = "Another"
    picture.save()
    assert Article.objects.get().version == article.version + 2


def test_a_reference_to_no_picture_is_a_fault_at_the_body(article):
    article.body = image_reference(4711)
    with pytest.raises(ValidationError, match="has been deleted") as fault:
        article.full_clean()
    assert set(fault.value.message_dict) == {"body"}
    article.save()  # created by an importer: rendered without it
    assert Client().get(article.get_absolute_url()).status_code == 200
