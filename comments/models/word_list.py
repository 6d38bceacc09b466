"""Word list of banned words and link domains, and its version."""

from __future__ import annotations

from collections.abc import Sequence
import secrets
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models.singleton import SINGLETON_PK, Singleton
from articles.models.typed_text import TypedText
from comments.db.compiled_query import BoundQuery, CompiledQuery
from comments.text.patterns import MAX_NORMALIZED_LENGTH, EntryKind, InvalidEntry, normalize_entry

MAX_ENTRY_LENGTH = 100


class WordListVersion(Singleton):
    """Version of the word list, changed with the list, so that every process reloads it.

    It is random and not a counter: after the database was restored from a backup, a version must not repeat one that
    a process has already seen.
    """

    version = models.CharField(max_length=16)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_word_list_version")]

    def __str__(self) -> str:
        return self.version

    @staticmethod
    def bind_query() -> BoundQuery:
        return _VERSION_QUERY.bind()

    @staticmethod
    def of(rows: Sequence[tuple[str]]) -> str:
        """Return the version from the result of `bind_query`; empty if the list has never had an entry."""
        return rows[0][0] if rows else WordListVersion.defaults().version

    @classmethod
    def bump_version(cls) -> None:
        cls.objects.update_or_create(pk=SINGLETON_PK, defaults={"version": secrets.token_hex(8)})


_VERSION_QUERY = CompiledQuery(
    WordListVersion, lambda: WordListVersion.objects.filter(pk=SINGLETON_PK).values_list("version")
)


class WordListEntryQuerySet(models.QuerySet["WordListEntry"]):
    """Entries; every change that affects matches changes the version in the same transaction."""

    def count_hit(self) -> None:
        super().update(hits=models.F("hits") + 1, last_hit_at=timezone.now())

    @transaction.atomic
    def update(self, **changes: Any) -> int:
        WordListVersion.bump_version()
        return super().update(**changes)

    @transaction.atomic
    def delete(self) -> tuple[int, dict[str, int]]:
        WordListVersion.bump_version()
        return super().delete()

    delete.queryset_only = True  # type: ignore[attr-defined]  # as in Django: no manager.delete()

    @transaction.atomic
    def bulk_create(self, *args: Any, **options: Any) -> Any:
        WordListVersion.bump_version()
        return super().bulk_create(*args, **options)


class WordListEntry(TypedText):
    """Banned word, phrase, wildcard or link domain.

    `normalized` is equal for entries with equal matches; in it words never contain a dot, domains always do. `hits`
    counts the submissions and edits that matched, including refused ones; `last_hit_at` is the time of the latest
    one.
    """

    class Outcome(models.TextChoices):
        HOLD = "hold", gettext_lazy("Hold")
        SPAM = "spam", gettext_lazy("Spam")
        REFUSE = "refuse", gettext_lazy("Refuse")

    kind = models.CharField(
        gettext_lazy("kind"),
        max_length=8,
        choices=EntryKind,
        default=EntryKind.WORD,
        help_text=gettext_lazy(
            "Words match whole words only: “cialis” matches “C1ALIS”, “c i a l i s” and “ciális”, but not "
            "“specialist”. A phrase is several words in a row. In a wildcard, an asterisk stands for any letters at "
            "the end of a word or within it: “via*”, “v*gra”. A domain matches links to it and its subdomains, not "
            "mentions of it."
        ),
    )
    value = models.CharField(gettext_lazy("word or domain"), max_length=MAX_ENTRY_LENGTH)
    outcome = models.CharField(
        gettext_lazy("outcome"),
        max_length=6,
        choices=Outcome,
        default=Outcome.HOLD,
        help_text=gettext_lazy(
            "Hold: goes to a moderator. Spam: filed as spam; the author sees “awaiting approval”. Refuse: not "
            "accepted; the author is told which words to remove."
        ),
    )
    note = models.CharField(gettext_lazy("note for colleagues"), max_length=300, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=gettext_lazy("author"),
    )
    created_at = models.DateTimeField(gettext_lazy("created at"), default=timezone.now, editable=False)
    hits = models.PositiveIntegerField(gettext_lazy("hits"), default=0, editable=False)
    last_hit_at = models.DateTimeField(gettext_lazy("last hit at"), null=True, editable=False)
    normalized = models.CharField(max_length=MAX_NORMALIZED_LENGTH, unique=True, editable=False)

    objects = WordListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("banned word or link")
        verbose_name_plural = gettext_lazy("banned words and links")
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.value

    def clean(self) -> None:
        """Set `normalized`; errors are attached to the field of the entry."""
        self.value = " ".join(self.value.split())
        if not self.value:  # the field has reported the error
            return
        try:
            self.normalized = normalize_entry(self.kind, self.value)
        except InvalidEntry as error:
            raise ValidationError({"value": str(error)}) from error
        if earlier := WordListEntry.objects.filter(normalized=self.normalized).exclude(pk=self.pk).first():
            text = _("Already listed as “%(value)s” (%(outcome)s).")
            said = {"value": earlier.value, "outcome": earlier.get_outcome_display()}
            raise ValidationError({"value": text % said})

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        WordListVersion.bump_version()
        self.normalized = normalize_entry(self.kind, self.value)
        super().save(*args, **kwargs)

    @transaction.atomic
    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        WordListVersion.bump_version()
        return super().delete(*args, **kwargs)
