"""Front page slots, to which editors pin articles. All other positions are filled automatically."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

FRONT_PAGE_SLOTS = 5  # the lead and the second row


class FrontPageSlot(models.Model):
    """Article pinned to a position of the front page while it is public. At one position, the newer comes first."""

    article = models.OneToOneField(
        "articles.Article", on_delete=models.CASCADE, related_name="front_page_slot", verbose_name=_("article")
    )
    position = models.PositiveSmallIntegerField(
        _("slot"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(FRONT_PAGE_SLOTS)],
        help_text=_("1 is the lead, 2–5 stand below it. Empty slots show the latest stories."),
    )

    class Meta:
        verbose_name = _("front page slot")
        verbose_name_plural = _("front page")
        ordering = ["position", "-article__published_at"]

    def __str__(self) -> str:
        return f"{self.position}: {self.article}"
