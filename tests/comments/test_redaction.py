from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
import pytest

from comments.models import Comment, Conversation
from comments.moderation.decide import InvalidTransition
from comments.moderation.picks import pick
from comments.moderation.redaction import GAP_MARK, InvalidRedaction, redact, redacted_text
from comments.moderation.undo import undo
from comments.readers.edits import NotEditable, check_editable, find_editable
from comments.statuses import Status
from tests.conftest import client_of, make_comment

SAID = "Ask Joan Pell, 0151 496 0000, she knows."
SHORT = f"Ask {GAP_MARK}, she knows."
QUEUE_URL = "/admin/comments/moderation/"


@pytest.fixture
def comment(article) -> Comment:
    return make_comment(article, text=SAID)


@pytest.fixture
def in_queue(moderator) -> Client:
    client = Client()
    client.force_login(moderator)
    return client


def take_out(client, comment, text, version=None):
    data = {"text": text, "version": comment.version if version is None else version}
    return client.post(f"{QUEUE_URL}redact/?queue=approved&text=knows&comment={comment.pk}", data)


@pytest.mark.parametrize(
    ("original", "text", "short"),
    [
        (SAID, "Ask , she knows.", SHORT),
        (SAID, f"Ask {GAP_MARK}, she knows.", SHORT),
        ("call 555-123 now!", "call now!", f"call {GAP_MARK} now!"),
        ("tel:0151-496", "tel:", f"tel:{GAP_MARK}"),
        ("first\nJoan 555\nlast", "first\n\nlast", f"first\n{GAP_MARK}\nlast"),
        ("Pell is wrong. Pell is late.", "is wrong. is late.", f"{GAP_MARK} is wrong. {GAP_MARK} is late."),
        (SHORT, "Ask she knows.", f"Ask {GAP_MARK} she knows."),
    ],
)
def test_what_is_missing_leaves_a_gap(original, text, short):
    assert redacted_text(original, text) == short


@pytest.mark.parametrize(
    "text", ["Ask Jane Pell, she knows.", "She knows, ask Joan Pell.", SAID, "  ", GAP_MARK, "", f"{SAID} Not."]
)
def test_no_word_is_added_or_moved_and_something_is_taken_and_something_left(text):
    with pytest.raises(InvalidRedaction):
        redacted_text(SAID, text)


@given(st.text("ab \n.", min_size=1, max_size=40), st.data())
def test_whatever_is_taken_out_the_rest_is_theirs_in_their_order(original, data):
    kept = "".join(letter for letter in original if data.draw(st.booleans()))
    try:
        short = redacted_text(original, kept)
    except InvalidRedaction:
        return
    left = iter(original)
    assert all(letter in left for letter in short.replace(GAP_MARK, ""))


def test_the_page_says_that_the_newsroom_edited_it_and_has_the_words_no_more(comment, in_queue, client):
    address = comment.article.get_absolute_url()
    assert "Joan" in client.get(address).content.decode()
    response = take_out(in_queue, comment, "Ask , she knows.")
    assert response["Location"] == f"{QUEUE_URL}?queue=approved&text=knows&comment={comment.pk}"
    html = client.get(address).content.decode()
    assert SHORT in html
    assert "edited by a moderator" in html
    assert "Joan" not in html
    assert "Joan" not in client.get(f"{address}feed/").content.decode()


def test_the_original_is_for_those_who_may_see_it(comment, in_queue, editor, moderator):
    take_out(in_queue, comment, "Ask , she knows.")
    pages = [f"{QUEUE_URL}?queue=approved&comment={comment.pk}", f"/admin/comments/comment/{comment.pk}/change/"]
    of_an_editor = Client()
    of_an_editor.force_login(editor)
    for page in pages:
        assert "Joan" not in in_queue.get(page).content.decode()
        assert "Joan" in of_an_editor.get(page).content.decode()


def test_the_history_says_who_took_something_out_and_the_state_stays(comment, moderator):
    redact(comment, "Ask , she knows.", actor=moderator)
    decision = comment.decisions.last()
    assert (decision.from_status, decision.to_status, decision.actor, decision.cause) == (1, 1, moderator, "redacted")
    assert comment.earlier_texts.get().text == SAID


@pytest.mark.parametrize("status", Status)
def test_in_every_state_and_counts_stay_as_they_are(article, moderator, status):
    comment = make_comment(article, text=SAID, status=status)
    before = Conversation.objects.filter(article=article).values_list("public_count", "pick_count").first()
    redact(comment, "Ask , she knows.", actor=moderator)
    assert comment.status == status
    assert Conversation.objects.filter(article=article).values_list("public_count", "pick_count").first() == before


def test_a_pick_stays_a_pick(comment, moderator):
    pick(comment, actor=moderator)
    redact(comment, "Ask , she knows.", actor=moderator)
    assert comment.picked_at


def test_undone_it_is_as_before_and_undone_again_it_is_gone_again(comment, moderator):
    redact(comment, "Ask , she knows.", actor=moderator)
    undo(comment, actor=moderator)
    assert (comment.text, comment.redacted_at) == (SAID, None)
    undo(comment, actor=moderator)
    assert comment.text == SHORT
    assert comment.redacted_at


def test_taken_out_twice_and_undone_once_it_still_says_so(comment, moderator):
    redact(comment, "Ask , she knows.", actor=moderator)
    redact(comment, "Ask .", actor=moderator)
    assert comment.text == f"Ask {GAP_MARK}."
    undo(comment, actor=moderator)
    assert comment.text == SHORT
    assert comment.redacted_at


def test_who_may_not_see_the_original_does_not_get_it_by_an_undo(comment, moderator, deputy, editor):
    redact(comment, "Ask , she knows.", actor=moderator)
    with pytest.raises(InvalidTransition):
        undo(comment, actor=deputy)
    undo(comment, actor=editor)
    assert comment.text == SAID


def test_its_author_cannot_change_it_back(comment, moderator):
    assert find_editable([comment]) == {comment.pk}
    redact(comment, "Ask , she knows.", actor=moderator)
    assert find_editable([comment]) == set()
    with pytest.raises(NotEditable):
        check_editable(comment)


def test_its_author_is_told(comment, moderator, client):
    redact(comment, "Ask , she knows.", actor=moderator)
    Comment.objects.filter(pk=comment.pk).update(created_at=timezone.now())
    html = client_of(comment.device).get("/comments/yours/").content.decode()
    assert "Edited by a moderator." in html
    assert "Joan" not in html


def test_somebody_else_was_quicker(comment, in_queue):
    response = take_out(in_queue, comment, "Ask , she knows.", version=comment.version + 1)
    assert response.status_code == 200
    assert "is already" in response.content.decode() or "isn’t possible" in response.content.decode()
    comment.refresh_from_db()
    assert comment.text == SAID


def test_a_fault_keeps_what_was_typed_and_says_what_is_wrong(comment, in_queue):
    html = take_out(in_queue, comment, "Ask <b>Jane</b>, she knows.").content.decode()
    assert "You can only remove words" in html
    assert "Ask &lt;b&gt;Jane&lt;/b&gt;, she knows." in html
    comment.refresh_from_db()
    assert comment.text == SAID


@pytest.mark.parametrize("query", ["", "?comment=0", "?comment=x", "?comment=99999999999999999999"])
def test_one_that_is_not_there_is_not_found(in_queue, query):
    assert in_queue.get(f"{QUEUE_URL}redact/{query}").status_code == 404


def test_it_takes_a_permission(comment, moderator, in_queue):
    moderator.groups.first().permissions.remove(Permission.objects.get(codename="redact_comment"))
    assert in_queue.get(f"{QUEUE_URL}redact/?comment={comment.pk}").status_code == 403
    assert take_out(in_queue, comment, "Ask , she knows.").status_code == 403
    assert "redact/" not in in_queue.get(f"{QUEUE_URL}?queue=approved&comment={comment.pk}").content.decode()
    comment.refresh_from_db()
    assert comment.text == SAID
