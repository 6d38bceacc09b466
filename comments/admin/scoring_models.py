"""What was learnt from decisions, in Django's admin: how good it is, in plain numbers, and a button to learn now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.admin.base import NewsroomAdmin
from comments.classifier.evaluation import Row
from comments.classifier.scores import Kind
from comments.models import Learning, Lesson, SitePolicy
from comments.scoring.schedule import ENOUGH_NEW, FEWEST, FEWEST_HELD_OUT, ask
from comments.scoring.training_data import new_decisions


@dataclass(frozen=True)
class Learnt:
    """Of one kind: the newest lesson, None if there never was one, and the others that are kept."""

    kind: Kind
    newest: Lesson | None
    earlier: list[Lesson]
    limits: list[str]

    @classmethod
    def of(cls, kind: Kind, policy: SitePolicy) -> Learnt:
        lessons = list(Lesson.objects.of(kind).without_weights())
        return cls(kind, lessons[0] if lessons else None, lessons[1:], _limits(kind, policy))

    def rows(self) -> list[tuple[Row, str, str]]:
        """Each with its precision and its recall."""
        found = self.newest.rows() if self.newest else []
        return [(row, _percent(row.precision), _percent(row.recall)) for row in found]


def _percent(share: float | None) -> str:
    return "–" if share is None else _("%d%%") % round(share * 100)


def _limits(kind: Kind, policy: SitePolicy) -> list[str]:
    """What an editor has set."""
    said = {
        Kind.SPAM: [
            (policy.spam_held_from, _("held from %d%%")),
            (policy.spam_from, _("filed as spam from %d%%")),
        ],
        Kind.REJECTED: [(policy.rejected_held_from, _("held from %d%%"))],
    }
    return [text % limit for limit, text in said[kind] if limit]


@admin.register(Lesson)
class LessonAdmin(NewsroomAdmin):
    """The list is a page of its own; a lesson can be looked at and deleted, then the one before it counts."""

    fields = ("kind", "learnt_at", "approved", "put_away")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Lesson | None = None) -> bool:
        return False

    def has_ask_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.ask_for_lesson")

    def get_urls(self) -> list[URLPattern]:
        learn = path("learn/", self.admin_site.admin_view(self.learn_view), name="comments_lesson_learn")
        return [learn, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        learning, policy = Learning.current(), SitePolicy.current()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Learned scores"),
            "opts": self.opts,
            "learnt": [Learnt.of(kind, policy) for kind in Kind],
            "learning": learning,
            "is_learning": bool(learning.leased_until and learning.leased_until > timezone.now()),
            "new": new_decisions(after=learning.newest_decision, most=ENOUGH_NEW),
            "enough_new": ENOUGH_NEW,
            "fewest": FEWEST,
            "fewest_held_out": FEWEST_HELD_OUT,
            "may_ask": self.has_ask_permission(request),
            "may_delete": self.has_delete_permission(request),
            "may_set": request.user.has_perm("comments.change_sitepolicy"),
        }
        return TemplateResponse(request, "admin/comments/lesson/learnt.html", context)

    def learn_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not self.has_ask_permission(request):
            raise PermissionDenied
        ask()
        self.log_change(cast(Any, request), Learning.current(), _("Started retraining."))
        text = _("Retraining starts within a minute. Come back to this page for the result.")
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:comments_lesson_changelist"))
