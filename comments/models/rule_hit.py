"""Rule hits in relational form: which rule, word list entry or block matched which comment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from comments.models.akismet import AKISMET_FIRST_RULE
from comments.models.comment import Comment
from comments.models.decision import Decision
from comments.rules.facts import Outcome
from comments.statuses import Cause

MAX_RULE_LENGTH = 200
MAX_ENTRY_REFERENCE_LENGTH = 60


class RuleHit(models.Model):
    """Match of a rule with a comment: a row with an empty `entry` for the rule, and a row for each matched entry.

    `is_decisive`: without it the verdict on the current text would have been milder. `is_overruled`: it was decisive,
    and a moderator has approved this text. `comment_created_at` is a copy, so that an index finds the comments of a
    rule or entry in order, newest first. Refused comments have no rows.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="rule_hits", db_index=False)
    rule = models.CharField(_("rule"), max_length=MAX_RULE_LENGTH)
    entry = models.CharField(_("entry"), max_length=MAX_ENTRY_REFERENCE_LENGTH, blank=True)
    is_decisive = models.BooleanField(_("sole reason"))
    is_overruled = models.BooleanField(_("overturned"), default=False)
    comment_created_at = models.DateTimeField(_("posted at"))

    class Meta:
        verbose_name = _("rule hit")
        verbose_name_plural = _("rule hits")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["comment", "rule", "entry"], name="one_rule_hit_a_comment")]
        indexes = [
            models.Index(fields=["rule", "entry", "-comment_created_at", "-comment"], name="rule_hit_of"),
            models.Index(fields=["comment_created_at"], name="rule_hit_at"),
        ]

    def __str__(self) -> str:
        return self.entry or self.rule

    @staticmethod
    def record(decision: Decision) -> None:
        """Store the hits of a decision that is based on rules, in its transaction.

        Edited texts start without decisive hits. The answer of Akismet is combined with the findings of the rules on
        the same text.
        """
        comment, findings = decision.comment, decision.findings
        if decision.cause == Cause.AKISMET:
            findings = [*_rule_findings(comment), *findings]
        if decision.cause in {Cause.EDITED, Cause.AKISMET}:
            RuleHit.objects.filter(comment=comment).update(is_decisive=False, is_overruled=False)
        RuleHit.objects.bulk_create(
            RuleHit.of(comment, findings),
            update_conflicts=True,
            unique_fields=["comment", "rule", "entry"],
            update_fields=["is_decisive", "is_overruled"],
        )

    @staticmethod
    def of(comment: Comment, findings: Iterable[dict[str, Any]]) -> list[RuleHit]:
        return [
            RuleHit(
                comment_id=comment.pk,
                rule=rule,
                entry=entry,
                is_decisive=is_alone,
                comment_created_at=comment.created_at,
            )
            for (rule, entry), is_alone in decisive_rules(findings).items()
        ]

    @staticmethod
    def update_overruled(comment: Comment) -> None:
        """Update `is_overruled` in the transaction of a moderator's decision, which may overrule decisive hits."""
        is_overruled = comment.is_public() and comment.reviewed_at is not None
        to_change = RuleHit.objects.filter(comment=comment, is_decisive=True, is_overruled=not is_overruled)
        to_change.update(is_overruled=is_overruled)


def _rule_findings(comment: Comment) -> list[dict[str, Any]]:
    """Return the findings of the rules on the current text."""
    judged = comment.decisions.filter(cause__in=[Cause.SUBMITTED, Cause.EDITED]).order_by("-pk")
    return judged.values_list("findings", flat=True).first() or []


def decisive_rules(findings: Iterable[dict[str, Any]]) -> dict[tuple[str, str], bool]:
    """Return each rule and each (rule, entry) of a Decision's findings, and whether it alone was decisive.

    The hold until Akismet has answered is only a delay: it is never decisive and cannot be overruled.
    """
    outcomes = [
        (
            finding["rule"][:MAX_RULE_LENGTH],
            finding.get("entry", "")[:MAX_ENTRY_REFERENCE_LENGTH],
            Outcome[finding["outcome"].upper()],
        )
        for finding in findings
    ]
    verdicts = [each for each in outcomes if each[0] != AKISMET_FIRST_RULE]
    worst = max((outcome for _rule, _entry, outcome in verdicts), default=Outcome.PUBLISH)
    decisive = {(rule, entry) for rule, entry, outcome in verdicts if outcome == worst > Outcome.PUBLISH}
    alone = decisive if len(decisive) == 1 else set()
    if len(rules := {rule for rule, _entry in decisive}) == 1:
        alone = alone | {(rules.pop(), "")}
    fired = [key for rule, entry, _outcome in outcomes for key in ((rule, ""), (rule, entry))]
    return {key: key in alone for key in fired}
