"""Loader of the demo site in content/, which loads each article once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
import re
import tomllib
from typing import Any

from django.contrib.auth.models import User
from django.contrib.flatpages.models import FlatPage
from django.contrib.sites.models import Site
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from articles.history import revisions
from articles.images.upload import get_or_create_image
from articles.models import Article, Author, Byline, Correction, FooterLink, Image, Section, SiteSettings, Tag
from comments.identity import create_device_id, hash_network
from comments.models import Comment, Conversation, Decision, RuleHit, update_public_counts
from comments.statuses import Cause, Status
from comments.submission.collect_facts import hash_text
from comments.text import confusables

CONTENT = Path(__file__).parent / "content"
REVIEW_DELAY = timedelta(minutes=7)
NETWORK_TEMPLATE = "2001:db8:{:x}::1"  # documentation addresses (RFC 3849), each in another network


@transaction.atomic
def load() -> int:
    """Load the demo; return the number of new articles."""
    _load_site_settings(tomllib.loads((CONTENT / "site.toml").read_text()))
    pictures = _load_images(tomllib.loads((CONTENT / "images.toml").read_text()))
    files = sorted((CONTENT / "articles").glob("*.toml"))
    now = timezone.now()
    return sum(_load_article(tomllib.loads(file.read_text()), pictures, now) for file in files)


def _load_site_settings(site: dict[str, Any]) -> None:
    if (
        not SiteSettings.objects.exclude(version=0).filter(tagline=site["tagline"]).exists()
        and not FooterLink.objects.exists()
    ):
        current = SiteSettings.current()
        current.name, current.tagline = site["name"], site["tagline"]
        current.save()
        for order, link in enumerate(site["footer"]):
            FooterLink.objects.create(site_settings=current, order=order, **link)
    for order, section in enumerate(site["sections"]):
        Section.objects.get_or_create(slug=section["slug"], defaults={"order": order, **section})
    for author in site["authors"]:
        Author.objects.get_or_create(slug=author["slug"], defaults=author)
    for page in site["pages"]:
        flat, is_new = FlatPage.objects.get_or_create(
            url=page["address"], defaults={"title": page["title"], "content": page["body"].strip()}
        )
        if is_new:
            flat.sites.set(Site.objects.all())


def _load_images(pictures: dict[str, Any]) -> dict[str, Image]:
    loaded = {}
    for name, words in pictures.items():
        with (CONTENT / "images" / f"{name}.webp").open("rb") as file:
            loaded[name] = get_or_create_image(File(file), credit="Drawn for the Courier", **words)
    return loaded


def _load_article(content: dict[str, Any], pictures: dict[str, Image], now: datetime) -> bool:
    if Article.objects.filter(slug=content["slug"]).exists():
        return False
    hours = content.get("published_hours_ago")
    article = Article(
        headline=content["headline"],
        standfirst=content["standfirst"],
        body=re.sub(r'(?<=data-image=")[^"]+', lambda name: str(pictures[name[0]].pk), content["body"]),
        lead_image=pictures.get(content.get("lead_image", "")),
        section=Section.objects.get(slug=content["section"]),
        language=content.get("language", "en"),
        slug=content["slug"],
        published_at=now - timedelta(hours=hours) if hours is not None else None,
        is_ready=content.get("is_ready", False),
    )
    article.skip_history_when_saving = True  # its first revision includes bylines
    article.save()
    for order, slug in enumerate(content["authors"]):
        Byline.objects.create(article=article, author=Author.objects.get(slug=slug), order=order)
    for name in content.get("tags", []):
        article.tags.add(Tag.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0])
    for correction in content.get("corrections", []):
        at = now - timedelta(hours=correction["hours_ago"])
        Correction.objects.create(article=article, text=correction["text"].strip(), at=at)
    revisions.record(article, actor=None)
    Conversation.objects.create(article=article, policy=content.get("policy", "open"))
    written: list[Comment] = []
    for comment in content.get("comments", []):
        at = now - timedelta(hours=hours or 0, minutes=-comment["minutes_after"])
        written.append(_load_comment(article, comment, at, written))
    return True


def _load_comment(article: Article, content: dict[str, Any], at: datetime, earlier: list[Comment]) -> Comment:
    status = Status[content["status"].upper()]
    text = content["text"].strip()
    comment = Comment(
        article=article,
        name=content["name"],
        text=text,
        status=status,
        created_at=at,
        decided_at=at,
        device=create_device_id(),
        network=hash_network(NETWORK_TEMPLATE.format(Comment.objects.count())),
        staff=_staff(content["name"]) if content.get("staff") else None,
        picked_at=at if content.get("picked") else None,
        text_hash=hash_text(text),
        name_key=confusables.confusable_key(content["name"]),
    )
    comment.set_parent(earlier[content["reply_to"]] if "reply_to" in content else None)
    comment.save()
    findings = content.get("findings", [])
    first = Status.PENDING if findings or status != Status.APPROVED else Status.APPROVED
    RuleHit.record(
        Decision.objects.create(
            comment=comment, from_status=None, to_status=first, cause=Cause.SUBMITTED, at=at, findings=findings
        )
    )
    if status != first:
        comment.decided_at = at + REVIEW_DELAY
        by = None if status == Status.WITHDRAWN else _moderator()
        comment.reviewed_at = comment.decided_at if by else None
        comment.save()
        Decision.objects.create(
            comment=comment,
            from_status=first,
            to_status=status,
            actor=by,
            cause=Cause.DECIDED if by else Cause.WITHDRAWN,
            at=comment.decided_at,
            reason=content.get("reason", ""),
            wait_time=REVIEW_DELAY if by and first == Status.PENDING else None,
        )
        RuleHit.update_overruled(comment)
    if comment.is_public():
        update_public_counts(comment, +1)
    return comment


def _moderator() -> User:
    return _staff("Moderator")


def _staff(name: str) -> User:
    """Return an inactive staff user of the demo, who cannot log in."""
    username = slugify(f"{name} demo")
    first, _space, last = name.partition(" ")
    defaults = {"is_active": False, "first_name": first, "last_name": last}
    return User.objects.get_or_create(username=username, defaults=defaults)[0]
