"""Edit locks of open articles, and autosaves of unsaved forms."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.article import Article


class EditLock(models.Model):
    """Short lease on an article that a user has open."""

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
    """Last autosave of a user's form, visible only to that user.

    `article` is empty for a new article, and `key` then identifies its form. `fields` are the fields of the form:
    [[name, [value, ...]], ...].
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
            models.UniqueConstraint(fields=["user", "article"], name="one_autosave_a_user_and_article"),
            models.UniqueConstraint(
                fields=["user", "key"], condition=models.Q(article=None), name="one_draft_a_person_and_new_form"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.article or _('a new article')}"

    def headline(self) -> str:
        return next((values[-1] for name, values in self.fields if name == "headline" and values), "")
