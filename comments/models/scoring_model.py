"""Scoring models, trained on the moderators' decisions, and the state of training."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.singleton import Singleton
from comments.classifier.evaluation import ThresholdRow
from comments.classifier.features import FEATURE_FORMAT
from comments.classifier.scores import ScoreKind
from comments.classifier.weights import InvalidModel, ModelParameters, compute_checksum
from comments.models.lease import LeaseQuerySet


class ScoringModelQuerySet(models.QuerySet["ScoringModel"]):
    def of(self, kind: str) -> ScoringModelQuerySet:
        """Return the models of this kind, newest first."""
        return self.filter(kind=kind).order_by("-pk")

    def newest_per_kind(self) -> ScoringModelQuerySet:
        newest = self.order_by().values("kind").annotate(newest=models.Max("pk"))
        return self.filter(pk__in=newest.values("newest")).order_by("pk")

    def without_weights(self) -> ScoringModelQuerySet:
        return self.defer("weights")


class ScoringModel(models.Model):
    """Model of one kind at one time; the newest of each kind is used.

    `weights` are 32-bit numbers as returned by `ModelParameters.to_bytes`, and `checksum` is their checksum; both are
    empty if there were too few decisions. `format` is the version of the features. `negative_count` and
    `positive_count` count the decisions of the training set. `evaluation` has a row for each threshold (`right`,
    `wrong`, `missed`), measured on the newest decisions (`held_out_negative_count`, `held_out_positive_count`), which
    were left out of training for this; it is empty if there were too few. `roc_auc` is the area under their ROC
    curve.
    """

    kind = models.CharField(_("score"), max_length=8, choices=ScoreKind)
    trained_at = models.DateTimeField(_("trained at"), default=timezone.now)
    format = models.PositiveSmallIntegerField(default=FEATURE_FORMAT)
    weights = models.BinaryField(default=bytes)
    checksum = models.CharField(max_length=64, blank=True)
    negative_count = models.PositiveIntegerField(_("approved comments in training"))
    positive_count = models.PositiveIntegerField(_("spam or rejected comments in training"))
    held_out_negative_count = models.PositiveIntegerField(default=0)
    held_out_positive_count = models.PositiveIntegerField(default=0)
    evaluation = models.JSONField(default=list, blank=True)
    roc_auc = models.FloatField(null=True)

    objects = ScoringModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("scoring model")
        verbose_name_plural = _("learned scores")
        default_permissions = ["view", "delete"]
        permissions = [("train_scoringmodel", _("Can retrain scores"))]
        indexes = [models.Index(fields=["kind", "-id"], name="scoring_model_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.trained_at:%Y-%m-%d %H:%M}"

    def set_parameters(self, parameters: ModelParameters) -> None:
        self.weights = parameters.to_bytes()
        self.checksum = compute_checksum(self.weights)

    @property
    def is_trained(self) -> bool:
        return bool(self.checksum)

    @property
    def has_outdated_format(self) -> bool:
        return self.format != FEATURE_FORMAT

    def parameters(self) -> ModelParameters | None:
        """Return the parameters, or None if there were too few decisions.

        Raise InvalidModel if they are damaged or were trained by an incompatible version of the code.
        """
        if self.has_outdated_format:
            raise InvalidModel(f"it was trained in format {self.format}, and this is {FEATURE_FORMAT}")
        return ModelParameters.from_bytes(bytes(self.weights), checksum=self.checksum) if self.is_trained else None

    def rows(self) -> list[ThresholdRow]:
        return [ThresholdRow(**row) for row in self.evaluation]


class TrainingState(Singleton):
    """State of training in a single row; `last_decision_id` is the last decision that was read."""

    requested_at = models.DateTimeField(null=True)
    attempted_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    last_decision_id = models.PositiveBigIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_training_state")]

    def __str__(self) -> str:
        return str(self.attempted_at or "–")
