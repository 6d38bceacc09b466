"""What a moderator's button does to a comment, by the button's name: for the desk, the list and the comment's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.models import Comment, Decision, RejectReason
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.picks import pick, unpick
from comments.moderation.undo import reapply_decision, undo
from comments.statuses import Status

if TYPE_CHECKING:
    from django.contrib.auth.models import User

ACTIONS = {  # what the button says, and what is said when it is done
    "approve": (gettext_lazy("Approve"), gettext_lazy("approved")),
    "reject": (gettext_lazy("Reject"), gettext_lazy("rejected")),
    "spam": (gettext_lazy("Spam"), gettext_lazy("marked as spam")),
    "hold": (gettext_lazy("Hold"), gettext_lazy("moved to pending")),
    "pick": (gettext_lazy("Pick"), gettext_lazy("picked")),
    "unpick": (gettext_lazy("Remove pick"), gettext_lazy("removed from the picks")),
    "return": (gettext_lazy("Restore this status"), gettext_lazy("restored to that status")),
    "undo": (gettext_lazy("Undo"), gettext_lazy("changed back")),
}
SINGLE_COMMENT_ACTIONS = {"return", "undo"}  # these cannot be done to many
_STATUSES = {"approve": Status.APPROVED, "spam": Status.SPAM, "hold": Status.PENDING}


def perform(
    move: str, comment: Comment, *, actor: User, reason: RejectReason | None = None, decision: Decision | None = None
) -> None:
    """Raises WrongMove, also for a name that no button has. To reject takes a reason, if there are any; to return to
    a state takes the decision that led to it.
    """
    check_action(move, reason)
    match move:
        case "pick":
            pick(comment, actor=actor)
        case "unpick":
            unpick(comment, actor=actor)
        case "undo":
            undo(comment, actor=actor)
        case "return" if decision:
            reapply_decision(decision, comment, actor=actor)
        case "reject" if reason:
            decide(comment, Status.REJECTED, actor=actor, reason=reason.title, author_message=reason.sentence)
        case "reject":
            decide(comment, Status.REJECTED, actor=actor)
        case _ if move in _STATUSES:
            decide(comment, _STATUSES[move], actor=actor)
        case _:
            raise InvalidTransition(_("Unknown action."))


def check_action(move: str, reason: RejectReason | None) -> None:
    """Raises WrongMove if it could be made with no comment at all."""
    if move not in ACTIONS:
        raise InvalidTransition(_("Unknown action."))
    if move == "reject" and reason is None and RejectReason.objects.exists():
        raise InvalidTransition(_("Please choose a reason."))
