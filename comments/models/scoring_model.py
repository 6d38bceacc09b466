"""What was learnt from the moderators' decisions, and who learns when."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.singleton import OneRow
from comments.classifier.evaluation import Row
from comments.classifier.features import FORMAT
from comments.classifier.scores import Kind
from comments.classifier.weights import Parameters, Unusable, checksum_of


class LessonQuerySet(models.QuerySet["Lesson"]):
    def of(self, kind: str) -> LessonQuerySet:
        """The newest first."""
        return self.filter(kind=kind).order_by("-pk")

    def newest_of_each(self) -> LessonQuerySet:
        newest = self.order_by().values("kind").annotate(newest=models.Max("pk"))
        return self.filter(pk__in=newest.values("newest")).order_by("pk")

    def without_weights(self) -> LessonQuerySet:
        return self.defer("weights")


class Lesson(models.Model):
    """What was learnt of one kind at one time: the newest of each kind is the one that counts.

    `weights` are 32-bit numbers as `Parameters.to_bytes` gives them, and `checksum` is theirs; both are empty if there
    were too few decisions. `format` is that of the features they weigh. `approved` and `put_away` count the decisions
    that were learnt from. `figures` are a row for each threshold (`right`, `wrong`, `missed`), of the newest decisions
    (`held_out_approved`, `held_out_put_away`), which for this were not learnt from; none if these were too few. `area`
    is that under their ROC curve.
    """

    kind = models.CharField(_("score"), max_length=8, choices=Kind)
    learnt_at = models.DateTimeField(_("trained at"), default=timezone.now)
    format = models.PositiveSmallIntegerField(default=FORMAT)
    weights = models.BinaryField(default=bytes)
    checksum = models.CharField(max_length=64, blank=True)
    approved = models.PositiveIntegerField(_("approved comments in training"))
    put_away = models.PositiveIntegerField(_("spam or rejected comments in training"))
    held_out_approved = models.PositiveIntegerField(default=0)
    held_out_put_away = models.PositiveIntegerField(default=0)
    figures = models.JSONField(default=list, blank=True)
    area = models.FloatField(null=True)

    objects = LessonQuerySet.as_manager()

    class Meta:
        verbose_name = _("scoring model")
        verbose_name_plural = _("learned scores")
        default_permissions = ["view", "delete"]
        permissions = [("ask_for_lesson", _("Can retrain scores"))]
        indexes = [models.Index(fields=["kind", "-id"], name="lesson_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.learnt_at:%Y-%m-%d %H:%M}"

    def keep(self, parameters: Parameters) -> None:
        self.weights = parameters.to_bytes()
        self.checksum = checksum_of(self.weights)

    @property
    def has_learnt(self) -> bool:
        return bool(self.checksum)

    @property
    def is_of_another_format(self) -> bool:
        return self.format != FORMAT

    def parameters(self) -> Parameters | None:
        """None if there were too few decisions. Raises Unusable if it is broken, or was learnt by other code."""
        if self.is_of_another_format:
            raise Unusable(f"it was learnt in format {self.format}, and this is {FORMAT}")
        return Parameters.from_bytes(bytes(self.weights), checksum=self.checksum) if self.has_learnt else None

    def rows(self) -> list[Row]:
        return [Row(**row) for row in self.figures]


class Learning(OneRow):
    """Who learns, and when it was tried last. One row. `newest_decision` is the last that was looked at."""

    asked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    newest_decision = models.PositiveBigIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_learning")]

    def __str__(self) -> str:
        return str(self.tried_at or "–")
