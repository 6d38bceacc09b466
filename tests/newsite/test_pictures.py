"""Pictures where readers see them."""

from django.test import Client
import pytest

from tests.conftest import make_article
from tests.html import Page
from tests.pictures import make_picture


def images(address):
    return [attributes for name, attributes in Page(Client().get(address).text).elements if name == "img"]


def test_an_article_shows_its_picture_with_caption_and_credit(db):
    picture = make_picture(alternative="A boat", caption="The cutter", credit="Ada Lovelace")
    article = make_article(picture=picture)
    page = Client().get(article.get_absolute_url())
    assert images(article.get_absolute_url())[0]["alt"] == "A boat"
    assert "The cutter Ada Lovelace" in Page(page.text).text
    assert page.text.index("</header>") < page.text.index("<img") < page.text.index('<div class="body">')


@pytest.mark.parametrize("address", ["/", "/section/town/"])
def test_lists_show_the_picture_beside_the_headline_and_read_it_out_once(db, address):
    make_article(picture=make_picture(alternative="A boat"))
    assert [each["alt"] for each in images(address)] == [""]


def test_a_paper_without_pictures_has_no_empty_places(article):
    for address in ("/", "/section/town/", article.get_absolute_url()):
        assert not images(address)
        assert "teaser-picture" not in Client().get(address).text


def test_another_caption_is_seen_at_once(db):
    picture = make_picture(caption="The first")
    address = make_article(picture=picture).get_absolute_url()
    assert "The first" in Client().get(address).text
    picture.caption = "The second"
    picture.save()
    assert "The second" in Client().get(address).text
