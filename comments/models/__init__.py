"""Models of comments, of the decisions about them, and of conversations."""

from comments.models.akismet import AkismetRequest
from comments.models.attack import Attack, NewDeviceHour, NewDevicePost, UsualRate
from comments.models.background_job import BackgroundJob
from comments.models.block import Block
from comments.models.bulk import BulkItem
from comments.models.cluster import Cluster, Shingle
from comments.models.comment import MAX_INDENT_LEVEL, MAX_NAME_LENGTH, Comment
from comments.models.conversation import Conversation, SitePolicy
from comments.models.counters import update_ancestor_counts, update_conversation_counts, update_public_counts
from comments.models.decision import MAX_REASON_LENGTH, Decision, EarlierText, RejectReason
from comments.models.import_record import ImportedComment
from comments.models.moderation_queue import Claim, Moderation, Note
from comments.models.notification import (
    ConfirmationRequest,
    ModeratorOnDuty,
    Notification,
    ReplyFrequency,
    Subscription,
    SuppressedAddress,
)
from comments.models.rate_limit_event import RateLimitEvent
from comments.models.reaction import MAX_NOTE_LENGTH, Recommendation, Report, ReportCategory
from comments.models.rule_hit import RuleHit
from comments.models.scoring_model import ScoringModel, TrainingState
from comments.models.stats import Statistics
from comments.models.word_list import WordListEntry, WordListVersion

__all__ = [
    "MAX_INDENT_LEVEL",
    "MAX_NAME_LENGTH",
    "MAX_NOTE_LENGTH",
    "MAX_REASON_LENGTH",
    "AkismetRequest",
    "Attack",
    "BackgroundJob",
    "Block",
    "BulkItem",
    "Claim",
    "Cluster",
    "Comment",
    "ConfirmationRequest",
    "Conversation",
    "Decision",
    "EarlierText",
    "ImportedComment",
    "Moderation",
    "ModeratorOnDuty",
    "NewDeviceHour",
    "NewDevicePost",
    "Note",
    "Notification",
    "RateLimitEvent",
    "Recommendation",
    "RejectReason",
    "ReplyFrequency",
    "Report",
    "ReportCategory",
    "RuleHit",
    "ScoringModel",
    "Shingle",
    "SitePolicy",
    "Statistics",
    "Subscription",
    "SuppressedAddress",
    "TrainingState",
    "UsualRate",
    "WordListEntry",
    "WordListVersion",
    "update_ancestor_counts",
    "update_conversation_counts",
    "update_public_counts",
]
