"""Article, and queries for public and scheduled articles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Coalesce, Least
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from django_prose_editor.fields import ProseEditorField
from simple_history.models import HistoricalRecords

from articles.content.sanitizer import ARTICLE_EXTENSIONS, clean_body, image_ids_in, plain_text
from articles.models.author import Author
from articles.models.body_image import BodyImage
from articles.models.image import Image
from articles.models.publication_state import PublicationState
from articles.models.revision_extra import RevisionExtra
from articles.models.search_document import SearchDocument
from articles.models.site_settings import Section
from articles.models.tag import Tag
from articles.models.typed_text import TypedText
from articles.redirects import add_redirect, remove_redirect
from articles.text import clean_texts, is_blank, truncate


def language_choices() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def site_language() -> str:
    return str(settings.LANGUAGE_CODE)


MAX_SUMMARY_LENGTH = 300  # characters
MAX_SLUG_LENGTH = 180  # the path fits the table of redirects
MAX_SLUG_SOURCE_LENGTH = 500  # characters of a headline that are used for its slug
UPDATE_RELEVANT_FIELDS = ("headline", "standfirst", "body")  # readers see the time of changes to these
FAR_FUTURE = datetime(9000, 1, 1, tzinfo=UTC)


def next_scheduled_change() -> Least:
    """Return an expression for the next time an article is published or unpublished, else FAR_FUTURE.

    Annotate a list with it, so that both are read by the same query.
    """
    now, articles = timezone.now(), Article.objects.order_by()
    begins = articles.filter(published_at__gt=now).values("published_at").order_by("published_at")[:1]
    ends = articles.filter(unpublish_at__gt=now).values("unpublish_at").order_by("unpublish_at")[:1]
    never = models.Value(FAR_FUTURE, output_field=models.DateTimeField())
    return Least(Coalesce(models.Subquery(begins), never), Coalesce(models.Subquery(ends), never))


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        """Return public articles. Only `published_at` and `unpublish_at` decide."""
        return self.in_state(PublicationState.PUBLIC)

    def in_state(self, state: PublicationState) -> ArticleQuerySet:
        return self.filter(state.condition(timezone.now()))

    def newest_first(self) -> ArticleQuerySet:
        return self.order_by("-published_at", "-pk")

    def next_scheduled_change(self) -> datetime:
        """Return the next time an article is published or unpublished, else FAR_FUTURE."""
        due: datetime = (
            self.model.objects.order_by("pk").values_list(next_scheduled_change(), flat=True).first() or FAR_FUTURE
        )
        return due

    def after(self, at: datetime, pk: int) -> ArticleQuerySet:
        """Return the articles that follow this cursor in `newest_first`, even if its article has changed since."""
        return self.filter(models.Q(published_at__lt=at) | models.Q(pk__lt=pk), published_at__lte=at)

    def bump_version(self) -> int:
        """Invalidate all cached pages that show one of these articles."""
        return self.update(version=models.F("version") + 1)


def slug_from_headline(headline: str) -> str:
    made = slugify(headline[:MAX_SLUG_SOURCE_LENGTH], allow_unicode=True)[:MAX_SLUG_LENGTH].rstrip("-")
    return "article" if is_blank(made) else made


class Article(TypedText):
    """Article at /YYYY/MM/DD/slug/.

    The day in the URL is the day of the first publication, in the site's time zone. It follows `published_at` until
    the article has been public, and then stays.
    """

    headline = models.CharField(_("headline"), max_length=250)
    standfirst = models.TextField(
        _("standfirst"), blank=True, max_length=600, help_text=_("One or two sentences below the headline.")
    )
    body = ProseEditorField(_("story"), extensions=ARTICLE_EXTENSIONS, sanitize=clean_body, blank=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="articles", verbose_name=_("section"))
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles", verbose_name=_("bylines"))
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    lead_image = models.ForeignKey(
        Image,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles",
        verbose_name=_("main image"),
    )
    images_in_body = models.ManyToManyField(Image, through=BodyImage, related_name="body_articles", editable=False)
    description = models.CharField(
        _("description"),
        max_length=300,
        blank=True,
        db_default="",
        help_text=_("Shown by search engines and on social media. Leave blank to use the standfirst."),
    )
    language = models.CharField(_("language"), max_length=16, choices=language_choices, default=site_language)
    slug = models.SlugField(
        _("slug"),
        max_length=MAX_SLUG_LENGTH,
        allow_unicode=True,
        blank=True,
        help_text=_("Last part of the URL. Leave blank to make it from the headline."),
    )
    is_ready = models.BooleanField(
        _("ready for review"), default=False, db_default=False, help_text=_("Tell editors it’s ready to publish.")
    )
    published_at = models.DateTimeField(
        _("publish date"),
        null=True,
        blank=True,
        help_text=_("Leave blank to keep it a draft; choose a future time to schedule it."),
    )
    unpublish_at = models.DateTimeField(
        _("take down at"), null=True, blank=True, help_text=_("Readers won’t see it after this time.")
    )
    first_published_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(null=True, editable=False)
    day = models.DateField(null=True, editable=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(_("last changed"), auto_now=True)

    # simple-history reads these: whether a save records no revision, and the user of the revision.
    skip_history_when_saving: bool
    _history_user: Any

    is_minor_change = False  # for corrections of typos: do not set `updated_at`

    objects = ArticleQuerySet.as_manager()
    history = HistoricalRecords(bases=[RevisionExtra], excluded_fields=["version", "changed_at"])

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [("publish_article", _("Can publish, schedule and unpublish articles"))]
        indexes = [
            models.Index(fields=["-published_at", "-id"], name="article_newest"),
            models.Index(fields=["section", "-published_at", "-id"], name="article_newest_of_section"),
            models.Index(
                fields=["unpublish_at"], condition=models.Q(unpublish_at__isnull=False), name="article_that_ends"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["day", "slug"], name="one_article_an_address"),
            models.CheckConstraint(
                condition=models.Q(published_at=None) | models.Q(day__isnull=False), name="published_on_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(unpublish_at=None) | models.Q(unpublish_at__gt=models.F("published_at")),
                name="unpublished_after_it_was_published",
            ),
        ]

    def __str__(self) -> str:
        return self.headline

    def get_absolute_url(self) -> str:
        """Return the present or future path of the article, or an empty string for a draft, which has no day."""
        return reverse("article", args=[self.day, self.slug]) if self.day else ""

    def state(self) -> PublicationState:
        """Return the present state, consistent with `in_state`."""
        now = timezone.now()
        if self.published_at is None:
            return PublicationState.READY if self.is_ready else PublicationState.DRAFT
        if self.published_at > now:
            return PublicationState.SCHEDULED
        return (
            PublicationState.ENDED
            if self.unpublish_at is not None and self.unpublish_at <= now
            else PublicationState.PUBLIC
        )

    def is_public(self) -> bool:
        return self.state() == PublicationState.PUBLIC

    def may_have_been_seen(self) -> bool:
        """Return whether the article is or was public."""
        return self.first_published_at is not None or self.state() in {PublicationState.PUBLIC, PublicationState.ENDED}

    def is_updated(self) -> bool:
        """Return whether the text was changed after publication, other than by a minor change."""
        return bool(self.updated_at and self.published_at and self.updated_at > self.published_at)

    @property
    def ready_lead_image(self) -> Image | None:
        """Return the lead image if it is ready. Readers see no other image."""
        return self.lead_image if self.lead_image and self.lead_image.is_ready else None

    def summary(self) -> str:
        """Return the description, else the standfirst, else the beginning of the body."""
        return self.description or self.standfirst or truncate(plain_text(self.body), MAX_SUMMARY_LENGTH)

    def is_right_to_left(self) -> bool:
        return bool(get_language_info(self.language)["bidi"])

    def clean(self) -> None:
        self.set_slug_and_day()
        same_address = Article.objects.filter(day=self.day, slug=self.slug).exclude(pk=self.pk)
        if self.day is not None and same_address.exists():
            raise ValidationError({"slug": _("Another article published that day already has this URL.")})
        if self.published_at and self.unpublish_at and self.unpublish_at <= self.published_at:
            raise ValidationError({"unpublish_at": _("The take-down time must be after the publish time.")})
        wanted = set(image_ids_in(self.body))
        if wanted and wanted != set(Image.objects.filter(pk__in=wanted).values_list("pk", flat=True)):
            raise ValidationError({"body": _("An image in the story has been deleted. Remove or replace it.")})

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the article and all that depends on it.

        Sanitize the body, track its images, set slug and day, increment the version, redirect former public URLs to the
        article, and update its search document.
        """
        clean_texts(self)
        self.body = clean_body(self.body)
        self.is_ready = self.is_ready and self.published_at is None
        before = self._saved_copy()
        self._set_address(before)
        self._set_updated_at(before)
        if not self._state.adding:
            self.version = models.F("version") + 1  # refreshed below
        if kwargs.get("update_fields") is not None:
            derived = {"version", "body", "is_ready", "slug", "day", "first_published_at", "updated_at", "changed_at"}
            kwargs["update_fields"] = {*kwargs["update_fields"], *derived}
        super().save(*args, **kwargs)
        BodyImage.follow(self)
        self.refresh_from_db(fields=["version"])
        self._update_redirects(before)
        SearchDocument.write([self])

    def set_slug_and_day(self) -> None:
        """Set a missing slug, the time of first publication, and the day derived from it."""
        self._set_address(self._saved_copy())

    def _saved_copy(self) -> Article | None:
        return Article.objects.filter(pk=self.pk).first() if self.pk else None

    def _set_address(self, before: Article | None) -> None:
        self.slug = self.slug or slug_from_headline(self.headline)
        if self.first_published_at is not None and self.day is not None:
            return
        self.first_published_at = self.first_published_at or self._first_public_at(before)
        fixed = self.first_published_at or self.published_at
        self.day = timezone.localdate(fixed) if fixed else None

    def _first_public_at(self, before: Article | None) -> datetime | None:
        """Return the first time the article was public: by the saved row, else by this one."""
        if before and before.first_published_at:
            return before.first_published_at
        seen = [at for at in (before and before.published_at, self.published_at) if at and at <= timezone.now()]
        return min(seen, default=None)

    def _set_updated_at(self, before: Article | None) -> None:
        if before is None or self.is_minor_change or not before.may_have_been_seen():
            return
        if any(getattr(before, name) != getattr(self, name) for name in UPDATE_RELEVANT_FIELDS):
            self.updated_at = timezone.now()

    def _update_redirects(self, before: Article | None) -> None:
        if self.first_published_at is None:
            return
        address, old = unquote(self.get_absolute_url()), unquote(before.get_absolute_url()) if before else ""
        if before and before.may_have_been_seen() and old:
            add_redirect(old, address)
        else:
            remove_redirect(address)
