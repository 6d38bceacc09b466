"""RSS 2.0 and Atom feeds of articles. They are well-formed for any text, and the id of an article never changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
import mimetypes
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from articles.models import Article, Image
from articles.text import strip_control_chars

FEED_SIZE = 50


@dataclass(frozen=True)
class Feed:
    """Feed of articles. `address` is the path of its page, `feed_address` the path of the feed, both without host."""

    title: str
    description: str
    address: str
    feed_address: str
    language: str = field(default_factory=lambda: str(settings.LANGUAGE_CODE))

    def of(self, articles: Iterable[Article], *, as_atom: bool) -> str:
        """Return the XML. Run no query if the section, lead image, bylines and tags of the articles are prefetched."""
        writer = (_Atom if as_atom else _Rss)(
            title=strip_control_chars(self.title),
            link=absolute_url(self.address),
            feed_url=absolute_url(self.feed_address),
            feed_guid=absolute_url(self.address),
            description=strip_control_chars(self.description),
            language=self.language,
        )
        for article in articles:
            writer.add_item(**_item(article))
        return str(writer.writeString("utf-8"))


def _item(article: Article) -> dict[str, Any]:
    return {
        "title": strip_control_chars(article.headline),
        "link": absolute_url(article.get_absolute_url()),
        "description": strip_control_chars(article.summary()),
        "pubdate": article.published_at,
        "updateddate": article.updated_at if article.is_updated() else article.published_at,
        "unique_id": _tag_uri(article),
        "unique_id_is_permalink": False,
        "categories": [strip_control_chars(each) for each in (article.section.name, *map(str, article.tags.all()))],
        "authors": [
            (strip_control_chars(byline.author.name), absolute_url(byline.author.get_absolute_url()))
            for byline in article.bylines.all()
        ],
        "lead_image": article.ready_lead_image,
    }


def _tag_uri(article: Article) -> str:
    """Return a tag URI (RFC 4151), which stays the same when the article's URL changes."""
    seen: datetime | None = article.first_published_at or article.published_at
    return f"tag:{urlsplit(settings.SITE_URL).hostname},{seen:%Y-%m-%d}:article-{article.pk}"


class _Rss(Rss201rev2Feed):
    def root_attributes(self) -> dict[str, str]:
        namespaces = {"dc": "http://purl.org/dc/elements/1.1/", "media": "http://search.yahoo.com/mrss/"}
        return {**super().root_attributes(), **{f"xmlns:{name}": uri for name, uri in namespaces.items()}}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name, _address in item["authors"]:
            handler.addQuickElement("dc:creator", name)
        _add_image(handler, item["lead_image"])


class _Atom(Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": "http://search.yahoo.com/mrss/"}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name, address in item["authors"]:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", name)
            handler.addQuickElement("uri", address)
            handler.endElement("author")
        _add_image(handler, item["lead_image"])


def _add_image(handler: SimplerXMLGenerator, image: Image | None) -> None:
    if image is None:
        return
    crop = image.crops()[0]
    kind = mimetypes.guess_type(crop.address)[0] or "image/jpeg"
    about = {"url": crop.address, "type": kind, "medium": "image"}
    about |= {"width": str(crop.width), "height": str(crop.height)}
    handler.startElement("media:content", AttributesImpl(about))
    handler.addQuickElement("media:description", strip_control_chars(image.alt_text), {"type": "plain"})
    if image.credit:
        handler.addQuickElement("media:credit", strip_control_chars(image.credit))
    handler.endElement("media:content")


def absolute_url(address: str) -> str:
    """Return the URL under SITE_URL, independent of the request's Host header."""
    return urljoin(f"{settings.SITE_URL}/", address)
