"""Structured data of an article for search engines: schema.org's NewsArticle as JSON-LD.

It is in a script element that browsers do not execute, so the content security policy needs no nonce for it.
"""

from __future__ import annotations

from datetime import datetime
import json
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from articles.feeds import absolute_url
from articles.models import Article, Author, Correction, Tag
from newsite.pages.site_context import SiteContext

# Characters that could end the script element, or begin a comment or a line in it, inside a JSON string.
_ESCAPES = {ord(each): f"\\u{ord(each):04x}" for each in "<>&\u2028\u2029"}


def article_json_ld(
    article: Article, authors: list[Author], tags: list[Tag], corrections: list[Correction]
) -> dict[str, Any]:
    """Return the part that depends only on the version of the article."""
    address = absolute_url(article.get_absolute_url())
    image = article.ready_lead_image
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.headline,
        "description": article.summary(),
        "url": address,
        "mainEntityOfPage": address,
        "datePublished": _when(article.published_at),
        "dateModified": _when(article.updated_at if article.is_updated() else article.published_at),
        "author": [
            {"@type": "Person", "name": author.name, "url": absolute_url(author.get_absolute_url())}
            for author in authors
        ],
        "image": image
        and [
            {
                "@type": "ImageObject",
                "url": crop.address,
                "width": crop.width,
                "height": crop.height,
                "caption": image.alt_text,
                **({"creditText": image.credit} if image.credit else {}),
            }
            for crop in image.crops()
        ],
        "articleSection": article.section.name,
        "keywords": [tag.name for tag in tags],
        "correction": [
            {"@type": "CorrectionComment", "text": each.text, "datePublished": _when(each.at)} for each in corrections
        ],
        "inLanguage": article.language,
        "isAccessibleForFree": True,
        "discussionUrl": f"{address}#conversation",
    }
    return {name: value for name, value in facts.items() if value}


def render_json_ld(about: dict[str, Any], site: SiteContext, *, comments: int | str) -> SafeString:
    """Add the publisher and the number of public comments or its placeholder, which change independently."""
    publisher = {"@type": "Organization", "name": site.name, "url": f"{settings.SITE_URL}/"}
    data = {"author": [publisher], **about, "publisher": publisher}
    beginning = json.dumps(data, ensure_ascii=False).translate(_ESCAPES).removesuffix("}")
    return mark_safe(f'{beginning}, "commentCount": {comments}}}')


def _when(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""
