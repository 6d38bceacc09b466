"""Admin of scoring models: their evaluation, and a button to start training."""

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
from comments.classifier.evaluation import ThresholdRow
from comments.classifier.scores import ScoreKind
from comments.models import ScoringModel, SitePolicy, TrainingState
from comments.scoring.schedule import (
    MIN_DECISIONS_PER_CLASS,
    MIN_HELD_OUT_PER_CLASS,
    MIN_NEW_DECISIONS,
    request_training,
)
from comments.scoring.training_data import count_new_decisions


@dataclass(frozen=True)
class ModelHistory:
    """Models of one kind: the newest one, or None, and the earlier ones that are kept."""

    kind: ScoreKind
    newest: ScoringModel | None
    earlier: list[ScoringModel]
    limits: list[str]

    @classmethod
    def of(cls, kind: ScoreKind, policy: SitePolicy) -> ModelHistory:
        scoring_models = list(ScoringModel.objects.of(kind).without_weights())
        return cls(
            kind, scoring_models[0] if scoring_models else None, scoring_models[1:], _threshold_labels(kind, policy)
        )

    def rows(self) -> list[tuple[ThresholdRow, str, str]]:
        """Return each row with its precision and recall."""
        found = self.newest.rows() if self.newest else []
        return [(row, _percent(row.precision), _percent(row.recall)) for row in found]


def _percent(share: float | None) -> str:
    return "–" if share is None else _("%d%%") % round(share * 100)


def _threshold_labels(kind: ScoreKind, policy: SitePolicy) -> list[str]:
    """Return labels of the thresholds that an editor has set."""
    said = {
        ScoreKind.SPAM: [
            (policy.spam_held_from, _("held from %d%%")),
            (policy.spam_from, _("filed as spam from %d%%")),
        ],
        ScoreKind.REJECTED: [(policy.rejected_held_from, _("held from %d%%"))],
    }
    return [text % limit for limit, text in said[kind] if limit]


@admin.register(ScoringModel)
class ScoringModelAdmin(NewsroomAdmin):
    """Custom list page. A model can be viewed and deleted; the previous one then becomes active."""

    fields = ("kind", "trained_at", "negative_count", "positive_count")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ScoringModel | None = None) -> bool:
        return False

    def has_train_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("comments.train_scoringmodel")

    def get_urls(self) -> list[URLPattern]:
        learn = path("learn/", self.admin_site.admin_view(self.train_view), name="comments_scoringmodel_train")
        return [learn, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        learning, policy = TrainingState.current(), SitePolicy.current()
        context = {
            **self.admin_site.each_context(request),
            "title": _("Learned scores"),
            "opts": self.opts,
            "trained": [ModelHistory.of(kind, policy) for kind in ScoreKind],
            "learning": learning,
            "is_learning": bool(learning.lease_expires_at and learning.lease_expires_at > timezone.now()),
            "new": count_new_decisions(after=learning.last_decision_id, most=MIN_NEW_DECISIONS),
            "enough_new": MIN_NEW_DECISIONS,
            "fewest": MIN_DECISIONS_PER_CLASS,
            "fewest_held_out": MIN_HELD_OUT_PER_CLASS,
            "may_ask": self.has_train_permission(request),
            "may_delete": self.has_delete_permission(request),
            "may_set": request.user.has_perm("comments.change_sitepolicy"),
        }
        return TemplateResponse(request, "admin/comments/scoringmodel/evaluation.html", context)

    def train_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not self.has_train_permission(request):
            raise PermissionDenied
        request_training()
        self.log_change(cast(Any, request), TrainingState.current(), _("Started retraining."))
        text = _("Retraining starts within a minute. Come back to this page for the result.")
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:comments_scoringmodel_changelist"))
