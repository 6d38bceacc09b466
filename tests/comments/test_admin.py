from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
import pytest

from comments.admin import paginator
from comments.admin.paginator import CappedPaginator
from comments.models import Comment, Conversation, RejectReason, SitePolicy
from comments.moderation.decide import decide
from comments.statuses import Cause, Policy, Status
from tests.conftest import make_article, make_comment, send

LIST = "/admin/comments/comment/"


def act(client, action, *comments, seen=None, **extra):
    reason = RejectReason.objects.get(title="Off topic").pk
    data = {"action": action, "reason": reason, "_selected_action": [comment.pk for comment in comments], **extra}
    for comment in comments:
        data[f"seen_{comment.pk}"] = (seen or comment).version
    return client.post(LIST, data, follow=True)


def test_the_list_shows_held_comments_first_with_what_they_wait_for(moderator_client, article):
    send(Client(), article, comment="Waiting here")
    make_comment(article, text="Already public")
    page = moderator_client.get(LIST).text
    assert page.index("Waiting here") < page.index("Already public")
    assert "Approved comments from this device so far: 0" in page
    assert article.headline in page


@pytest.mark.parametrize(
    ("action", "status", "said"),
    [
        ("approve", Status.APPROVED, "approved"),
        ("reject", Status.REJECTED, "rejected"),
        ("spam", Status.SPAM, "marked as spam"),
    ],
)
def test_an_action_decides_many_at_once(moderator_client, article, moderator, action, status, said):
    Conversation.objects.create(article=article)
    comments = [make_comment(article, status=Status.PENDING) for _ in range(3)]
    response = act(moderator_client, action, *comments)
    assert f"3 comments {said}." in response.text
    for comment in comments:
        comment.refresh_from_db()
        assert comment.status == status
        assert comment.decisions.last().actor == moderator


def test_hold_takes_a_comment_from_the_public_page(moderator_client, article):
    comment = make_comment(article)
    act(moderator_client, "hold", comment)
    assert Comment.objects.get().status == Status.PENDING
    assert comment.text not in Client().get(article.get_absolute_url()).text


def test_a_move_already_made_says_so_and_does_the_rest(moderator_client, article):
    Conversation.objects.create(article=article)
    done, open_ = (make_comment(article, status=Status.PENDING) for _ in range(2))
    act(moderator_client, "approve", done)
    done.refresh_from_db()
    response = act(moderator_client, "approve", done, open_)
    assert "is already approved (moderator" in response.text
    assert "1 comment approved." in response.text
    assert done.decisions.count() == 2


def test_what_a_colleague_has_moved_since_the_list_was_made_is_left_alone(moderator_client, article, deputy):
    Conversation.objects.create(article=article)
    comment = make_comment(article, status=Status.PENDING)
    decide(Comment.objects.get(), Status.APPROVED, actor=deputy)
    response = act(moderator_client, "reject", comment)
    assert "is already approved (deputy" in response.text
    assert Comment.objects.get().status == Status.APPROVED


def test_a_comments_page_shows_its_history_and_decides(moderator_client, article, moderator):
    send(Client(), article)
    comment = Comment.objects.get()
    address = f"{LIST}{comment.pk}/change/"
    assert "comments.rules.builtin.device_is_not_trusted" in moderator_client.get(address).text
    response = moderator_client.post(address, {"action": "approve", f"seen_{comment.pk}": comment.version}, follow=True)
    assert "moderator" in response.text
    assert "pending → approved" in response.text
    assert Comment.objects.get().is_public()


@pytest.mark.parametrize("pk", ["abc", "99999999999999999999999", "_5F", "1'", "0"])
def test_a_comment_that_cannot_be_is_not_decided(moderator_client, article, pk):
    assert moderator_client.post(f"{LIST}{pk}/change/", {"action": "approve"}).status_code in {302, 403, 404}


@pytest.mark.parametrize("seen", ["9" * 5000, "9" * 30, "٣", "", "x"])
def test_a_version_that_cannot_be_is_no_version_of_this_comment(moderator_client, article, seen):
    comment = make_comment(article, status=Status.PENDING)
    response = moderator_client.post(
        f"{LIST}{comment.pk}/change/", {"action": "approve", f"seen_{comment.pk}": seen}, follow=True
    )
    assert response.status_code == 200
    assert Comment.objects.get().status == Status.PENDING


def test_the_author_is_named_for_what_the_author_did(moderator_client, article):
    comment = make_comment(article, status=Status.PENDING)
    decide(comment, Status.WITHDRAWN, actor=None, cause=Cause.WITHDRAWN)
    assert "is already deleted by author (the author" in act(moderator_client, "approve", comment).text


def test_search_finds_text_and_name(moderator_client, article):
    make_comment(article, text="about herrings", name="Ada")
    make_comment(article, text="about gulls", name="Grace")
    assert "herrings" in moderator_client.get(LIST, {"q": "HERRING"}).text
    assert "gulls" in moderator_client.get(LIST, {"q": "grace"}).text
    assert "herrings" not in moderator_client.get(LIST, {"q": "grace"}).text


@pytest.mark.parametrize("query", ["'", "%", "\\", "' OR 1=1--", "x" * 5000, "a b c d e f g", '"unbalanced'])
def test_any_search_is_answered(moderator_client, article, query):
    make_comment(article)
    assert moderator_client.get(LIST, {"q": query}).status_code == 200


def test_filters_by_state(moderator_client, article):
    make_comment(article, text="held one", status=Status.PENDING)
    make_comment(article, text="spam one", status=Status.SPAM)
    page = moderator_client.get(LIST, {"status__exact": Status.SPAM.value}).text
    assert "spam one" in page
    assert "held one" not in page


@pytest.mark.parametrize(
    "probe", ["decisions__actor__password__startswith", "article__bylines__author__name", "decisions__actor__username"]
)
def test_filters_cannot_probe_other_tables(moderator_client, article, probe):
    make_comment(article)
    response = moderator_client.get(LIST, {probe: "x"})
    assert response.status_code in {302, 400}


def test_as_many_queries_for_forty_comments_as_for_two(moderator_client, article):
    counts = set()
    for size in (2, 38):
        for _ in range(size):
            make_comment(make_article(), status=Status.PENDING)
        with CaptureQueriesContext(connection) as queries:
            assert moderator_client.get(LIST).status_code == 200
        counts.add(len(queries))
    assert len(counts) == 1


def test_the_list_counts_no_further_than_its_cap(moderator_client, article, monkeypatch):
    monkeypatch.setattr(paginator, "MAX_ROWS_COUNTED", 5)
    for _ in range(8):
        make_comment(article)
    with CaptureQueriesContext(connection) as queries:
        moderator_client.get(LIST)
    counting = [query["sql"] for query in queries if "COUNT(" in query["sql"] and "comments_comment" in query["sql"]]
    assert counting
    assert all("LIMIT 5" in sql for sql in counting)
    assert CappedPaginator(Comment.objects.all(), 50).count == 5


def test_nobody_adds_changes_or_deletes_a_comment_in_the_admin(article, db):
    comment = make_comment(article)
    client = Client()
    client.force_login(User.objects.create_superuser("root", password="x"))
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.get(f"{LIST}{comment.pk}/delete/").status_code == 403
    assert client.post(f"{LIST}{comment.pk}/change/", {"text": "forged"}).status_code == 403
    assert "delete_selected" not in client.get(LIST).text
    assert Comment.objects.get().text == comment.text


def test_who_may_not_moderate_cannot(article, reporter):
    comment = make_comment(article, status=Status.PENDING)
    client = Client()
    client.force_login(reporter)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{comment.pk}/change/").status_code == 403
    assert act(client, "approve", comment).status_code == 403
    client.post(f"{LIST}{comment.pk}/change/", {"action": "approve"})
    assert Comment.objects.get().status == Status.PENDING


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(moderator_client, article, method):
    comment = make_comment(article, status=Status.PENDING)
    getattr(moderator_client, method)(f"{LIST}{comment.pk}/change/?action=approve")
    getattr(moderator_client, method)(f"{LIST}?action=approve&_selected_action={comment.pk}")
    assert Comment.objects.get().status == Status.PENDING


def test_a_forged_request_decides_nothing(article, moderator):
    comment = make_comment(article, status=Status.PENDING)
    client = Client(enforce_csrf_checks=True)
    client.force_login(moderator)
    assert client.post(f"{LIST}{comment.pk}/change/", {"action": "approve"}).status_code == 403
    assert Comment.objects.get().status == Status.PENDING


def test_an_editor_closes_all_comments_with_one_switch(article, editor):
    client = Client()
    client.force_login(editor)
    address = "/admin/comments/sitepolicy/"
    assert client.get(address, follow=True).status_code == 200
    client.post(f"{address}1/change/", {"policy": Policy.CLOSED, "attack_mode": "auto"})
    assert SitePolicy.current().policy == Policy.CLOSED
    assert "Comments on this article are closed." in Client().get(article.get_absolute_url()).text


def test_a_moderator_cannot_use_the_switch(moderator_client, db):
    assert moderator_client.get("/admin/comments/sitepolicy/1/change/").status_code == 403


def test_values_that_cannot_be_are_a_clear_answer(moderator_client, article):
    make_comment(article)
    assert moderator_client.get(LIST, {"created_at__year": "99999999999"}).status_code in {302, 400}
    assert moderator_client.post(LIST, {"action": "approve", "_selected_action": "abc"}).status_code in {302, 400}


def test_to_reject_takes_a_reason_and_its_sentence_goes_to_the_author(moderator_client, article):
    author = Client()
    send(author, article, comment="Buy my herrings!")
    comment = Comment.objects.get()
    assert "Please choose a reason." in act(moderator_client, "reject", comment, reason="").text
    assert act(moderator_client, "reject", comment, reason="9" * 30).status_code == 200
    assert Comment.objects.get().status == Status.PENDING
    reason = RejectReason.objects.get(title="Advertising")
    reason.sentence = "It sells <fish>."
    reason.save()
    act(moderator_client, "reject", comment, reason=reason.pk)
    decision = comment.decisions.last()
    assert (decision.reason, decision.author_message) == ("Advertising", "It sells <fish>.")
    assert "Not published. It sells &lt;fish&gt;." in author.get("/comments/yours/").text
    reason.delete()
    assert "It sells &lt;fish&gt;." in author.get("/comments/yours/").text


def test_a_reason_without_a_sentence_tells_the_author_nothing(moderator_client, article):
    author = Client()
    send(author, article)
    act(moderator_client, "reject", Comment.objects.get(), reason=RejectReason.objects.get(title="Without a reason").pk)
    assert "Not published.</p>" in author.get("/comments/yours/").text


def test_editors_keep_the_list_of_reasons_and_moderators_read_it(moderator_client, editor):
    client = Client()
    client.force_login(editor)
    data = {"title": "Shouting", "sentence": "It shouts.", "order": 9}
    client.post("/admin/comments/rejectreason/add/", data)
    assert RejectReason.objects.filter(title="Shouting").exists()
    assert moderator_client.post("/admin/comments/rejectreason/add/", data).status_code == 403
    assert "Shouting" in moderator_client.get("/admin/comments/rejectreason/").text


def test_a_moderator_picks_from_the_list_and_takes_it_back(moderator_client, article):
    comment = make_comment(article)
    assert "1 comment picked." in act(moderator_client, "pick", comment).text
    assert "Editors’ pick" in Client().get(article.get_absolute_url()).text
    assert "is already a pick" in act(moderator_client, "pick", Comment.objects.get()).text
    assert "1 comment removed from the picks." in act(moderator_client, "unpick", Comment.objects.get()).text


def test_without_any_reasons_one_can_reject_all_the_same(moderator_client, article):
    RejectReason.objects.all().delete()
    comment = make_comment(article, status=Status.PENDING)
    moderator_client.post(f"{LIST}{comment.pk}/change/", {"action": "reject", f"seen_{comment.pk}": comment.version})
    assert Comment.objects.get().status == Status.REJECTED
