"""Site settings, footer links and sections, which every page shows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from articles.models.singleton import SINGLETON_PK, Singleton
from articles.models.slugged_page import SluggedPage
from articles.models.typed_text import TypedText

validate_link = RegexValidator(
    r"^(/(?![/\\])|https?://)\S*$",
    _("Enter a path such as /about/, or a URL starting with https://"),
)


class SiteSettings(Singleton):
    """Site settings: one row, edited in the admin.

    `version` is incremented by every change of content that all pages show: name, tagline, links, sections.
    """

    name = models.CharField(_("name"), max_length=80)
    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    house_rules_url = models.CharField(
        _("house rules link"),
        max_length=200,
        blank=True,
        default="/house-rules/",
        validators=[validate_link],
        help_text=_("Linked below the comment form. Leave blank for none."),
    )
    privacy_url = models.CharField(
        _("privacy link"),
        max_length=200,
        blank=True,
        default="/privacy/",
        validators=[validate_link],
        help_text=_("Linked below the comment form. Leave blank for none."),
    )
    version = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta:
        verbose_name = _("site settings")
        verbose_name_plural = _("site settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_site_settings")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def defaults(cls) -> SiteSettings:
        """Return site settings with the name in SITE_NAME."""
        return cls(pk=SINGLETON_PK, name=settings.SITE_NAME)

    @staticmethod
    def bump_version() -> None:
        """Invalidate all cached pages after a change of content that every page shows."""
        if not SiteSettings.objects.filter(pk=1).update(version=models.F("version") + 1):
            first = SiteSettings.defaults()
            first.version = 1
            SiteSettings.objects.bulk_create([first], ignore_conflicts=True)

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1
        kept = type(self).objects.select_for_update().filter(pk=1).values_list("version", flat=True).first()
        self.version = (kept or 0) + 1
        self._state.adding = kept is None
        super().save(**{**kwargs, "force_insert": False})


class AffectsEveryPageQuerySet(models.QuerySet[Any]):
    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the rows and invalidate all pages. Bulk deletion in the admin does not call `delete` of each row."""
        deleted = super().delete()
        SiteSettings.bump_version()
        return deleted


class AffectsEveryPage(TypedText):
    """Base of models that every page shows. A change bumps the version of the site settings."""

    objects = AffectsEveryPageQuerySet.as_manager()

    class Meta:
        abstract = True

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        SiteSettings.bump_version()

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        SiteSettings.bump_version()
        return deleted


class FooterLink(AffectsEveryPage):
    site_settings = models.ForeignKey(SiteSettings, on_delete=models.CASCADE, related_name="footer_links")
    text = models.CharField(_("text"), max_length=60)
    address = models.CharField(_("link"), max_length=200, validators=[validate_link])
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("footer link")
        verbose_name_plural = _("footer links")
        ordering = ["order", "id"]

    def __str__(self) -> str:
        return self.text


class Tint(models.TextChoices):
    """Colour of a section. The values are names in the stylesheet."""

    SLATE = "slate", _("Slate")
    SEA = "sea", _("Sea")
    MOSS = "moss", _("Moss")
    CLAY = "clay", _("Clay")
    PLUM = "plum", _("Plum")


class Section(SluggedPage, AffectsEveryPage):
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    description = models.CharField(_("description"), max_length=200, blank=True)
    tint = models.CharField(_("colour"), max_length=8, choices=Tint.choices, default=Tint.SLATE)
    order = models.PositiveSmallIntegerField(_("order"), default=0, help_text=_("Position in the navigation."))

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name
