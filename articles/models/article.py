"""One article, and which of many readers can see."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

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

from articles.body import EXTENSIONS, clean_body
from articles.models.author import Author
from articles.models.paper import Section
from articles.models.picture import Picture
from articles.models.tag import Tag


def language_choices() -> list[tuple[str, str]]:
    return list(settings.LANGUAGES)


def site_language() -> str:
    return str(settings.LANGUAGE_CODE)


NEVER = datetime(9000, 1, 1, tzinfo=UTC)


def next_due() -> Least:
    """When the next of all articles becomes public, or ends; else NEVER. To be read in the same query as a list."""
    now, articles = timezone.now(), Article.objects.order_by()
    begins = articles.filter(published_at__gt=now).values("published_at").order_by("published_at")[:1]
    ends = articles.filter(unpublish_at__gt=now).values("unpublish_at").order_by("unpublish_at")[:1]
    never = models.Value(NEVER, output_field=models.DateTimeField())
    return Least(Coalesce(models.Subquery(begins), never), Coalesce(models.Subquery(ends), never))


class ArticleQuerySet(models.QuerySet["Article"]):
    def published(self) -> ArticleQuerySet:
        """What readers can see now: `published_at` and `unpublish_at` alone decide."""
        now = timezone.now()
        return self.filter(models.Q(unpublish_at=None) | models.Q(unpublish_at__gt=now), published_at__lte=now)

    def newest(self) -> ArticleQuerySet:
        return self.order_by("-published_at", "-pk")

    def next_due(self) -> datetime:
        """When the next of all articles becomes public, or ends."""
        due: datetime = self.model.objects.order_by("pk").values_list(next_due(), flat=True).first() or NEVER
        return due

    def move(self) -> int:
        """No stored page that shows one of these holds any longer."""
        return self.update(version=models.F("version") + 1)


class Article(models.Model):
    """One article, at /YYYY/MM/DD/slug/.

    The day in the address is that of the first publication, in the site's time zone. It follows
    `published_at` until readers have seen the article, and then stays.
    """

    headline = models.CharField(_("headline"), max_length=250)
    standfirst = models.TextField(
        _("standfirst"), blank=True, max_length=600, help_text=_("One or two sentences under the headline.")
    )
    body = ProseEditorField(_("body"), extensions=EXTENSIONS, sanitize=clean_body, blank=True)
    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="articles", verbose_name=_("section"))
    authors = models.ManyToManyField(Author, through="Byline", related_name="articles", verbose_name=_("bylines"))
    tags = models.ManyToManyField(Tag, blank=True, related_name="articles", verbose_name=_("tags"))
    picture = models.ForeignKey(
        Picture,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles",
        verbose_name=_("lead picture"),
    )
    description = models.CharField(
        _("description"),
        max_length=300,
        blank=True,
        help_text=_("For search engines and where the article is shared. Empty: the standfirst."),
    )
    language = models.CharField(_("language"), max_length=16, choices=language_choices, default=site_language)
    slug = models.SlugField(
        _("slug"),
        max_length=200,
        allow_unicode=True,
        blank=True,
        help_text=_("The last part of the address. Empty: made from the headline."),
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_("Empty: a draft. In the future: scheduled. In the past: public."),
    )
    unpublish_at = models.DateTimeField(
        _("unpublish at"), null=True, blank=True, help_text=_("From then on readers do not see it any more.")
    )
    first_published_at = models.DateTimeField(null=True, editable=False)
    day = models.DateField(null=True, editable=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        permissions = [("publish_article", _("Can publish, schedule and take back articles"))]
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
        """Where readers find it, now or when it is due. Empty for a draft, which has no day yet."""
        return reverse("article", args=[self.day, self.slug]) if self.day else ""

    def is_public(self) -> bool:
        """As `published` says of many."""
        now = timezone.now()
        is_over = self.unpublish_at is not None and self.unpublish_at <= now
        return self.published_at is not None and self.published_at <= now and not is_over

    def is_right_to_left(self) -> bool:
        return bool(get_language_info(self.language)["bidi"])

    def clean(self) -> None:
        self.set_address()
        same_address = Article.objects.filter(day=self.day, slug=self.slug).exclude(pk=self.pk)
        if self.day is not None and same_address.exists():
            raise ValidationError({"slug": _("Another article of that day has this slug.")})
        if self.published_at and self.unpublish_at and self.unpublish_at <= self.published_at:
            raise ValidationError({"unpublish_at": _("It cannot end before it is published.")})

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Cleans the body, sets the address, moves the version."""
        self.body = clean_body(self.body)
        self.set_address()
        if not self._state.adding:
            self.version = models.F("version") + 1  # refreshed below
        if kwargs.get("update_fields") is not None:
            derived = {"version", "body", "slug", "day", "first_published_at", "changed_at"}
            kwargs["update_fields"] = {*kwargs["update_fields"], *derived}
        super().save(*args, **kwargs)
        self.refresh_from_db(fields=["version"])

    def set_address(self) -> None:
        """Sets the slug where there is none, the first publication, and from it the day."""
        self.slug = self.slug or slugify(self.headline, allow_unicode=True)[:200] or "article"
        if self.first_published_at is None:
            self.first_published_at = self._first_seen_at()
        fixed = self.first_published_at or self.published_at
        self.day = timezone.localdate(fixed) if fixed else None

    def _first_seen_at(self) -> datetime | None:
        """When readers could first see it: by the row that was saved before, else by this one."""
        before = Article.objects.filter(pk=self.pk).values_list("published_at", flat=True).first()
        seen = [at for at in (before, self.published_at) if at is not None and at <= timezone.now()]
        return min(seen, default=None)
