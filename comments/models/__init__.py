"""What readers say: comments, the decisions about them, and the conversation that they make under an article."""

from comments.models.akismet import AkismetRequest
from comments.models.attack import Attack, NewDeviceHour, NewDevicePost, UsualRate
from comments.models.background_job import Job
from comments.models.block import Block
from comments.models.bulk import BulkItem
from comments.models.cluster import Raid, Trace
from comments.models.comment import DEEPEST_INDENT, NAME_LENGTH, Comment
from comments.models.conversation import Conversation, SitePolicy
from comments.models.counters import count_above, count_in_conversation, count_public
from comments.models.decision import REASON_LENGTH, Decision, EarlierText, RejectReason
from comments.models.import_record import ImportedComment
from comments.models.moderation_queue import Claim, Desk, Note
from comments.models.notification import Confirmation, Declined, Duty, Letter, Replies, Subscription
from comments.models.rate_limit_event import Click
from comments.models.reaction import NOTE_LENGTH, Complaint, Recommendation, Report
from comments.models.rule_hit import Firing
from comments.models.scoring_model import Learning, Lesson
from comments.models.stats import Numbers
from comments.models.word_list import ListEntry, ListVersion

__all__ = [
    "DEEPEST_INDENT",
    "NAME_LENGTH",
    "NOTE_LENGTH",
    "REASON_LENGTH",
    "AkismetRequest",
    "Attack",
    "Block",
    "BulkItem",
    "Claim",
    "Click",
    "Comment",
    "Complaint",
    "Confirmation",
    "Conversation",
    "Decision",
    "Declined",
    "Desk",
    "Duty",
    "EarlierText",
    "Firing",
    "ImportedComment",
    "Job",
    "Learning",
    "Lesson",
    "Letter",
    "ListEntry",
    "ListVersion",
    "NewDeviceHour",
    "NewDevicePost",
    "Note",
    "Numbers",
    "Raid",
    "Recommendation",
    "RejectReason",
    "Replies",
    "Report",
    "SitePolicy",
    "Subscription",
    "Trace",
    "UsualRate",
    "count_above",
    "count_in_conversation",
    "count_public",
]
