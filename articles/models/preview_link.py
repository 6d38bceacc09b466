"""Preview links to unpublished articles. They need no login, expire after some days and can be revoked."""

from __future__ import annotations

from datetime import timedelta
import uuid

from django.conf import settings
from django.core import signing
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article

DEFAULT_DAYS, MAX_DAYS = 7, 30


def _signer() -> signing.Signer:
    return signing.Signer(salt="articles.previewlink")


class PreviewLink(models.Model):
    """Preview link. Its URL has the signed `key`, so that a copy of the database is useless without SECRET_KEY."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="preview_links")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    recipient = models.CharField(_("shared with"), max_length=120, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("preview link")
        verbose_name_plural = _("preview links")
        default_permissions = ()
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.article}: {self.recipient or self.pk}"

    @classmethod
    def make(cls, article: Article, *, days: int, recipient: str, actor_id: int | None) -> PreviewLink:
        now = timezone.now()
        return cls.objects.create(
            article=article,
            actor_id=actor_id,
            recipient=recipient,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )

    @classmethod
    def get_by_token(cls, token: str) -> PreviewLink | None:
        """Return the link in any state, or None for a token that was never issued."""
        try:
            key = uuid.UUID(hex=_signer().unsign(token))
        except (signing.BadSignature, ValueError):
            return None
        return cls.objects.filter(key=key).first()

    def is_active(self) -> bool:
        return self.revoked_at is None and self.expires_at > timezone.now()

    def revoke(self) -> None:
        """Revoke the link immediately. Idempotent."""
        type(self).objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now())

    def get_absolute_url(self) -> str:
        return reverse("preview", args=[_signer().sign(self.key.hex)])
