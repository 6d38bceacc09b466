"""A picture as the newsroom keeps it: the cleaned file, what it shows, and what in it matters most."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

_PERCENT = [MaxValueValidator(100)]


class Picture(models.Model):
    """`digest` is the SHA-256 (hexadecimal) of the file as it was given: the same file is one picture."""

    file = models.FileField(_("file"), upload_to="pictures/%Y/%m/", max_length=200)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    alternative = models.CharField(
        _("alternative text"), max_length=300, help_text=_("What it shows, for those who cannot see it.")
    )
    caption = models.CharField(_("caption"), max_length=500, blank=True)
    credit = models.CharField(_("credit"), max_length=200, blank=True, help_text=_("Who made it, and for whom."))
    focus_x = models.PositiveSmallIntegerField(
        _("focus, from the left"), default=50, validators=_PERCENT, help_text=_("Percent.")
    )
    focus_y = models.PositiveSmallIntegerField(
        _("focus, from the top"), default=50, validators=_PERCENT, help_text=_("Percent.")
    )
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(focus_x__lte=100, focus_y__lte=100), name="focus_in_the_picture")
        ]

    def __str__(self) -> str:
        return self.alternative
