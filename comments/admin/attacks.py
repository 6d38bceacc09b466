"""Admin of attacks: time, reason and number. The site policy switches the attack mode on for all comments."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.admin.notifications import ReadOnlyAdmin
from comments.models import Attack


@admin.register(Attack)
class AttackAdmin(ReadOnlyAdmin):
    list_display = ["where", "started_at", "ended", "rate", "limit", "challenged_count", "held"]
    list_display_links = None
    list_select_related = ["article", "cluster"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-started_at"]

    @admin.display(description=gettext_lazy("attack"))
    def where(self, attack: Attack) -> str:
        if attack.is_manual:
            return _("Turned on manually")
        return str(attack)

    @admin.display(description=gettext_lazy("ended"))
    def ended(self, attack: Attack) -> str:
        ended_at = attack.ended_at()
        return date_format(localtime(ended_at), "DATETIME_FORMAT") if ended_at else _("ongoing")

    @admin.display(description=gettext_lazy("pending comments"))
    def held(self, attack: Attack) -> str:
        if not attack.pending_count:
            return "0"
        address = reverse("admin:comments_moderation_cluster", args=[attack.cluster_id])
        return format_html('<a href="{}">{}</a>', address, attack.pending_count)
