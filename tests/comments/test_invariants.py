"""Invariants: counts, visibility and history stay consistent after any sequence of actions."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
import pytest

from comments.identity import Reader
from comments.models import BackgroundJob, Cluster, Comment, Conversation, Recommendation, ReportCategory
from comments.moderation.decide import InvalidTransition, decide
from comments.moderation.picks import pick, unpick
from comments.moderation.redaction import GAP_MARK, InvalidRedaction, redact
from comments.moderation.undo import reapply_decision, undo
from comments.privacy.anonymize import delete_or_anonymize
from comments.queue.bulk import start_bulk, start_undo
from comments.readers.edits import NotEditable, edit
from comments.readers.form_limit import FormRefused
from comments.readers.recommendations import delete_recommendations, recommend, take_back
from comments.readers.reports import report
from comments.statuses import Cause, Status
from comments.submission.collect_facts import SubmittedComment
from comments.submission.submit import CommentRefused, submit
from tests.conftest import examples, make_article, make_comment

NOT_DONE = (InvalidTransition, NotEditable, FormRefused, InvalidRedaction, CommentRefused)
READERS = [Reader(f"5e000000{number:024x}", f"network {number}") for number in range(4)]  # known since 2019

SAME = "people say the same about the mayor and his harbour"

which = st.integers(0, 30)
who = st.integers(0, len(READERS) - 1)
steps = st.one_of(
    st.tuples(st.just("write"), who, which),
    st.tuples(st.just("write the same"), who),
    st.tuples(
        st.just("decide"), which, st.sampled_from([Status.PENDING, Status.APPROVED, Status.REJECTED, Status.SPAM])
    ),
    st.tuples(st.just("withdraw"), which),
    st.tuples(st.just("edit"), which, st.sampled_from(["Better.", "See http://a.example and http://b.example", SAME])),
    st.tuples(st.just("report"), which, who),
    st.tuples(st.just("pick"), which),
    st.tuples(st.just("unpick"), which),
    st.tuples(st.just("undo"), which),
    st.tuples(st.just("redact"), which),
    st.tuples(st.just("return"), which, st.integers(0, 5)),
    st.tuples(st.just("decide on many"), which, st.sampled_from(["hold", "approve", "spam", "pick", "unpick"])),
    st.tuples(st.just("undo many"), which),
    st.tuples(st.just("recommend"), which, who),
    st.tuples(st.just("take back"), which, who),
    st.tuples(st.just("forget"), which),
    st.tuples(st.just("forget votes"), who),
)


@pytest.mark.django_db
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=st.lists(steps, min_size=5, max_size=40))
def test_counts_visibility_and_history_agree_after_any_steps(moderator, taken):
    with transaction.atomic():
        article = make_article()
        for reader in READERS:  # trusted by the rules
            make_comment(article, device=reader.device, created_at=timezone.now() - timedelta(days=2))
        for number in range(3):  # a cluster
            submit(article, SubmittedComment(f"{number} {SAME}", "Ada"), Reader(None, "network"))
        for number, step in enumerate(taken):
            try:
                with transaction.atomic():
                    take(step, article, moderator, number)
            except NOT_DONE:
                pass
        check(article)
        transaction.set_rollback(True)


def take(step, article, moderator, number):
    verb, *about = step
    comments = list(Comment.objects.filter(article=article).order_by("pk"))
    if verb.startswith("write"):
        reader, parent = READERS[about[0]], comments[about[-1] % len(comments)] if comments else None
        later = Comment.objects.filter(device=reader.device)
        later.update(created_at=timezone.now() - timedelta(minutes=2))  # no rate limits here
        at = timezone.now() - timedelta(minutes=1)
        parent = parent if parent and parent.is_public() and about[-1] % 3 else None
        text = f"Text {number}" if verb == "write" else f"{number} {SAME}"
        submit(article, SubmittedComment(text, "Ada", parent, rendered_at=at), reader)
        return
    if not comments:  # all are anonymized
        return
    comment = comments[about[0] % len(comments)]
    match verb:
        case "decide":
            decide(comment, about[1], actor=moderator)
        case "withdraw":
            decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
        case "edit":
            edit(comment, about[1], Reader(comment.device, "network"))
        case "report":
            report(comment.pk, READERS[about[1]], ReportCategory.SPAM, "")
        case "pick":
            pick(comment, actor=moderator)
        case "unpick":
            unpick(comment, actor=moderator)
        case "undo":
            undo(comment, actor=moderator)
        case "redact":
            redact(comment, comment.text.rsplit(maxsplit=1)[0], actor=moderator)
        case "return":
            history = list(comment.decisions.all())
            reapply_decision(history[about[1] % len(history)], comment, actor=moderator)
        case "decide on many":
            start_bulk(Comment.objects.filter(article=article, pk__gte=comment.pk), about[1], actor=moderator)
        case "undo many":
            done = BackgroundJob.objects.order_by("pk")[: about[0] + 1]
            start_undo(list(done)[-1] if done else BackgroundJob(), actor=moderator)
        case "recommend":
            recommend(comment.pk, READERS[about[1]])
        case "take back":
            take_back(comment.pk, READERS[about[1]])
        case "forget":
            delete_or_anonymize(comment.pk)
        case "forget votes":
            delete_recommendations(READERS[about[0]].device)


def check(article):
    for cluster in Cluster.objects.all():
        waiting = cluster.comments.filter(status=Status.PENDING)
        assert cluster.pending_count == waiting.count()
        assert waiting.filter(is_collapsed=False).count() == min(cluster.pending_count, 1)
    assert not Comment.objects.filter(is_collapsed=True).exclude(status=Status.PENDING, cluster__isnull=False).exists()
    comments = {comment.pk: comment for comment in Comment.objects.filter(article=article)}
    public = [comment for comment in comments.values() if comment.is_public()]
    conversation = Conversation.objects.get(article=article)
    assert conversation.public_count == len(public)
    assert conversation.pick_count == sum(comment.picked_at is not None for comment in public)
    assert conversation.published_count >= conversation.public_count
    for comment in comments.values():
        children = [other for other in comments.values() if other.parent_id == comment.pk]
        below = [other for other in public if other.thread_id == comment.pk]
        assert comment.visible_reply_count == sum(child.is_visible for child in children)
        assert comment.is_visible == (comment.is_public() or any(child.is_visible for child in children))
        assert comment.approved_reply_count == len(below)
        history = list(comment.decisions.all())
        assert [later.from_status for later in history[1:]] == [earlier.to_status for earlier in history[:-1]]
        assert history[-1].to_status == comment.status
        assert comment.version == len(history)
        assert bool(comment.redacted_at) == (GAP_MARK in comment.text)
        assert comment.recommendations == Recommendation.objects.filter(comment=comment, is_counted=True).count()
        assert comment.open_reports <= comment.reports.count() + comment.earlier_texts.count()
        assert bool(comment.open_reports) == comment.reports.open().exists()
        assert not (comment.open_reports and comment.is_withdrawn())
        looked = [decision for decision in history if decision.actor_id or decision.cause == Cause.IMPORTED]
        assert not comment.reviewed_at or comment.reviewed_at in {decision.at for decision in looked}
