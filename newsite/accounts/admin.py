"""Users and groups in the admin.

Staff who manage users cannot grant permissions that they lack, and cannot manage users with more permissions. (In
plain Django, any user who may change users can become a superuser.) A user with a history in the audit log can be
deactivated but not deleted, because the log would be deleted too.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp.plugins.otp_totp.models import TOTPDevice

from articles.admin.base import NewsroomAdmin
from comments.models import Decision
from newsite.accounts.two_factor import disable_two_factor
from newsite.admin.typed_forms import TypedGroupForm, TypedNewUserForm, TypedUserForm


def permissions_of(user: User) -> QuerySet[Permission]:
    """Return the permissions of a user, direct and by group, also of an inactive user."""
    return Permission.objects.filter(Q(user=user) | Q(group__user=user))


def has_history(user: User) -> bool:
    return LogEntry.objects.filter(user=user).exists() or Decision.objects.filter(actor=user).exists()


class LimitToOwnPermissionsMixin(NewsroomAdmin):
    """Admin of rows with permissions; staff may change only rows without permissions that they lack."""

    def is_within_own_permissions(self, request: HttpRequest, obj: Any) -> bool:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (
            obj is None or self.is_within_own_permissions(request, obj)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and (
            obj is None or self.is_within_own_permissions(request, obj)
        )

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Offer only permissions and groups within the user's own permissions."""
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is None or request is None or staff_user(request).is_superuser:
            return field
        others = Permission.objects.exclude(pk__in=permissions_of(staff_user(request)))
        carried = {"pk__in": others} if db_field.related_model is Permission else {"permissions__in": others}
        field.queryset = cast(QuerySet[Any], field.queryset).exclude(**carried)
        return field


def staff_user(request: HttpRequest) -> User:
    """Return the user of a page that requires staff."""
    return cast(User, request.user)


def _has_all_permissions(request: HttpRequest, permissions: QuerySet[Permission]) -> bool:
    own = permissions_of(staff_user(request))
    return staff_user(request).is_superuser or not permissions.exclude(pk__in=own).exists()


admin.site.unregister([User, Group])


@admin.register(Group)
class GroupAdmin(LimitToOwnPermissionsMixin, DjangoGroupAdmin):
    form = TypedGroupForm

    def is_within_own_permissions(self, request: HttpRequest, obj: Group) -> bool:
        return _has_all_permissions(request, obj.permissions.all())


@admin.register(User)
class UserAdmin(LimitToOwnPermissionsMixin, DjangoUserAdmin):
    form = TypedUserForm
    add_form = TypedNewUserForm
    list_display = ["username", "email", "first_name", "last_name", "is_staff", "has_two_factor"]
    actions = ["reset_two_factor"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        return super().get_queryset(request).annotate(second_factor=Exists(factors))

    @admin.display(description=gettext_lazy("two-factor authentication"), boolean=True)
    def has_two_factor(self, user: User) -> bool:
        return bool(user.second_factor)  # type: ignore[attr-defined]  # annotated above

    @admin.action(description=gettext_lazy("Turn off two-factor authentication (lost phone)"), permissions=["change"])
    def reset_two_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        """Turn off two-factor authentication of colleagues; a user's own requires a code on its own page."""
        for user in chosen.exclude(pk=staff_user(request).pk):
            if self.has_change_permission(request, user) and disable_two_factor(user):
                self.log_change(request, user, _("Two-factor authentication turned off."))
                self.message_user(request, _("Two-factor authentication turned off for %s.") % user, messages.SUCCESS)
            else:
                self.message_user(
                    request, _("There is no two-factor authentication to turn off for %s.") % user, messages.WARNING
                )

    def is_within_own_permissions(self, request: HttpRequest, obj: User) -> bool:
        return staff_user(request).is_superuser or (
            not obj.is_superuser and _has_all_permissions(request, permissions_of(obj))
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return [] if staff_user(request).is_superuser else ["is_superuser"]

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or not has_history(obj))

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        user: Model | None = self.get_object(request, unquote(object_id))
        if isinstance(user, User) and super().has_delete_permission(request, user) and has_history(user):
            text = _("You can’t delete %s, who appears in the activity log. Untick “Active” instead.") % user
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))
        return super().delete_view(request, object_id, extra_context)
