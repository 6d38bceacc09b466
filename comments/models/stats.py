"""Statistics of the newsroom, as a proxy model with a permission."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment


class Statistics(Comment):
    """Comments as the source of statistics; the proxy gives them a URL, a menu entry and a permission in the admin."""

    class Meta:
        proxy = True
        default_permissions = ["view"]
        verbose_name = _("statistics")
        verbose_name_plural = _("statistics")
