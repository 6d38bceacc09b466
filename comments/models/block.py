"""Blocks: comments from a device or network, under a name, or with a link are held or refused for a time."""

from __future__ import annotations

from datetime import datetime
import re

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models.typed_text import TypedText
from comments.identity import hash_network, is_ip_address
from comments.text import confusables
from comments.text.hosts import MAX_HOST_LENGTH
from comments.text.patterns import InvalidEntry, normalize_domain

_HASH_PATTERN = re.compile("[0-9a-f]{32}")  # format of devices and networks
# Allowed years of `ends_at`: dates near the limits of datetime cannot be converted to other time zones.
VALID_END_YEARS = range(2000, 3000)


class BlockQuerySet(models.QuerySet["Block"]):
    def active(self, at: datetime | None = None) -> BlockQuerySet:
        at = at or timezone.now()
        return self.filter(models.Q(ends_at=None) | models.Q(ends_at__gt=at), begins_at__lte=at)

    def count_hit(self) -> None:
        self.update(hits=models.F("hits") + 1, last_hit_at=timezone.now())


class Block(TypedText):
    """Block of a device, network, name or link domain.

    `key` is the value to look up: the device, the network, the key of the name, or the host of the domain. `hits`
    counts the comments that were held or refused; `last_hit_at` is the time of the latest one.
    """

    class Kind(models.TextChoices):
        DEVICE = "device", gettext_lazy("device")
        NETWORK = "network", gettext_lazy("network")
        NAME = "name", gettext_lazy("name")
        DOMAIN = "domain", gettext_lazy("link domain")

    class Outcome(models.TextChoices):
        HOLD = "hold", gettext_lazy("Hold")
        REFUSE = "refuse", gettext_lazy("Refuse")

    kind = models.CharField(gettext_lazy("kind"), max_length=7, choices=Kind)
    value = models.CharField(
        gettext_lazy("blocked"),
        max_length=MAX_HOST_LENGTH,
        help_text=gettext_lazy(
            "Copy the device or network from a comment, or enter an IP address, a name (look-alikes are included) or a "
            "domain (subdomains are included). Many readers may share a network."
        ),
    )
    outcome = models.CharField(
        gettext_lazy("outcome"),
        max_length=6,
        choices=Outcome,
        default=Outcome.HOLD,
        help_text=gettext_lazy(
            "Hold: goes to a moderator; the author sees “awaiting approval”. Refuse: rejected straight away; the "
            "reader is told."
        ),
    )
    reason = models.CharField(
        gettext_lazy("reason"), max_length=300, help_text=gettext_lazy("For colleagues only. Readers don’t see it.")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=gettext_lazy("author"),
    )
    begins_at = models.DateTimeField(gettext_lazy("starts at"), default=timezone.now, editable=False)
    ends_at = models.DateTimeField(
        gettext_lazy("ends at"), null=True, blank=True, help_text=gettext_lazy("Leave blank to block indefinitely.")
    )
    hits = models.PositiveIntegerField(gettext_lazy("hits"), default=0, editable=False)
    last_hit_at = models.DateTimeField(gettext_lazy("last hit at"), null=True, editable=False)
    key = models.CharField(max_length=MAX_HOST_LENGTH, editable=False)

    objects = BlockQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("block")
        verbose_name_plural = gettext_lazy("blocked readers")
        ordering = ["-begins_at", "-pk"]
        indexes = [models.Index(fields=["key", "kind"], name="block_of")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value}"

    def is_active(self) -> bool:
        now = timezone.now()
        return self.begins_at <= now and not self.is_expired()

    def is_expired(self) -> bool:
        return self.ends_at is not None and self.ends_at <= timezone.now()

    def clean(self) -> None:
        """Set `key`; errors are attached to the field of the blocked value."""
        self.value = " ".join(self.value.split())
        if not self.value:  # the field has reported the error
            return
        if self.kind == Block.Kind.NETWORK and is_ip_address(self.value):
            self.value = hash_network(self.value)  # addresses are not stored
        self.key = self.lookup_key()
        if self.ends_at and self.ends_at.year not in VALID_END_YEARS:
            raise ValidationError({"ends_at": _("Invalid end date. Leave blank to block indefinitely.")})
        if self._state.adding:
            self._check_new()

    def _check_new(self) -> None:
        if self.kind == Block.Kind.DEVICE and not _HASH_PATTERN.fullmatch(self.key):
            raise ValidationError({"value": _("That isn’t a valid device ID. Copy it from a comment.")})
        if self.kind == Block.Kind.NETWORK and not _HASH_PATTERN.fullmatch(self.key):
            raise ValidationError(
                {"value": _("That isn’t a valid network. Copy it from a comment, or enter an IP address.")}
            )
        if self.ends_at and self.ends_at <= timezone.now():
            raise ValidationError({"ends_at": _("The end date is in the past.")})
        if Block.objects.active().filter(kind=self.kind, key=self.key).exists():
            raise ValidationError({"value": _("Already blocked.")})

    def lookup_key(self) -> str:
        """Return the value of `key` for kind and value; raise ValidationError if the value is invalid."""
        match self.kind:
            case Block.Kind.NAME:
                if key := confusables.confusable_key(self.value):
                    return key
                raise ValidationError({"value": _("Enter a name with at least one letter or digit.")})
            case Block.Kind.DOMAIN:
                try:
                    return normalize_domain(self.value)
                except InvalidEntry as error:
                    raise ValidationError({"value": str(error)}) from error
        return self.value
