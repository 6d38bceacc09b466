from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest

from comments.models import Comment, Conversation, EarlierText
from comments.moderation.decide import decide
from comments.statuses import Cause, Policy, Status
from tests.conftest import make_article, make_comment, send, trusted_client

TOO_LATE = "You can no longer edit this comment"


def written(article, client=None, text="First words."):
    client = client or trusted_client(make_article())
    send(client, article, comment=text)
    comment = Comment.objects.latest("pk")
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert comment.text == text
    return client, comment


def edit(client, comment, text, **headers):
    headers = headers or {"Sec-Fetch-Site": "same-origin"}
    return client.post(f"/comments/{comment.pk}/edit/", {"comment": text}, headers=headers)


def reload(comment):
    return Comment.objects.get(pk=comment.pk)


def test_the_author_changes_a_comment_and_everybody_sees_the_new_words(article):
    client, comment = written(article)
    assert "First words." in Client().get(article.get_absolute_url()).text
    assert "First words." in client.get(f"/comments/{comment.pk}/edit/").text
    response = edit(client, comment, "Better words.")
    assert response["Location"] == f"{article.get_absolute_url()}yours/#comment-{comment.pk}"
    page = Client().get(article.get_absolute_url()).text
    assert "Better words." in page
    assert "First words." not in page
    assert '<span class="edited">' in page


def test_earlier_words_are_kept_for_moderators(article, moderator):
    client, comment = written(article)
    edit(client, comment, "Second.")
    edit(client, comment, "Third.")
    assert [earlier.text for earlier in comment.earlier_texts.all()] == ["First words.", "Second."]
    moderator_client = Client()
    moderator_client.force_login(moderator)
    page = moderator_client.get(f"/admin/comments/comment/{comment.pk}/change/").text
    assert "First words." in page
    assert "Second." in page


def test_an_edit_goes_through_every_rule_again(article):
    client, comment = written(article)
    edit(client, comment, "Look: http://a.example http://b.example")
    comment = reload(comment)
    assert comment.status == Status.PENDING
    assert "2 links" in comment.decisions.last().findings[0]["detail"]
    assert comment.decisions.last().cause == Cause.EDITED
    assert comment.text not in Client().get(article.get_absolute_url()).text
    assert Conversation.objects.get(article=article).public_count == 0


def test_an_approval_of_the_first_words_does_not_vouch_for_the_second(article, moderator):
    client, comment = written(article, client=Client())
    assert comment.status == Status.PENDING
    decide(comment, Status.APPROVED, actor=moderator)
    edit(client, comment, "Now something else entirely.")
    assert reload(comment).status == Status.PENDING
    assert reload(comment).reviewed_at is None


@pytest.mark.parametrize("status", [Status.PENDING, Status.SPAM])
def test_an_edit_never_shows_what_was_hidden(article, status):
    client, comment = written(article)
    decide(comment, status, actor=None)
    assert edit(client, comment, "Quite harmless.").status_code == 303
    assert reload(comment).status == status
    assert reload(comment).text == "Quite harmless."


def test_after_five_minutes_it_is_too_late_and_the_text_comes_back(article):
    client, comment = written(article)
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now() - timedelta(minutes=5))
    assert TOO_LATE in client.get(f"/comments/{comment.pk}/edit/").text
    response = edit(client, comment, "Much better words.")
    assert response.status_code == 409
    assert TOO_LATE in response.text
    assert "Much better words." in response.text
    assert reload(comment).text == "First words."


def test_the_minutes_are_a_setting(article, settings):
    client, comment = written(article)
    settings.COMMENT_EDIT_MINUTES = 0
    assert edit(client, comment, "Too late").status_code == 409


@pytest.mark.parametrize(
    ("status", "is_final"), [(Status.APPROVED, True), (Status.PENDING, True), (Status.SPAM, False)]
)
def test_once_somebody_has_replied_it_stays(article, status, is_final):
    client, comment = written(article)
    make_comment(article, parent=comment, status=status)
    assert (edit(client, comment, "Other words").status_code == 409) == is_final


@pytest.mark.parametrize("status", [Status.REJECTED, Status.WITHDRAWN])
def test_what_is_gone_cannot_be_changed(article, status):
    client, comment = written(article)
    decide(comment, status, actor=None)
    assert edit(client, comment, "Other words").status_code == 409


def test_for_everybody_else_there_is_nothing_to_edit(article):
    client, comment = written(article)
    forged = Client()
    forged.cookies["device"] = client.cookies["device"].value[:-1] + "x"
    for stranger in (Client(), trusted_client(make_article()), forged):
        assert stranger.get(f"/comments/{comment.pk}/edit/").status_code == 404
        assert edit(stranger, comment, "Mine now").status_code == 404
    assert reload(comment).text == "First words."


def test_a_cookie_ends_with_its_days(article, time_machine):
    client, comment = written(article)
    time_machine.move_to(timezone.now() + timedelta(days=401))
    assert client.get(f"/comments/{comment.pk}/edit/").status_code == 404
    assert "No comments from this browser" in client.get("/comments/yours/").text


def test_a_bad_edit_comes_back_with_its_text(article, settings):
    client, comment = written(article)
    response = edit(client, comment, " \u200b ")
    assert response.status_code == 422
    assert "Please enter your comment!" in response.text
    settings.COMMENT_MAX_LENGTH = 10
    response = edit(client, comment, "eleven char")
    assert response.status_code == 422
    assert "eleven char" in response.text


def test_an_edit_from_another_site_is_not_taken(article):
    client, comment = written(article)
    response = edit(client, comment, "Not mine", **{"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "Not mine" in response.text
    assert reload(comment).text == "First words."


def test_in_a_closed_conversation_nothing_is_edited_and_the_text_comes_back(article):
    client, comment = written(article)
    Conversation.objects.update(policy=Policy.CLOSED)
    response = edit(client, comment, "Other words")
    assert response.status_code == 422
    assert "Comments on this article are closed." in response.text
    assert "Other words" in response.text


def test_the_same_words_are_no_edit_and_ten_edits_are_enough(article):
    client, comment = written(article)
    edit(client, comment, "First words.")
    assert not EarlierText.objects.exists()
    for number in range(10):
        assert edit(client, comment, f"Version {number}").status_code == 303
    assert edit(client, comment, "Version 10").status_code == 409


def test_who_edits_at_once_is_held_for_that(article):
    client, comment = written(article)
    Comment.objects.update(created_at=timezone.now())
    edit(client, comment, "A program wrote this")
    assert reload(comment).status == Status.PENDING


def test_hostile_words_are_text(article):
    client, comment = written(article)
    edit(client, comment, "<script>alert(1)</script>\0\r\n{{ 7|add:7 }}")
    assert "<script>alert(1)" not in Client().get(article.get_absolute_url()).text
    assert "\0" not in reload(comment).text


def test_moderators_and_an_edit_at_once_agree(article, moderator):
    client, comment = written(article)
    mine = reload(comment)
    edit(client, comment, "Changed meanwhile")
    with pytest.raises(Exception, match="already"):
        decide(mine, Status.REJECTED, actor=moderator)
    assert reload(comment).status == Status.APPROVED
