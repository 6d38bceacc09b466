"""Images on public pages."""

from django.test import Client
import pytest

from articles.content.sanitizer import image_reference
from articles.models import Image
from tests.conftest import make_article
from tests.support.html import Page
from tests.support.images import make_image, process, queue_upload


def images(address):
    return [attributes for name, attributes in Page(Client().get(address).text).elements if name == "img"]


def test_an_article_shows_its_picture_with_caption_and_credit(db):
    picture = make_image(alt_text="A boat", caption="The cutter", credit="Ada Lovelace")
    article = make_article(lead_image=picture)
    page = Client().get(article.get_absolute_url())
    assert images(article.get_absolute_url())[0]["alt"] == "A boat"
    assert "The cutter Ada Lovelace" in Page(page.text).text
    assert page.text.index("</header>") < page.text.index("<img") < page.text.index('<div class="body">')


@pytest.mark.parametrize("address", ["/", "/section/town/"])
def test_lists_show_the_picture_beside_the_headline_and_read_it_out_once(db, address):
    make_article(lead_image=make_image(alt_text="A boat"))
    assert [each["alt"] for each in images(address)] == [""]


def test_a_paper_without_pictures_has_no_empty_places(article):
    for address in ("/", "/section/town/", article.get_absolute_url()):
        assert not images(address)
        assert "teaser-image" not in Client().get(address).text


def test_another_caption_is_seen_at_once(db):
    picture = make_image(caption="The first")
    address = make_article(lead_image=picture).get_absolute_url()
    assert "The first" in Client().get(address).text
    picture.caption = "The second"
    picture.save()
    assert "The second" in Client().get(address).text


PLACES = ["/", "/section/town/", "/feed/", "/feed/atom/", "/tag/sea/", "/search/?q=boat"]


def with_picture(picture):
    article = make_article(
        headline="The boat", lead_image=picture, body=f"<p>a</p>{image_reference(picture.pk)}<p>b</p>"
    )
    article.tags.create(name="Sea", slug="sea")
    return article


@pytest.mark.parametrize("has_failed", [False, True])
def test_of_a_picture_that_is_not_ready_readers_see_nothing(db, has_failed):
    picture = queue_upload(alt_text="Not yet", caption="Not yet", credit="Not yet")
    if has_failed:
        Image.objects.update(original="", problem="unreadable", digest=None, due_at=None)
    article = with_picture(picture)
    for address in [*PLACES, article.get_absolute_url()]:
        page = Client().get(address)
        assert page.status_code == 200
        assert "The boat" in page.text or "search" in address
        for trace in ("Not yet", "<figure", "uploads/", "og:image", "media:content", "teaser-image"):
            assert trace not in page.text, (address, trace)


def test_it_is_seen_as_soon_as_it_has_been_processed_also_on_pages_that_are_kept(db):
    picture = queue_upload(alt_text="At sea")
    article = with_picture(picture)
    addresses = [article.get_absolute_url(), "/", "/section/town/"]
    etags = {address: Client().get(address).get("ETag") for address in addresses}
    process(picture.pk)
    picture.refresh_from_db()
    for address in addresses:
        page = Client().get(address, headers={"If-None-Match": etags[address]} if etags[address] else {})
        assert page.status_code == 200
        assert picture.file.url in page.text, address
