"""Conversation of an article, and the comment settings of the site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, router
from django.utils.translation import gettext_lazy as _

from articles.models import Article
from articles.models.singleton import SINGLETON_PK, Singleton
from comments.db.compiled_query import BoundQuery, CompiledQuery
from comments.statuses import MAX_OPEN_DAYS, Policy

DEFAULT_RESERVED_NAMES = (
    "Admin\nAdministrator\nEditor\nEditors\nThe editors\nModerator\nModerators\nNewsroom\nStaff\nSupport\nSystem"
)


def _threshold_field(label: Any) -> Any:
    """Return a field for a score threshold; empty means no threshold."""
    within = [MinValueValidator(1), MaxValueValidator(100)]
    return models.PositiveSmallIntegerField(
        label, null=True, blank=True, validators=within, help_text=_("Leave blank for never.")
    )


def _days_field(help_text: Any, *, least: int) -> Any:
    within = [MinValueValidator(least), MaxValueValidator(MAX_OPEN_DAYS)]
    label = _("close comments after (days)")
    return models.PositiveSmallIntegerField(label, null=True, blank=True, validators=within, help_text=help_text)


class SitePolicy(Singleton):
    """Comment settings of the whole site: a single row that is read with every page and every comment."""

    class AttackMode(models.TextChoices):
        AUTO = "auto", _("Automatic: on when there are unusually many new readers")
        ON = "on", _("On")
        OFF = "off", _("Off")

    policy = models.CharField(_("comments on all articles"), max_length=8, choices=Policy, default=Policy.OPEN)
    attack_mode = models.CharField(
        _("attack mode"),
        max_length=4,
        choices=AttackMode,
        default=AttackMode.AUTO,
        db_default=AttackMode.AUTO,
        help_text=_(
            "While it is on, new readers’ browsers have to solve a small puzzle before a comment is accepted, which "
            "takes a second or two. Readers with an approved comment won’t notice."
        ),
    )
    closes_after = _days_field(_("Default for all articles. Leave blank for never."), least=1)
    reserved_names = models.TextField(
        _("reserved names"),
        blank=True,
        default=DEFAULT_RESERVED_NAMES,
        help_text=_(
            "One per line. Readers can’t use these names or look-alikes. The site’s name, staff and authors are "
            "already protected."
        ),
    )

    spam_held_from = _threshold_field(_("hold when the spam score reaches (%)"))
    spam_from = _threshold_field(_("file as spam when the spam score reaches (%)"))
    rejected_held_from = _threshold_field(_("hold when the rejection score reaches (%)"))

    class Meta:
        verbose_name = _("comment settings")
        verbose_name_plural = _("comment settings")
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_site_policy")]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    def clean(self) -> None:
        if self.spam_from and self.spam_held_from and self.spam_from <= self.spam_held_from:
            raise ValidationError({"spam_from": _("The spam threshold must be higher than the hold threshold.")})

    @staticmethod
    def bind_query() -> BoundQuery:
        return _SITE_POLICY_QUERY.bind()

    @classmethod
    def of(cls, rows: Sequence[tuple[Any, ...]]) -> SitePolicy:
        """Return the policy from the result of `bind_query`."""
        return cls.from_db(router.db_for_read(cls), _FIELDS, rows[0]) if rows else cls.defaults()


_FIELDS = [field.attname for field in SitePolicy._meta.concrete_fields]
_SITE_POLICY_QUERY = CompiledQuery(SitePolicy, lambda: SitePolicy.objects.filter(pk=SINGLETON_PK).values_list(*_FIELDS))


class Conversation(models.Model):
    """Comments of an article as a whole; without a row there are no comments, and the conversation is open.

    `version` is increased with every change that readers can see; it is part of the cache key of pages.
    Recommendations change only `recommended_at`: see `recommendations_version`. `published_count` counts the comments
    that have ever been public; an open page uses it to detect new ones. `pick_count` counts the public editors'
    picks.
    """

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="conversation")
    policy = models.CharField(_("comments"), max_length=8, choices=Policy, default=Policy.OPEN)
    closes_after = _days_field(_("Leave blank for the site default; 0 means never."), least=0)
    public_count = models.PositiveIntegerField(default=0, editable=False)
    published_count = models.PositiveIntegerField(default=0, editable=False)
    pick_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)
    recommended_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("comments")
        verbose_name_plural = _("comments")

    def __str__(self) -> str:
        return str(self.article)

    @classmethod
    def lock(cls, article_id: int) -> None:
        """Lock the conversation before its public comments are changed; all do so first, which prevents deadlocks."""
        list(cls.objects.select_for_update().filter(article_id=article_id).values("pk"))

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save from the admin; only the fields that editors set are written.

        Counters and version change concurrently and must not be overwritten.
        """
        if self._state.adding:
            super().save(*args, **kwargs)
        else:
            type(self).objects.filter(pk=self.pk).update(
                policy=self.policy, closes_after=self.closes_after, version=models.F("version") + 1
            )
