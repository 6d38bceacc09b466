"""What people have before them in the newsroom: an article that is open, words that are not saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class EditLock(models.Model):
    """Somebody has this article open, for a short time."""

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()

    class Meta:
        verbose_name = _("edit lock")
        verbose_name_plural = _("edit locks")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.actor}: {self.article}"


class Autosave(models.Model):
    """What stood in one person's form when it was kept last, of one article or of a new one: then `key` is that form's
    own. `fields` are those of the form: [[name, [value, ...]], ...]. For nobody else's eyes.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, null=True, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=36, default="", db_default="")
    fields = models.JSONField()
    saved_at = models.DateTimeField()

    class Meta:
        verbose_name = _("autosave")
        verbose_name_plural = _("autosaves")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "article"], name="one_draft_a_person_and_article"),
            models.UniqueConstraint(
                fields=["user", "key"], condition=models.Q(article=None), name="one_draft_a_person_and_new_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.article or _('a new article')}"

    def headline(self) -> str:
        return next((values[-1] for name, values in self.fields if name == "headline" and values), "")
