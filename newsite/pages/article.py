"""Article page with its conversation: the cached page for all readers, and the private page of one reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce
from django.http import Http404
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.content.rendering import render_body
from articles.cursor import PageCursor
from articles.feeds import absolute_url
from articles.models import Article, Correction
from articles.models.publication_state import PublicationState
from comments.db.compiled_query import DATE_MARK, TEXT_MARK, TIME_MARK, CompiledQuery
from comments.forms import CommentForm, sign_time
from comments.models import Comment, SitePolicy
from comments.notifications.prompt import subscription_prompt
from comments.readers.recommendations import recommendations_version
from comments.statuses import Policy, closing_time, effective_policy
from comments.text.links import comment_as_html
from comments.threads.pages import Sort, Thread, conversation_page, thread_page
from newsite.http.page_cache import Expiry, get_or_build
from newsite.http.placeholders import fill, split_at_placeholders
from newsite.pages.related import related_articles, time_slot
from newsite.pages.site_context import SiteContext, site_context, site_settings_version
from newsite.pages.structured_data import article_json_ld, render_json_ld


@dataclass(frozen=True)
class PublishedArticle:
    """Public article with the cache versions of everything on its page.

    `related_slot` changes with the clock.
    """

    pk: int
    version: int
    conversation_version: int
    recommendations_version: object
    comment_count: int
    published_count: int
    pick_count: int
    policy: str
    site_version: int
    related_slot: int
    expiry: Expiry = field(repr=False)  # not a cache version: it only tells when the page changes

    @property
    def is_open(self) -> bool:
        return self.policy != Policy.CLOSED


@dataclass(frozen=True)
class ConversationQuery:
    """Requested part of a conversation: a page of threads in an order, one thread from a cursor, or a reply form.

    `is_reply_gone`: the comment to reply to does not exist or was removed.
    """

    sort: Sort = Sort.NEWEST
    after: PageCursor | None = None
    thread: Comment | None = None
    thread_after: str = ""
    reply_to: Comment | None = None
    is_reply_gone: bool = False

    @property
    def is_stored(self) -> bool:
        """Return whether the page is worth caching: most requests are for first pages, few for the others."""
        return not (self.after or self.thread or self.reply_to or self.is_reply_gone)


FIRST_PAGE = ConversationQuery()


@dataclass(frozen=True)
class RenderedArticle:
    headline: str
    standfirst: str
    language: str
    is_right_to_left: bool
    tint: str
    address: str
    html: str
    meta: str
    about: dict[str, Any]
    related: str


def get_published(day: date, slug: str) -> PublishedArticle:
    """Return the public article in one query.

    Raise Http404 if there is no such public article.
    """
    row = _PUBLISHED_QUERY.first(day=day, slug=slug, now=timezone.now())
    if row is None:
        raise Http404
    pk, version, conversation, recommended_at, comments, published, picks = row[:7]
    policy, site_policy, site_version, published_at, ends, *days = row[7:]
    closes = closing_time(published_at, *days)
    is_yet_to_close = closes is not None and closes > timezone.now()
    return PublishedArticle(
        pk=pk,
        version=version,
        conversation_version=conversation,
        recommendations_version=recommendations_version(recommended_at),
        comment_count=comments,
        published_count=published,
        pick_count=picks,
        policy=effective_policy(policy, site_policy, closes=closes),
        site_version=site_version,
        related_slot=time_slot(pk),
        expiry=Expiry(changes_at=closes if is_yet_to_close else None, expires_at=ends),
    )


def _versions(day: date, slug: str, now: datetime) -> QuerySet[Article, tuple[Any, ...]]:
    return Article.objects.filter(PublicationState.PUBLIC.condition(now), day=day, slug=slug).values_list(
        "pk",
        "version",
        Coalesce(F("conversation__version"), 0),
        "conversation__recommended_at",
        Coalesce(F("conversation__public_count"), 0),
        Coalesce(F("conversation__published_count"), 0),
        Coalesce(F("conversation__pick_count"), 0),
        Coalesce(F("conversation__policy"), Value(Policy.OPEN.value)),
        SitePolicy.value("policy"),
        site_settings_version(),
        "published_at",
        "unpublish_at",
        "conversation__closes_after",
        SitePolicy.value("closes_after"),
    )[:1]


_PUBLISHED_QUERY = CompiledQuery(Article, _versions, day=DATE_MARK, slug=TEXT_MARK, now=TIME_MARK)


def render_page(
    shown: PublishedArticle,
    wanted: ConversationQuery = FIRST_PAGE,
    *,
    own_device: str | None = None,
    received: Comment | None = None,
    form: CommentForm | None = None,
    is_private: bool = False,
) -> bytes:
    """Return the whole page, encoded as UTF-8.

    A private page may contain a filled-in form, the reader's own pending comments, and a comment for which the reader
    has a receipt (`received`).
    """
    part, now, reply_to = get_rendered_article(shown), timezone.now(), wanted.reply_to
    if form is None and reply_to and shown.is_open:
        form = CommentForm(initial={"parent": reply_to.pk, "rendered": sign_time(now)})
    threads, following = _conversation(shown, wanted, own_device)
    email_prompt = subscription_prompt(own_device, shown.pk) if is_private and not wanted.thread else {}
    changing = {
        "comments": str(shown.comment_count),
        "headline": _headline(shown.comment_count),
        "published": str(shown.published_count),
        "rendered": sign_time(now),
        "next": str(following or ""),
    }
    html = {name: text.encode() for name, text in changing.items()}
    html["threads"] = b"".join([_thread_html(thread, part, email_prompt) for thread in threads])
    facts = {
        "is_private": is_private or not wanted.is_stored,
        "is_open": shown.is_open,
        "has_comments": bool(threads or shown.comment_count),
        "has_order": shown.comment_count > 1 and not wanted.thread,
        "has_picks": bool(shown.pick_count),
        "has_next": following is not None,
        "is_reply_gone": wanted.is_reply_gone and shown.is_open,
        "is_stored": wanted.is_stored,
        "sort": wanted.sort,
    }

    def page(changing: Mapping[str, str]) -> str:
        return _page(
            part, site_context(shown.site_version), facts, changing, form=form, reply_to=reply_to, received=received
        )

    if form is not None or is_private:
        return page({name: mark_safe(value.decode()) for name, value in html.items()}).encode()
    versions = (*_cache_versions(shown), *facts.values())
    return fill(get_or_build(("around", *versions), lambda: split_at_placeholders(page, *html)), html)


def _page(
    part: RenderedArticle,
    site: SiteContext,
    facts: Mapping[str, Any],
    changing: Mapping[str, str],
    *,
    form: CommentForm | None,
    reply_to: Comment | None,
    received: Comment | None,
) -> str:
    """Render the page, with the submitted text even if the conversation was closed in the meantime."""
    if form is None and facts["is_open"]:
        form = CommentForm(initial={"rendered": changing["rendered"]})
    context = {
        **facts,
        **changing,
        "linked_data": render_json_ld(part.about, site, comments=changing["comments"]),
        "site": site,
        "article": part,
        "sorts": [sort for sort in Sort if sort != Sort.PICKS or facts["has_picks"]],
        "form": form,
        "reply_to": reply_to,
        "received": received and {"comment": received, "text": comment_as_html(received.text)},
    }
    return render_to_string("newsite/article_page.html", context)


def _conversation(
    shown: PublishedArticle, wanted: ConversationQuery, own_device: str | None
) -> tuple[list[Thread], PageCursor | None]:
    if wanted.thread:
        return [thread_page(wanted.thread, after=wanted.thread_after)], None
    page = conversation_page(shown.pk, sort=wanted.sort, after=wanted.after, own_device=own_device)
    return page.threads, page.next


def _headline(comments: int) -> SafeString:
    if not comments:
        return escape(_("Comments"))
    return escape(ngettext("%(count)s comment", "%(count)s comments", comments) % {"count": comments})


def _thread_html(thread: Thread, part: RenderedArticle, email_prompt: Mapping[str, Any]) -> bytes:
    """Return the thread with a link to more replies and, below the reader's own thread, the subscription form."""
    html = thread.html
    if thread.more:
        html += render_to_string("comments/_more_replies.html", {"thread": thread, "address": part.address}).encode()
    if email_prompt and email_prompt["thread"] == thread.opening.pk:
        html += render_to_string("comments/_subscribe_prompt.html", {"form": email_prompt["form"]}).encode()
    return html


def get_rendered_article(shown: PublishedArticle) -> RenderedArticle:
    fields = get_or_build(
        ("article", *_cache_versions(shown)),
        lambda: vars(render_article(_load_article(shown.pk))),
    )
    return RenderedArticle(**fields)


def _cache_versions(shown: PublishedArticle) -> tuple[int, ...]:
    return shown.pk, shown.version, shown.site_version, shown.related_slot


def _load_article(pk: int) -> Article:
    """Load the article with `is_corrected`, so that the few corrected articles alone need a query for corrections."""
    articles = Article.objects.select_related("section", "lead_image")
    return articles.annotate(is_corrected=Exists(Correction.objects.filter(article=OuterRef("pk")))).get(pk=pk)


def render_article(article: Article) -> RenderedArticle:
    bylines = [byline.author for byline in article.bylines.select_related("author")]
    tags = list(article.tags.all())
    corrections = list(article.corrections.all()) if getattr(article, "is_corrected", True) else []
    context = {
        "article": article,
        "bylines": bylines,
        "body": render_body(article.body),
        "tags": tags,
        "corrections": corrections,
        "summary": article.summary(),
        "address": absolute_url(article.get_absolute_url()),
        "image": article.ready_lead_image.crops()[0] if article.ready_lead_image else None,
    }
    return RenderedArticle(
        headline=article.headline,
        standfirst=article.standfirst,
        language=article.language,
        is_right_to_left=article.is_right_to_left(),
        tint=article.section.tint,
        address=article.get_absolute_url(),
        html=render_to_string("newsite/_article.html", context),
        meta=render_to_string("newsite/_article_meta.html", context),
        about=article_json_ld(article, bylines, tags, corrections),
        related=render_to_string("newsite/_related.html", {"articles": related_articles(article, tags)}),
    )
