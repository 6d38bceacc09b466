"""Scores at the desk."""

from django.test import Client
import pytest

from comments.desk.focus import marked
from comments.models import Comment, Lesson
from comments.statuses import Status
from tests.conftest import make_comment
from tests.synthetic import SPAM

DESK = "/admin/comments/desk/"
CASINO = f"<b>{' '.join(SPAM)}</b> & that was all."


@pytest.fixture
def desk(moderator):
    client = Client()
    client.force_login(moderator)
    return client


def test_the_scores_and_the_phrases_that_moved_them_stand_beside_the_comment(desk, lessons, article):
    make_comment(article, status=Status.HELD, text=CASINO)
    page = desk.get(DESK)
    spam, rejected = page.context["focus"].scored
    assert (spam.kind.label, rejected.kind.label) == ("spam", "rejected")
    assert spam.percent > 90
    assert f"Spam <b>{spam.percent} %</b>" in page.text
    assert "raised by <q" in page.text


def test_the_phrases_are_marked_as_hints_in_the_comment_and_everything_is_escaped(desk, lessons, article):
    make_comment(article, status=Status.HELD, text=CASINO)
    said = desk.get(DESK).text.partition('<div class="said"')[2].partition("</div>")[0]
    assert '<mark class="hint">casino' in said
    assert "&lt;b&gt;" in said
    assert "&amp;" in said


def test_what_a_rule_matched_is_marked_as_that_though_it_is_a_hint_too():
    assert marked("a casino bonus", ["casino"], hints=["casino", "bonus"]) == (
        'a <mark>casino</mark> <mark class="hint">bonus</mark>'
    )


def test_without_lessons_and_for_staff_there_is_nothing(desk, moderator, article):
    make_comment(article, status=Status.HELD, text=CASINO)
    assert "by earlier decisions" not in desk.get(DESK).text


def test_staff_have_no_scores(desk, lessons, moderator, article):
    make_comment(article, status=Status.HELD, text=CASINO, staff=moderator)
    assert "by earlier decisions" not in desk.get(DESK).text


@pytest.mark.parametrize("change", [{"weights": b"broken"}, {"format": 0}])
def test_a_lesson_that_cannot_be_used_takes_nothing_from_the_desk(desk, lessons, article, change):
    Lesson.objects.update(checksum="another", **change)
    make_comment(article, status=Status.HELD, text=CASINO)
    page = desk.get(DESK)
    assert page.context["focus"].comment == Comment.objects.get()
    assert page.context["focus"].scored == []
