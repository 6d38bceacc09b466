"""What moderators and editors have in Django's admin. To import it is to register it."""

from comments.admin.akismet import AkismetAdmin
from comments.admin.attacks import AttackAdmin
from comments.admin.background_jobs import JobAdmin
from comments.admin.blocks import BlockAdmin
from comments.admin.comments import CommentAdmin, RejectReasonAdmin, SitePolicyAdmin
from comments.admin.notifications import DutyAdmin, LetterAdmin
from comments.admin.queue import DeskAdmin
from comments.admin.scoring_models import LessonAdmin
from comments.admin.stats import NumbersAdmin
from comments.admin.word_list import ListEntryAdmin

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
