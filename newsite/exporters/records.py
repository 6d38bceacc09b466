"""Records of an export, loaded in batches of articles and one comment at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.contrib.redirects.models import Redirect
from django.db.models import Prefetch, QuerySet

from articles.content.sanitizer import image_ids_in
from articles.models import Article, Author, Byline, Image
from comments.models import Comment, Conversation
from comments.statuses import Status
from newsite.importers.wordpress.newsite_meta import body_for_export

BATCH_SIZE = 200


@dataclass(frozen=True)
class ArticleExport:
    """Article with related data; `redirects` are the old paths that lead to it."""

    article: Article
    authors: list[Author]
    policy: str
    closes_after: int | None
    redirects: list[str]
    images: dict[int, tuple[str, str]]

    def front_page_slot(self) -> int | None:
        place = getattr(self.article, "front_page_slot", None)
        return place.position if place else None

    def body(self) -> str:
        """Return the body with image addresses."""
        return body_for_export(self.article.body, self.images.get)

    def comments(self) -> Iterator[Comment]:
        """Yield the comments, parents first, because they are older."""
        return Comment.objects.filter(article=self.article).select_related("staff").order_by("pk").iterator(1_000)


def iter_articles() -> Iterator[ArticleExport]:
    after = 0
    while some := list(_with_related(Article.objects.filter(pk__gt=after))[:BATCH_SIZE]):
        after = some[-1].pk
        rows = Conversation.objects.filter(article__in=some)
        conversations = {each.article_id: each for each in rows}
        redirects = _redirects_to(article.get_absolute_url() for article in some if article.day)
        images = body_image_urls(some)
        for article in some:
            conversation = conversations.get(article.pk) or Conversation()
            yield ArticleExport(
                article=article,
                authors=[byline.author for byline in article.bylines.all()],
                policy=conversation.policy,
                closes_after=conversation.closes_after,
                redirects=redirects.get(article.get_absolute_url(), []),
                images=images,
            )


def body_image_urls(articles: Iterable[Article]) -> dict[int, tuple[str, str]]:
    """Return address and alt text of all images in these bodies."""
    wanted = {pk for article in articles for pk in image_ids_in(article.body)}
    found = Image.objects.ready().in_bulk(wanted)
    return {pk: (image_url(image), image.alt_text) for pk, image in found.items()}


def image_url(image: Image | None) -> str:
    return f"{settings.SITE_URL}{image.file.url}" if image else ""


def exported_text(comment: Comment) -> str:
    """Return the text; empty for a withdrawn comment."""
    return "" if comment.status == Status.WITHDRAWN else comment.text


def _with_related(articles: QuerySet[Article]) -> QuerySet[Article]:
    bylines = Prefetch("bylines", Byline.objects.select_related("author"))
    return (
        articles.select_related("section", "lead_image", "front_page_slot")
        .prefetch_related(bylines, "tags", "corrections")
        .order_by("pk")
    )


def _redirects_to(addresses: Iterator[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    rows = Redirect.objects.filter(site_id=settings.SITE_ID, new_path__in=list(addresses)).order_by("old_path")
    for old, new in rows.values_list("old_path", "new_path"):
        found.setdefault(new, []).append(old)
    return found
