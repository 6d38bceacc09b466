"""Moderator actions by button name, used by the queue, the comment list and the comment page.

The buttons of the queue are in comments/templates/admin/comments/queue/_action_buttons.html and _bulk_buttons.html.
"""

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

ACTIONS = {  # label in the comment list and of jobs, and the word for the success message
    "approve": (gettext_lazy("Approve"), gettext_lazy("approved")),
    "reject": (gettext_lazy("Reject"), gettext_lazy("rejected")),
    "spam": (gettext_lazy("Spam"), gettext_lazy("marked as spam")),
    "hold": (gettext_lazy("Hold"), gettext_lazy("moved to pending")),
    "pick": (gettext_lazy("Pick"), gettext_lazy("picked")),
    "unpick": (gettext_lazy("Remove pick"), gettext_lazy("removed from the picks")),
    "return": (gettext_lazy("Restore this status"), gettext_lazy("set back to that status")),
    "undo": (gettext_lazy("Undo"), gettext_lazy("set back to the earlier status")),
}
SINGLE_COMMENT_ACTIONS = {"return", "undo"}  # not available as bulk actions
_STATUSES = {"approve": Status.APPROVED, "spam": Status.SPAM, "hold": Status.PENDING}


def perform(
    action: str, comment: Comment, *, actor: User, reason: RejectReason | None = None, decision: Decision | None = None
) -> None:
    """Apply the action named `action` to the comment.

    Rejecting requires `reason` if any reasons exist. "return" requires the `decision` whose status is restored. Raise
    InvalidTransition if the action is unknown or not possible.
    """
    check_action(action, reason)
    match action:
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
        case _ if action in _STATUSES:
            decide(comment, _STATUSES[action], actor=actor)
        case _:
            raise InvalidTransition(_("Unknown action."))


def check_action(action: str, reason: RejectReason | None) -> None:
    """Raise InvalidTransition if the action is impossible for every comment."""
    if action not in ACTIONS:
        raise InvalidTransition(_("Unknown action."))
    if action == "reject" and reason is None and RejectReason.objects.exists():
        raise InvalidTransition(_("Please choose a reason."))
