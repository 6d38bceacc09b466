from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
import pytest
import time_machine

from comments.identity import DEVICE_COOKIE, hash_network
from comments.models import Comment, Conversation, Decision, SitePolicy
from comments.moderation.decide import decide
from comments.rate_limits import YOUNG_DEVICE_COMMENTS_PER_MINUTE
from comments.statuses import Policy, Status
from tests.conftest import established_client, make_article, make_comment, send, trusted_client


def findings():
    return {finding["rule"].rpartition(".")[2] for finding in Decision.objects.latest("pk").findings}


def test_a_first_comment_waits_and_says_why(article):
    response = send(Client(), article)
    comment = Comment.objects.get()
    assert response.status_code == 303
    assert response["Location"] == f"{article.get_absolute_url()}yours/#comment-{comment.pk}"
    assert comment.status == Status.PENDING
    assert (comment.name, comment.text) == ("Ada", "I was there.")
    assert findings() == {"device_is_not_trusted"}
    decision = comment.decisions.get()
    assert (decision.from_status, decision.to_status, decision.actor) == (None, Status.PENDING, None)


def test_a_trusted_device_is_published_at_once(article):
    send(trusted_client(make_article()), article)
    assert Comment.objects.latest("pk").is_public()
    assert Conversation.objects.get(article=article).public_count == 1


@pytest.mark.parametrize(("is_known", "most"), [(False, 22), (True, 24)])
def test_a_post_takes_the_same_few_statements_however_long_the_conversation_is(article, is_known, most):
    client = trusted_client(make_article()) if is_known else Client()
    make_comment(article)
    counts = []
    for text in ("The ferry was late again, and nobody told us.", "My grandmother has sold herrings on this quay."):
        with CaptureQueriesContext(connection) as queries:
            send(client, article, comment=text)
        counts.append(len(queries) - (connection.vendor == "postgresql"))  # one of the two locks that it waits for
        client = client if is_known else Client()
        for number in range(30):
            make_comment(article, text=f"Opening number {number}.")
    assert counts[0] == counts[1] <= most


def test_a_name_earns_no_trust(article):
    make_comment(article, name="Ada")
    send(Client(), article, name="Ada")
    assert Comment.objects.latest("pk").status == Status.PENDING


def test_trust_ends_with_a_rejected_comment_and_returns_after_thirty_days(article, moderator):
    client = trusted_client(article)
    send(client, article, comment="rude")
    decide(Comment.objects.latest("pk"), Status.REJECTED, actor=moderator)
    send(client, article, comment="polite")
    assert findings() == {"device_is_not_trusted"}
    with time_machine.travel(timezone.now() + timedelta(days=31)):
        send(client, make_article(), comment="polite again")
    assert Comment.objects.latest("pk").is_public()


def test_trust_fades_when_the_device_is_not_seen(article):
    client = trusted_client(article)
    with time_machine.travel(timezone.now() + timedelta(days=181)):
        send(client, make_article())
    assert findings() == {"device_is_not_trusted"}


@pytest.mark.parametrize("where", ["article", "site"])
def test_a_closed_conversation_refuses_and_gives_the_text_back(article, where):
    if where == "article":
        Conversation.objects.create(article=article, policy=Policy.CLOSED)
    else:
        SitePolicy(pk=1, policy=Policy.CLOSED).save()
    response = send(trusted_client(make_article()) if where == "article" else Client(), article, comment="my words")
    assert response.status_code == 422
    assert "Comments on this article are closed." in response.text
    assert "my words</textarea>" in response.text
    assert not Comment.objects.filter(article=article).exists()


@pytest.mark.parametrize("where", ["article", "site"])
def test_hold_everything_holds_a_trusted_device_too(article, where):
    client = trusted_client(make_article())
    if where == "article":
        Conversation.objects.create(article=article, policy=Policy.HOLD)
    else:
        SitePolicy(pk=1, policy=Policy.HOLD).save()
    send(client, article)
    assert findings() == {"everything_is_held"}


def test_a_sixth_comment_in_a_minute_is_refused_with_the_time_to_wait(article):
    client = established_client()
    now = timezone.now()
    for number in range(5):
        with time_machine.travel(now + timedelta(seconds=number), tick=False):
            assert send(client, article, comment=f"number {number}").status_code == 303
    with time_machine.travel(now + timedelta(seconds=10), tick=False):
        response = send(client, article, comment="number six")
    assert response.status_code == 429
    assert response["Retry-After"] == "50"
    assert "50 seconds" in response.text
    assert "number six</textarea>" in response.text
    with time_machine.travel(now + timedelta(seconds=60), tick=False):
        assert send(client, article, comment="number six").status_code == 303


def test_nobody_waits_for_what_they_wrote_before_the_clock_was_set_back(article):
    client = trusted_client(article)
    for number in range(YOUNG_DEVICE_COMMENTS_PER_MINUTE):
        assert send(client, article, comment=f"number {number}").status_code == 303
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=False):
        assert send(client, article, comment="one more").status_code == 303


def test_a_thirty_first_comment_in_an_hour_is_refused(article):
    client = established_client()
    now = timezone.now()
    for number in range(30):
        with time_machine.travel(now + timedelta(minutes=number), tick=False):
            assert send(client, article, comment=f"number {number}").status_code == 303
    with time_machine.travel(now + timedelta(minutes=31), tick=False):
        response = send(client, article, comment="one more")
    assert response.status_code == 429
    assert response["Retry-After"] == str(29 * 60)


def test_a_busy_network_holds_new_devices_and_refuses_none(article):
    Comment.objects.bulk_create(
        Comment(article=article, name="x", text=str(n), text_hash=str(n), network=hash_network("127.0.0.1"))
        for n in range(60)
    )
    assert send(Client(), article).status_code == 303
    assert findings() == {"network_is_busy", "device_is_not_trusted"}
    assert send(Client(), article, comment="from elsewhere", address="198.51.100.7").status_code == 303
    assert findings() == {"device_is_not_trusted"}
    assert send(trusted_client(make_article()), article).status_code == 303
    assert findings() == set()


def test_a_filled_honeypot_holds(article):
    send(trusted_client(make_article()), article, website="https://spam.example")
    assert findings() == {"honeypot_is_filled"}


def test_a_form_sent_within_three_seconds_is_held(article):
    send(trusted_client(make_article()), article, rendered=timezone.now() - timedelta(seconds=1))
    assert findings() == {"was_sent_too_fast"}


def test_a_post_with_comment_and_name_alone_is_valid_and_waits(article):
    client = trusted_client(make_article())
    url = f"{article.get_absolute_url()}comments/"
    data = {"comment": "I was there.", "name": "Ada"}
    assert client.post(url, data, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
    assert findings() == {"was_sent_too_fast"}


def test_the_form_of_a_page_that_is_days_old_is_taken(article):
    send(trusted_client(make_article()), article, rendered=timezone.now() - timedelta(days=2))
    assert Comment.objects.latest("pk").is_public()


def test_two_links_are_held(article):
    send(trusted_client(make_article()), article, comment="https://a.example https://b.example")
    assert findings() == {"has_many_links"}


def test_the_same_text_elsewhere_within_a_day_is_held(article):
    client = trusted_client(make_article())
    send(client, make_article(), comment="Read my  blog")
    send(client, article, comment="read my blog")
    assert findings() == {"repeats_itself"}
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        send(client, make_article(), comment="Read my blog")
    assert findings() == set()


# --- One submission is one row -------------------------------------------------------------------------------------


def test_a_double_click_is_one_comment_and_keeps_the_same_cookie(article):
    first, second = Client(), Client()  # the second click carries no cookie yet either
    key = "0123456789abcdef" * 2  # as the page's script makes it
    one, two = send(first, article, idempotency_key=key), send(second, article, idempotency_key=key)
    assert one["Location"] == two["Location"]
    assert Comment.objects.count() == 1
    assert len({client.cookies[DEVICE_COOKIE].value.partition(":")[0] for client in (first, second)}) == 1


def test_sent_again_after_the_answer_it_is_the_same_comment(article):
    client = Client()
    one, two = send(client, article), send(client, article)
    assert one["Location"] == two["Location"]
    assert Comment.objects.count() == 1


def test_after_ten_minutes_it_is_another_comment(article):
    client = Client()
    send(client, article)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert send(client, article).status_code == 303
    assert Comment.objects.count() == 2


@pytest.mark.parametrize("change", [{"name": "Bob"}, {"comment": "Another one"}])
def test_another_name_or_text_is_another_comment(article, change):
    client = Client()
    send(client, article)
    send(client, article, **change)
    assert Comment.objects.count() == 2


def test_the_same_from_another_network_is_another_comment(article):
    send(Client(), article)
    send(Client(), article, address="198.51.100.7")
    assert Comment.objects.count() == 2


def test_who_copies_a_public_comment_is_not_given_its_authors_cookie(article, moderator):
    send(Client(), article)
    comment = Comment.objects.get()
    decide(comment, Status.APPROVED, actor=moderator)
    thief = Client()
    assert send(thief, article).status_code == 303
    assert DEVICE_COOKIE not in thief.cookies
    decide(comment, Status.PENDING, actor=moderator)  # it has been seen
    assert send(thief, article).status_code == 303
    assert DEVICE_COOKIE not in thief.cookies


def test_who_copies_a_comment_of_a_known_device_gets_a_comment_of_their_own(article):
    known = trusted_client(make_article())
    send(known, article, comment="https://a.example https://b.example")
    stranger = Client()
    send(stranger, article, comment="https://a.example https://b.example")
    assert Comment.objects.filter(article=article).count() == 2
    assert len({client.cookies[DEVICE_COOKIE].value.partition(":")[0] for client in (stranger, known)}) == 2


def test_a_known_device_that_sends_what_a_newcomer_sent_gets_a_comment_of_its_own(article):
    newcomer, known = Client(), trusted_client(make_article())
    before = known.cookies[DEVICE_COOKIE].value.partition(":")[0]
    send(newcomer, article, comment="First!")
    send(known, article, comment="First!")
    assert Comment.objects.filter(article=article).count() == 2
    assert known.cookies[DEVICE_COOKIE].value.partition(":")[0] == before


@pytest.mark.parametrize("status", [Status.REJECTED, Status.SPAM])
def test_withdrawing_washes_nothing_off(article, moderator, status):
    client = trusted_client(article)
    send(client, article, comment="rude")
    rude = Comment.objects.latest("pk")
    decide(rude, status, actor=moderator)
    decide(rude, Status.WITHDRAWN, actor=None)
    send(client, make_article(), comment="polite")
    assert findings() == {"device_is_not_trusted"}


def test_withdrawing_of_ones_own_accord_costs_no_trust(article):
    client = trusted_client(article)
    send(client, article, comment="on reflection")
    decide(Comment.objects.latest("pk"), Status.WITHDRAWN, actor=None)
    send(client, make_article(), comment="another")
    assert findings() == set()


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.REJECTED])
def test_the_same_words_sent_again_after_they_are_gone_are_a_new_comment(article, status):
    client = trusted_client(make_article())
    send(client, article, comment="Once more.")
    Comment.objects.filter(text="Once more.").update(status=status)
    response = send(client, article, comment="Once more.")
    again = Comment.objects.latest("pk")
    assert again.is_public() or again.is_pending_for_author()
    assert response["Location"].endswith(f"#comment-{again.pk}")
    assert Comment.objects.filter(text="Once more.").count() == 2


def test_the_first_words_sent_again_after_an_edit_are_a_new_comment(article):
    client = trusted_client(make_article())
    send(client, article, comment="First words.")
    first = Comment.objects.latest("pk")
    client.post(f"/comments/{first.pk}/edit/", {"comment": "Other words."}, headers={"Sec-Fetch-Site": "same-origin"})
    send(client, article, comment="First words.")
    assert set(article.comments.values_list("text", flat=True)) == {"First words.", "Other words."}
