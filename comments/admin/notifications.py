"""Admin of notifications and of moderators on duty: unsent emails with errors, and alerts for moderators."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.admin.base import NewsroomAdmin
from comments.models import ModeratorOnDuty, Notification
from comments.models.notification import mask_address
from comments.tasks import enqueue_delivery


class ReadOnlyAdmin(NewsroomAdmin):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ["kind", "recipient", "state", "attempts", "due_at", "sent_at", "last_error"]
    list_filter = ["state", "kind"]
    list_select_related = ["subscription", "user"]
    list_per_page = 50
    show_full_result_count = False
    actions = ["retry"]
    fields = ("kind", "recipient", "state", "attempts", "last_error", "created_at", "due_at", "sent_at")
    readonly_fields = fields

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.resend_notification")

    @admin.display(description=gettext_lazy("to"))
    def recipient(self, notification: Notification) -> str:
        return mask_address(notification.address)

    @admin.action(description=gettext_lazy("Send again"), permissions=["resend"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Notification]) -> None:
        """Restart failed notifications with their first attempt. Skip all others."""
        failed = list(chosen.filter(state=Notification.State.FAILED))
        now, tried = timezone.now(), 0
        for notification in failed:
            with transaction.atomic():
                still_failed = Notification.objects.filter(pk=notification.pk, state=Notification.State.FAILED)
                if still_failed.update(state=Notification.State.PENDING, attempts=0, due_at=now):
                    notification.due_at = now
                    enqueue_delivery(notification)
                    self.log_change(request, notification, _("Sent again."))
                    tried += 1
        text = ngettext("%(count)d email will be sent again.", "%(count)d emails will be sent again.", tried)
        self.message_user(request, text % {"count": tried}, messages.SUCCESS if tried else messages.WARNING)


class OnDutyForm(forms.Form):
    is_on_duty = forms.BooleanField(label=gettext_lazy("Email me when comments are waiting"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_is_on_duty(self) -> bool:
        is_on_duty = bool(self.cleaned_data["is_on_duty"])
        if is_on_duty and not self.user.email:
            text = _("Your account has no email address. Ask an administrator to add one.")
            raise forms.ValidationError(text)
        return is_on_duty


@admin.register(ModeratorOnDuty)
class ModeratorOnDutyAdmin(ReadOnlyAdmin):
    """Form for one's own duty, in place of the list. Other users' duties are not accessible."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.moderate_comment")

    def has_view_permission(self, request: HttpRequest, obj: ModeratorOnDuty | None = None) -> bool:
        return obj is None and self.has_module_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            return super().changelist_view(request, extra_context)  # raises PermissionDenied
        user = cast(User, request.user)
        duty = ModeratorOnDuty.objects.filter(user=user).first() or ModeratorOnDuty(user=user)
        data = request.POST if request.method == "POST" else None
        form = OnDutyForm(data, user=user, initial={"is_on_duty": duty.is_on_duty})
        if form.is_valid():
            is_on_duty = form.cleaned_data["is_on_duty"]
            duty, _is_new = ModeratorOnDuty.objects.update_or_create(user=user, defaults={"is_on_duty": is_on_duty})
            self.log_change(request, duty, _("Alerts on.") if is_on_duty else _("Alerts off."))
            text = _("Alerts on.") if is_on_duty else _("Alerts off.")
            self.message_user(request, text, messages.SUCCESS)
            return HttpResponseRedirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Moderation alerts"),
            "opts": self.opts,
            "form": form,
            "hours": settings.COMMENT_PENDING_ALERT_HOURS,
        }
        return TemplateResponse(request, "admin/comments/on_duty.html", context)
