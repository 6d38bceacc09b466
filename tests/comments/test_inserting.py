from django.db import IntegrityError, transaction
from django.utils import timezone
import pytest

from comments.db.insert import insert
from comments.models import Comment, Decision, Shingle
from comments.statuses import Cause, Status
from tests.conftest import make_comment


def fields_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields if field.attname != "id"}


def test_what_is_stored_is_what_django_would_store(article):
    by_django = make_comment(article, text="100 % of “it”; and 'that' \\ {}", spam_score=0.25)
    by_django.refresh_from_db()
    ours = Comment(**fields_of(by_django))
    insert(ours)
    assert ours.pk > by_django.pk
    assert fields_of(Comment.objects.get(pk=ours.pk)) == fields_of(Comment.objects.get(pk=by_django.pk))


def test_rows_of_several_models_get_their_numbers_in_order_and_few_statements(article, django_assert_num_queries):
    comment = make_comment(article)
    traces = [Shingle(key=key, comment_id=comment.pk) for key in (3, -1, 2)]
    findings = [{"rule": "a.b", "detail": "“100 %”"}]
    decision = Decision(comment=comment, to_status=Status.PENDING, cause=Cause.SUBMITTED, findings=findings)
    with django_assert_num_queries(2):
        insert(decision, *traces)
    assert Decision.objects.get(pk=decision.pk).findings == findings
    assert list(Shingle.objects.order_by("pk").values_list("pk", "key")) == [(each.pk, each.key) for each in traces]


def test_what_is_stored_can_be_changed_and_saved(article):
    comment = Comment(article=article, name="Ada", text="Before", created_at=timezone.now())
    insert(comment)
    comment.text = "After"
    comment.save()
    assert Comment.objects.get().text == "After"


def test_what_the_database_refuses_is_raised_as_by_django_and_the_transaction_can_go_back(article):
    make_comment(article, submission_key="taken")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(Comment(article=article, name="Ada", text="Again", submission_key="taken"))
    assert Comment.objects.count() == 1
