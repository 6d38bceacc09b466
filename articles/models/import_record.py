"""What came from another system, and what it became here: so that an import can run twice."""

from __future__ import annotations

from django.db import models


class Imported(models.Model):
    """`key` is what the other system calls it; `object_id` is ours, also when that is gone by now.

    `theirs` and `ours` are hashes of how it was there and of what we made of it: they tell who has changed it since.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article"
        AUTHOR = "author"
        PICTURE = "picture"
        SECTION = "section"
        TAG = "tag"

    source = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=200)
    object_id = models.BigIntegerField()
    theirs = models.CharField(max_length=32, blank=True)
    ours = models.CharField(max_length=32, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key"], name="imported_once")]
        indexes = [models.Index(fields=["kind", "object_id"], name="imported_as")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of {self.source}"

    @classmethod
    def known(cls, source: str, kind: Kind, keys: list[str]) -> dict[str, Imported]:
        return {each.key: each for each in cls.objects.filter(source=source, kind=kind, key__in=keys)}

    @classmethod
    def note(cls, source: str, kind: Kind, key: str, pk: int, *, theirs: str = "", ours: str = "") -> None:
        """New, or known by then."""
        cls.objects.update_or_create(
            source=source, kind=kind, key=key, defaults={"object_id": pk, "theirs": theirs, "ours": ours}
        )
