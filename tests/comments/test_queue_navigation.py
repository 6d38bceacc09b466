"""Navigation in the queue, also past the ends of its lists, and with other moderators."""

from datetime import timedelta

from django.utils import timezone
from django.utils.http import urlencode
import pytest

from articles.cursor import PageCursor
from comments.models import Claim, Comment, Note
from comments.moderation.decide import decide
from comments.queue import claims
from comments.queue import selection as selections
from comments.statuses import Status
from tests.comments.test_moderation_queue import (
    QUEUE_URL,
    in_focus,
    press,
    reload,
    waiting,
)
from tests.conftest import make_comment


def walk(moderator_client, page, step):
    """Follow this link as long as there is one; return the focused comments and the last page."""
    seen = [in_focus(page)]
    while step in page.context:
        page = moderator_client.get(page.context[step])
        seen.append(in_focus(page))
    return seen, page


def test_one_walks_through_all_of_a_queue_and_back(moderator_client, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    texts = [comment.text for comment in waiting(article, 8)]
    there, page = walk(moderator_client, moderator_client.get(QUEUE_URL), "next")
    assert there == texts
    back, _page = walk(moderator_client, page, "previous")
    assert back == texts[::-1]


def test_what_keeps_the_comment_keeps_its_place_in_the_queue(moderator_client, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    comments = waiting(article, 8)
    page = moderator_client.get(moderator_client.get(QUEUE_URL).context["further"])
    fields = {"comment": comments[4].pk, "version": comments[4].stamp}
    page = moderator_client.post(page.context["current_url"], {**fields, "action": "spam"})
    assert (in_focus(page), in_focus(moderator_client.get(page.context["previous"]))) == ("Waiting 5.", "Waiting 3.")
    page = moderator_client.post(
        page.context["current_url"], {**fields, "version": reload(comments[4]).stamp, "action": "undo"}
    )
    assert in_focus(page) == "Waiting 4."
    assert page.context["rows"][0][0].text == "Waiting 4."
    assert in_focus(moderator_client.get(page.context["previous"])) == "Waiting 3."
    assert in_focus(moderator_client.get(page.context["next"])) == "Waiting 5."
    note = moderator_client.post(
        f"{QUEUE_URL}note/?{page.context['current_query']}", {"comment": comments[5].pk, "note": "Look."}, follow=True
    )
    assert [comment.text for comment, *_rest in note.context["rows"]] == ["Waiting 4.", "Waiting 5.", "Waiting 6."]


def test_who_goes_on_lets_go_of_what_they_had_before_them(moderator_client, deputy_client, article):
    waiting(article, 3)
    page = moderator_client.get(QUEUE_URL)
    moderator_client.get(page.context["next"])
    assert in_focus(deputy_client.get(QUEUE_URL)) == "Waiting 0."
    assert [claim.comment.text for claim in Claim.objects.filter(actor__username="moderator")] == ["Waiting 1."]


def test_back_at_the_beginning_all_of_the_first_list_is_there(moderator_client, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    comments = waiting(article, 6)
    page = moderator_client.get(
        f"{QUEUE_URL}?{urlencode({'before': PageCursor(comments[2].created_at, comments[2].pk)})}"
    )
    assert in_focus(page) == "Waiting 1."
    assert [comment.text for comment, *_rest in page.context["rows"]] == ["Waiting 0.", "Waiting 1.", "Waiting 2."]


def test_where_nothing_lies_before_it_any_more_one_stays_at_the_beginning(moderator_client, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 3)
    first, *_ = waiting(article, 6)
    page = moderator_client.get(press(moderator_client, "approve", first).context["previous"])
    assert in_focus(page) == "Waiting 1."
    assert in_focus(moderator_client.get(page.context["next"])) == "Waiting 2."


def test_from_what_has_left_the_queue_one_goes_on_where_it_was(moderator_client, article):
    start = timezone.now() - timedelta(hours=1)
    for n in range(5):
        make_comment(article, text=f"Public {n}.", created_at=start - timedelta(minutes=n))
    new = f"{QUEUE_URL}?queue=unreviewed"
    third = moderator_client.get(moderator_client.get(moderator_client.get(new).context["next"]).context["next"])
    comment = third.context["detail"].comment
    fields = {"comment": comment.pk, "version": comment.stamp, "action": "pick"}  # a moderator has reviewed it
    page = moderator_client.post(third.context["current_url"], fields)
    assert in_focus(page) == "Public 2."
    assert in_focus(moderator_client.get(page.context["next"])) == "Public 3."
    assert in_focus(moderator_client.get(page.context["previous"])) == "Public 1."


@pytest.mark.parametrize(
    ("order", "there"), [("good", ["Waiting 0.", "Waiting 2."]), ("bad", ["Waiting 2.", "Waiting 0."])]
)
def test_so_does_one_by_the_scores(moderator_client, article, deputy, order, there):
    for n, comment in enumerate(waiting(article, 3)):
        Comment.objects.filter(pk=comment.pk).update(suspicion=n / 10)
    comment = Comment.objects.get(text="Waiting 1.")
    decide(reload(comment), Status.APPROVED, actor=deputy)
    fields = {"comment": comment.pk, "version": comment.stamp, "action": "spam"}
    page = moderator_client.post(f"{QUEUE_URL}?queue=pending&order={order}", fields)
    assert in_focus(page) == "Waiting 1."
    assert [in_focus(moderator_client.get(page.context[step])) for step in ("previous", "next")] == there


def test_where_colleagues_have_all_that_lies_ahead_one_is_given_what_one_has_passed_over(
    moderator_client, deputy_client, article
):
    comments = waiting(article, 4)
    deputy_client.get(f"{QUEUE_URL}?comment={comments[3].pk}")
    assert in_focus(press(moderator_client, "approve", comments[2])) == "Waiting 0."


def test_where_colleagues_have_all_of_a_list_one_can_go_on(moderator_client, deputy_client, article, monkeypatch):
    monkeypatch.setattr(selections, "PAGE_SIZE", 1)
    first, *_ = waiting(article, 3)
    deputy_client.get(f"{QUEUE_URL}?comment={first.pk}")
    page = moderator_client.get(QUEUE_URL)
    assert in_focus(page) is None
    assert in_focus(moderator_client.get(page.context["next"])) == "Waiting 1."


def test_of_two_who_open_a_comment_at_one_instant_one_is_given_the_next(moderator_client, article, deputy, monkeypatch):
    first, *_ = waiting(article, 2)
    had_nobody = Comment.objects.select_related("claim").get(pk=first.pk)
    assert claims.claim(had_nobody, deputy)  # after the list was read
    monkeypatch.setattr(claims, "claim_of_colleague", lambda _comment, _user: None)
    assert in_focus(moderator_client.get(QUEUE_URL)) == "Waiting 1."
    assert "deputy is reviewing this comment." in moderator_client.get(f"{QUEUE_URL}?comment={first.pk}").text


def test_a_note_with_an_address_that_cannot_be_is_not_kept(moderator_client, article):
    comment = make_comment(article)
    answer = moderator_client.post(
        f"{QUEUE_URL}note/?queue=pending&after=rubbish", {"comment": comment.pk, "note": "Look."}
    )
    assert answer.status_code == 404
    assert not Note.objects.exists()
