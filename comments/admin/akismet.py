"""Admin of Akismet requests: which are pending, which failed and why."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.text import truncate
from comments.admin.notifications import ReadOnlyAdmin
from comments.akismet.requests import retry_request
from comments.models import AkismetRequest


@admin.register(AkismetRequest)
class AkismetRequestAdmin(ReadOnlyAdmin):
    """Read-only list of requests, without the encrypted data."""

    list_display = ["about", "kind", "state", "answer", "attempts", "due_at", "last_error"]
    list_filter = ["state", "kind", "answer"]
    list_select_related = ["comment"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["retry_request"]
    fields = ("about", "kind", "state", "answer", "attempts", "last_error", "created_at", "due_at", "finished_at")
    readonly_fields = fields

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.resend_akismetrequest")

    @admin.display(description=gettext_lazy("comment"))
    def about(self, asked: AkismetRequest) -> str:
        comment = asked.comment
        return format_html("<bdi>{}</bdi>: <bdi>{}</bdi>", comment.name, truncate(comment.text, 100))

    @admin.action(description=gettext_lazy("Check again"), permissions=["resend"])
    def retry_request(self, request: HttpRequest, chosen: QuerySet[AkismetRequest]) -> None:
        failed = list(chosen.filter(state=AkismetRequest.State.FAILED))
        asked = [each for each in failed if retry_request(each)]
        for each in asked:
            self.log_change(request, each, _("Checked again."))
        done = len(asked)
        text = ngettext(
            "Akismet will check %(count)d comment again.",
            "Akismet will check %(count)d comments again.",
            done,
        )
        self.message_user(request, text % {"count": done}, messages.SUCCESS if done else messages.WARNING)
        if done < len(failed):
            text = _("The others can’t be checked again: the reader’s IP address has been deleted.")
            self.message_user(request, text, messages.WARNING)
