"""Invariants with Akismet: all rows stay consistent after any sequence of actions, and no address is left."""

import contextlib

from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
import pytest

from comments.akismet import client
from comments.akismet.client import AkismetUnavailable
from comments.akismet.worker import run_due
from comments.models import AkismetRequest, Comment
from comments.statuses import Cause, Status
from tests.comments.test_invariants import NOT_DONE, READERS, check, steps, take
from tests.conftest import examples, make_article, make_comment

Answer, Kind, State = AkismetRequest.Answer, AkismetRequest.Kind, AkismetRequest.State
answers = st.tuples(st.just("akismet"), st.sampled_from([*Answer, None]))


@pytest.mark.django_db
@settings(max_examples=examples(10), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=st.lists(st.one_of(steps, answers), min_size=5, max_size=40))
def test_everything_agrees_after_any_steps_and_no_address_outlives_its_question(moderator, monkeypatch, taken):
    monkeypatch.setattr(client, "submit_correction", lambda _kind, _fields: None)
    with override_settings(AKISMET_KEY="key", COMMENT_TRUST_AFTER_APPROVALS=0), transaction.atomic():
        article = make_article()
        make_comment(article, device=READERS[0].device)  # the only trusted reader
        for number, step in enumerate(taken):
            try:
                with transaction.atomic():
                    take_one(step, article, moderator, number, monkeypatch)
            except NOT_DONE:
                pass
        check(article)
        check_requests(article)
        transaction.set_rollback(True)


def take_one(step, article, moderator, number, monkeypatch):
    if step[0] != "akismet":
        take(step, article, moderator, number)
        return

    def answer(_fields):
        if step[1] is None:
            raise AkismetUnavailable("it is away")
        return step[1]

    monkeypatch.setattr(client, "check_comment", answer)
    AkismetRequest.objects.open().update(due_at=article.published_at)
    with contextlib.suppress(AkismetUnavailable):
        run_due()


def check_requests(article):
    for comment in Comment.objects.filter(article=article):
        requests = list(comment.akismet_requests.order_by("pk"))
        open_checks = [each for each in requests if each.kind == Kind.CHECK and each.encrypted_data]
        assert all(each.state in {State.PENDING, State.FAILED} for each in open_checks)
        assert not open_checks or (comment.status == Status.PENDING and comment.reviewed_at is None)
        corrections = [each for each in requests if each.kind != Kind.CHECK and each.state == State.PENDING]
        assert [each.kind for each in corrections] in ([], ["spam"], ["ham"])
        wanted = {"spam": Status.SPAM, "ham": Status.APPROVED}
        assert all(comment.status == wanted[each.kind] for each in corrections)
        published = comment.decisions.filter(cause=Cause.AKISMET, to_status=Status.APPROVED).count()
        assert published <= sum(each.answer == Answer.HAM for each in requests)
