"""Records of imported objects, which make imports idempotent."""

from __future__ import annotations

from django.db import models


class ImportRecord(models.Model):
    """Imported object of another system.

    `key` is its id in the other system. `object_id` is the local id, even if the object was deleted since.
    `source_hash` and `local_hash` are hashes of the object in both systems at the import. They show which side has
    changed since.
    """

    class Kind(models.TextChoices):
        ARTICLE = "article"
        AUTHOR = "author"
        IMAGE = "image"
        SECTION = "section"
        TAG = "tag"

    source = models.CharField(max_length=120)
    kind = models.CharField(max_length=8, choices=Kind)
    key = models.CharField(max_length=200)
    object_id = models.BigIntegerField()
    source_hash = models.CharField(max_length=32, blank=True)
    local_hash = models.CharField(max_length=32, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["source", "kind", "key"], name="imported_once")]
        indexes = [models.Index(fields=["kind", "object_id"], name="imported_as")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} of {self.source}"

    @classmethod
    def find_many(cls, source: str, kind: Kind, keys: list[str]) -> dict[str, ImportRecord]:
        return {each.key: each for each in cls.objects.filter(source=source, kind=kind, key__in=keys)}

    @classmethod
    def remember(
        cls, source: str, kind: Kind, key: str, pk: int, *, source_hash: str = "", local_hash: str = ""
    ) -> None:
        """Create or update the record of an object."""
        cls.objects.update_or_create(
            source=source,
            kind=kind,
            key=key,
            defaults={"object_id": pk, "source_hash": source_hash, "local_hash": local_hash},
        )
