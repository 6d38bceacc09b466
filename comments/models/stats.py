"""The newsroom's numbers, as far as the database knows of them: who may see them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from comments.models.comment import Comment


class Statistics(Comment):
    """Comments as they are counted: an address, a place in the admin's menu and a permission of their own."""

    class Meta:
        proxy = True
        default_permissions = ["view"]
        verbose_name = _("statistics")
        verbose_name_plural = _("statistics")
