"""Django admin of comments for moderators and editors. Importing this package registers the ModelAdmins."""

from comments.admin.akismet import AkismetRequestAdmin
from comments.admin.attacks import AttackAdmin
from comments.admin.background_jobs import BackgroundJobAdmin
from comments.admin.blocks import BlockAdmin
from comments.admin.comments import CommentAdmin, RejectReasonAdmin, SitePolicyAdmin
from comments.admin.notifications import ModeratorOnDutyAdmin, NotificationAdmin
from comments.admin.queue import ModerationQueueAdmin
from comments.admin.scoring_models import ScoringModelAdmin
from comments.admin.stats import StatisticsAdmin
from comments.admin.word_list import WordListEntryAdmin

__all__ = [
    "AkismetRequestAdmin",
    "AttackAdmin",
    "BackgroundJobAdmin",
    "BlockAdmin",
    "CommentAdmin",
    "ModerationQueueAdmin",
    "ModeratorOnDutyAdmin",
    "NotificationAdmin",
    "RejectReasonAdmin",
    "ScoringModelAdmin",
    "SitePolicyAdmin",
    "StatisticsAdmin",
    "WordListEntryAdmin",
]
