"""What moderators and editors have in Django's admin. To import it is to register it."""

from comments.admin.akismet import AkismetAdmin
from comments.admin.attacks import AttackAdmin
from comments.admin.blocks import BlockAdmin
from comments.admin.comments import CommentAdmin, RejectReasonAdmin, SitePolicyAdmin
from comments.admin.desk import DeskAdmin
from comments.admin.jobs import JobAdmin
from comments.admin.lessons import LessonAdmin
from comments.admin.letters import DutyAdmin, LetterAdmin
from comments.admin.lists import ListEntryAdmin
from comments.admin.numbers import NumbersAdmin

__all__ = [
    "AkismetAdmin",
    "AttackAdmin",
    "BlockAdmin",
    "CommentAdmin",
    "DeskAdmin",
    "DutyAdmin",
    "JobAdmin",
    "LessonAdmin",
    "LetterAdmin",
    "ListEntryAdmin",
    "NumbersAdmin",
    "RejectReasonAdmin",
    "SitePolicyAdmin",
]
