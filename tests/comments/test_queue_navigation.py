"""How one walks through a queue at the desk, also over the ends of its lists, and beside colleagues."""

from datetime import timedelta

from django.utils import timezone
from django.utils.http import urlencode
import pytest

from comments.models import Claim, Comment, Note
from comments.moderation.decide import decide
from comments.queue import claims
from comments.queue import selection as selections
from comments.queue.cursor import QueueCursor
from comments.statuses import Status
from tests.comments.test_moderation_queue import DESK, desk, in_focus, other_desk, press, reload, waiting
from tests.conftest import make_comment

__all__ = ["desk", "other_desk"]


def walk(desk, page, step):
    """All that are in focus when one goes on by this link for as long as there is one."""
    seen = [in_focus(page)]
    while step in page.context:
        page = desk.get(page.context[step])
        seen.append(in_focus(page))
    return seen, page


def test_one_walks_through_all_of_a_queue_and_back(desk, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    texts = [comment.text for comment in waiting(article, 8)]
    there, page = walk(desk, desk.get(DESK), "next")
    assert there == texts
    back, _page = walk(desk, page, "previous")
    assert back == texts[::-1]


def test_what_keeps_the_comment_keeps_its_place_in_the_queue(desk, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    comments = waiting(article, 8)
    page = desk.get(desk.get(DESK).context["further"])
    fields = {"comment": comments[4].pk, "version": comments[4].stamp}
    page = desk.post(page.context["here"], {**fields, "move": "spam"})
    assert (in_focus(page), in_focus(desk.get(page.context["previous"]))) == ("Waiting 5.", "Waiting 3.")
    page = desk.post(page.context["here"], {**fields, "version": reload(comments[4]).stamp, "move": "undo"})
    assert in_focus(page) == "Waiting 4."
    assert page.context["listed"][0][0].text == "Waiting 4."
    assert in_focus(desk.get(page.context["previous"])) == "Waiting 3."
    assert in_focus(desk.get(page.context["next"])) == "Waiting 5."
    note = desk.post(f"{DESK}note/?{page.context['query']}", {"comment": comments[5].pk, "note": "Look."}, follow=True)
    assert [comment.text for comment, *_rest in note.context["listed"]] == ["Waiting 4.", "Waiting 5.", "Waiting 6."]


def test_who_goes_on_lets_go_of_what_they_had_before_them(desk, other_desk, article):
    waiting(article, 3)
    page = desk.get(DESK)
    desk.get(page.context["next"])
    assert in_focus(other_desk.get(DESK)) == "Waiting 0."
    assert [claim.comment.text for claim in Claim.objects.filter(actor__username="moderator")] == ["Waiting 1."]


def test_back_at_the_beginning_all_of_the_first_list_is_there(desk, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    comments = waiting(article, 6)
    page = desk.get(f"{DESK}?{urlencode({'before': QueueCursor.of(comments[2])})}")
    assert in_focus(page) == "Waiting 1."
    assert [comment.text for comment, *_rest in page.context["listed"]] == ["Waiting 0.", "Waiting 1.", "Waiting 2."]


def test_where_nothing_lies_before_it_any_more_one_stays_at_the_beginning(desk, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    first, *_ = waiting(article, 6)
    page = desk.get(press(desk, "approve", first).context["previous"])
    assert in_focus(page) == "Waiting 1."
    assert in_focus(desk.get(page.context["next"])) == "Waiting 2."


def test_from_what_has_left_the_queue_one_goes_on_where_it_was(desk, article):
    start = timezone.now() - timedelta(hours=1)
    for n in range(5):
        make_comment(article, text=f"Public {n}.", created_at=start - timedelta(minutes=n))
    new = f"{DESK}?queue=new"
    third = desk.get(desk.get(desk.get(new).context["next"]).context["next"])
    comment = third.context["focus"].comment
    fields = {"comment": comment.pk, "version": comment.stamp, "move": "pick"}  # a person has looked at it
    page = desk.post(third.context["here"], fields)
    assert in_focus(page) == "Public 2."
    assert in_focus(desk.get(page.context["next"])) == "Public 3."
    assert in_focus(desk.get(page.context["previous"])) == "Public 1."


@pytest.mark.parametrize(
    ("order", "there"), [("good", ["Waiting 0.", "Waiting 2."]), ("bad", ["Waiting 2.", "Waiting 0."])]
)
def test_so_does_one_by_the_scores(desk, article, deputy, order, there):
    for n, comment in enumerate(waiting(article, 3)):
        Comment.objects.filter(pk=comment.pk).update(suspicion=n / 10)
    comment = Comment.objects.get(text="Waiting 1.")
    decide(reload(comment), Status.APPROVED, actor=deputy)
    fields = {"comment": comment.pk, "version": comment.stamp, "move": "spam"}
    page = desk.post(f"{DESK}?queue=waiting&order={order}", fields)
    assert in_focus(page) == "Waiting 1."
    assert [in_focus(desk.get(page.context[step])) for step in ("previous", "next")] == there


def test_where_colleagues_have_all_that_lies_ahead_one_is_given_what_one_has_passed_over(desk, other_desk, article):
    comments = waiting(article, 4)
    other_desk.get(f"{DESK}?comment={comments[3].pk}")
    assert in_focus(press(desk, "approve", comments[2])) == "Waiting 0."


def test_where_colleagues_have_all_of_a_list_one_can_go_on(desk, other_desk, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 1)
    first, *_ = waiting(article, 3)
    other_desk.get(f"{DESK}?comment={first.pk}")
    page = desk.get(DESK)
    assert in_focus(page) is None
    assert in_focus(desk.get(page.context["next"])) == "Waiting 1."


def test_of_two_who_open_a_comment_at_one_instant_one_is_given_the_next(desk, article, deputy, monkeypatch):
    first, *_ = waiting(article, 2)
    had_nobody = Comment.objects.select_related("claim").get(pk=first.pk)
    assert claims.claim(had_nobody, deputy)  # after the list was read
    monkeypatch.setattr(claims, "claim_of_colleague", lambda _comment, _user: None)
    assert in_focus(desk.get(DESK)) == "Waiting 1."
    assert "deputy is reviewing this comment." in desk.get(f"{DESK}?comment={first.pk}").text


def test_a_note_with_an_address_that_cannot_be_is_not_kept(desk, article):
    comment = make_comment(article)
    answer = desk.post(f"{DESK}note/?queue=waiting&after=rubbish", {"comment": comment.pk, "note": "Look."})
    assert answer.status_code == 404
    assert not Note.objects.exists()
