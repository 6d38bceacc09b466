"""Whatever readers and moderators do, in whatever order: counts, visibility and history agree with each other."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
import pytest

from comments.identity import Reader
from comments.models import Comment, Complaint, Conversation, Job, Raid, Recommendation
from comments.moderation.decide import WrongMove, decide
from comments.moderation.picks import pick, unpick
from comments.moderation.redaction import GAP, NotTheirWords, redact
from comments.moderation.undo import return_to, undo
from comments.privacy.anonymize import delete
from comments.queue.bulk import begin, begin_undo
from comments.readers.edits import TooLate, edit
from comments.readers.rate_limits import NotTaken
from comments.readers.recommendations import forget_recommendations, recommend, take_back
from comments.readers.reports import report
from comments.statuses import Cause, Status
from comments.submission.collect_facts import Draft
from comments.submission.submit import Refused, submit
from tests.conftest import examples, make_article, make_comment

NOT_DONE = (WrongMove, TooLate, NotTaken, NotTheirWords, Refused)
READERS = [Reader(f"5e000000{number:024x}", f"network {number}") for number in range(4)]  # known since 2019

SAME = "people say the same about the mayor and his harbour"

which = st.integers(0, 30)
who = st.integers(0, len(READERS) - 1)
steps = st.one_of(
    st.tuples(st.just("write"), who, which),
    st.tuples(st.just("write the same"), who),
    st.tuples(st.just("decide"), which, st.sampled_from([Status.HELD, Status.APPROVED, Status.REJECTED, Status.SPAM])),
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
        for reader in READERS:  # whom the rules trust
            make_comment(article, device=reader.device, created_at=timezone.now() - timedelta(days=2))
        for number in range(3):  # a raid
            submit(article, Draft(f"{number} {SAME}", "Ada"), Reader(None, "network"))
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
        later.update(created_at=timezone.now() - timedelta(minutes=2))  # nobody writes too fast here
        at = timezone.now() - timedelta(minutes=1)
        parent = parent if parent and parent.is_public() and about[-1] % 3 else None
        text = f"Text {number}" if verb == "write" else f"{number} {SAME}"
        submit(article, Draft(text, "Ada", parent, rendered_at=at), reader)
        return
    if not comments:  # all are forgotten
        return
    comment = comments[about[0] % len(comments)]
    match verb:
        case "decide":
            decide(comment, about[1], by=moderator)
        case "withdraw":
            decide(comment, Status.WITHDRAWN, by=None, cause=Cause.WITHDRAWN)
        case "edit":
            edit(comment, about[1], Reader(comment.device, "network"))
        case "report":
            report(comment.pk, READERS[about[1]], Complaint.SPAM, "")
        case "pick":
            pick(comment, by=moderator)
        case "unpick":
            unpick(comment, by=moderator)
        case "undo":
            undo(comment, by=moderator)
        case "redact":
            redact(comment, comment.text.rsplit(maxsplit=1)[0], by=moderator)
        case "return":
            history = list(comment.decisions.all())
            return_to(history[about[1] % len(history)], comment, by=moderator)
        case "decide on many":
            begin(Comment.objects.filter(article=article, pk__gte=comment.pk), about[1], by=moderator)
        case "undo many":
            done = Job.objects.order_by("pk")[: about[0] + 1]
            begin_undo(list(done)[-1] if done else Job(), by=moderator)
        case "recommend":
            recommend(comment.pk, READERS[about[1]])
        case "take back":
            take_back(comment.pk, READERS[about[1]])
        case "forget":
            delete(comment.pk)
        case "forget votes":
            forget_recommendations(READERS[about[0]].device)


def check(article):
    for raid in Raid.objects.all():
        waiting = raid.comments.filter(status=Status.HELD)
        assert raid.waiting == waiting.count()
        assert waiting.filter(is_folded=False).count() == min(raid.waiting, 1)
    assert not Comment.objects.filter(is_folded=True).exclude(status=Status.HELD, raid__isnull=False).exists()
    comments = {comment.pk: comment for comment in Comment.objects.filter(article=article)}
    public = [comment for comment in comments.values() if comment.is_public()]
    conversation = Conversation.objects.get(article=article)
    assert conversation.public_count == len(public)
    assert conversation.picks == sum(comment.picked_at is not None for comment in public)
    assert conversation.published >= conversation.public_count
    for comment in comments.values():
        children = [other for other in comments.values() if other.parent_id == comment.pk]
        below = [other for other in public if other.thread_id == comment.pk]
        assert comment.shown_replies == sum(child.is_shown for child in children)
        assert comment.is_shown == (comment.is_public() or any(child.is_shown for child in children))
        assert comment.public_replies == len(below)
        history = list(comment.decisions.all())
        assert [later.was for later in history[1:]] == [earlier.now for earlier in history[:-1]]
        assert history[-1].now == comment.status
        assert comment.version == len(history)
        assert bool(comment.redacted_at) == (GAP in comment.text)
        assert comment.recommendations == Recommendation.objects.filter(comment=comment, counts=True).count()
        assert comment.open_reports <= comment.reports.count() + comment.earlier_texts.count()
        assert bool(comment.open_reports) == comment.reports.open().exists()
        assert not (comment.open_reports and comment.is_withdrawn())
        looked = [decision for decision in history if decision.by_id or decision.cause == Cause.IMPORTED]
        assert not comment.looked_at or comment.looked_at in {decision.at for decision in looked}
