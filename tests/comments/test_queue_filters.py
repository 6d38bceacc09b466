from datetime import timedelta

from django.http import QueryDict
from django.utils import timezone
import pytest

from articles.models import Section
from comments.models import RuleHit
from comments.queue.queues import Queue
from comments.queue.selection import QueueQuery
from comments.statuses import Status
from tests.conftest import make_article, make_comment

QUEUE_URL = "/admin/comments/moderation/"
LINKS = "comments.rules.builtin.has_many_links"


def parse(**query):
    return QueueQuery.parse({"queue": "all", **query})


def found(**query):
    """Return the texts; check that the page and the complete selection contain the same."""
    selection = parse(**query)
    page = [comment.text for comment in selection.view().comments]
    assert page == [comment.text for comment in selection.comments()]
    return page


def errors(**query):
    filters = parse(**query).filters
    filters.is_valid()
    return {field: " ".join(errors) for field, errors in filters.errors.items()}


TEXTS = [
    "I saw the Herrings.",
    "Érable, ÉTÉ, Straße",
    "Купить дёшево",
    "東京から来ました",
    "50% of _all_ c:\\boats",
    '"quoted"; -- DROP',
]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("herrings", 0),
        ("HERRING", 0),
        ("saw  herrings.", 0),
        ("the i saw", 0),
        ("érable", 1),
        ("été strasse", None),
        ("дЁШЕВО", 2),
        ("東京から", 3),
        ("東京", 3),
        ("50%", 4),
        ("5%0", None),
        ("_all_", 4),
        ("_saw", None),
        ("c:\\boats", 4),
        ("\\", 4),
        ('"quoted"', 5),
        ("herrings boats", None),
        ("' OR 1=1--", None),
        ("--", 5),
        ("her:*", None),
        ("herr|boats", None),
        ("-herrings", None),
        ("(", None),
        ("[a-z]+", None),
    ],
)
def test_all_words_or_parts_of_words_are_found_and_every_character_stands_for_itself(article, words, text):
    for each in TEXTS:
        make_comment(article, text=each)
    assert found(text=words) == ([] if text is None else [TEXTS[text]])


def test_a_name_is_found_by_what_looks_like_it(article):
    make_comment(article, name="Paul", text="Latin")
    make_comment(article, name="Раul", text="Cyrillic")
    make_comment(article, name="Paula", text="Another")
    make_comment(article, name="!!!", text="Nothing but marks")
    assert found(name="PAUL") == ["Cyrillic", "Latin"]
    assert found(name="!!!") == ["Nothing but marks"]
    assert found(name="???") == []


def test_by_device_and_network_and_section_and_queue(article):
    sport = Section.objects.create(slug="sport", name="Sport")
    make_comment(article, text="A", device="d1", network="n1")
    make_comment(article, text="B", device="d2", network="n1", status=Status.SPAM)
    make_comment(make_article(section=sport), text="C", device="d1", network="n2")
    assert found(device="d1") == ["C", "A"]
    assert found(network="n1") == ["B", "A"]
    assert found(section="sport") == ["C"]
    assert found(section="sport", network="n1") == []
    assert found(queue="spam", network="n1") == ["B"]
    assert found(queue="approved", device="d1") == ["C", "A"]


def test_by_rule_and_entry(article):
    comments = [make_comment(article, text=text) for text in "ABC"]
    for comment, rule, entry in ((comments[0], LINKS, ""), (comments[1], LINKS, "block:1"), (comments[1], LINKS, "")):
        RuleHit.objects.create(
            comment=comment, rule=rule, entry=entry, is_decisive=True, comment_created_at=comment.created_at
        )
    assert found(rule=LINKS) == ["B", "A"]
    assert found(rule=LINKS, entry="block:1") == ["B"]
    assert "rule" in errors(rule="os.system")


def test_an_article_is_found_by_its_address_its_id_or_words_of_its_headline(article):
    other = make_article(headline="Herrings at the quay", slug="herrings-été")
    make_comment(article, text="A")
    make_comment(other, text="B")
    path = other.get_absolute_url()
    for raw in (path, f"http://testserver{path}", f"https://x.example{path}?a=b#c", f"{other.pk}", "QUAY herrings"):
        assert found(article=raw) == ["B"], raw


def test_where_several_articles_have_the_words_one_is_chosen_from_a_few(moderator_client):
    for number in range(12):
        make_comment(make_article(headline=f"Budget {number}"), text=f"On {number}")
    page = moderator_client.get(QUEUE_URL, {"queue": "all", "article": "budget", "text": "on"})
    assert "Several articles match." in page.text
    offered = page.context["articles"]
    assert len(offered) == 10
    article, query = offered[0]
    page = moderator_client.get(f"{QUEUE_URL}?{query}")
    assert [comment.article for comment in page.context["page"].comments] == [article]
    assert dict(QueryDict(query).items()) == {"queue": "all", "text": "on", "article": str(article.pk)}


def test_a_draft_is_not_found_by_guessing(db):
    draft = make_article(headline="Secret merger", published_at=None)
    for raw in ("secret", str(draft.pk)):
        assert errors(article=raw) == {"article": "No article found."}
    make_comment(draft, text="From before it was taken back")
    assert found(article="secret") == ["From before it was taken back"]


def test_by_days_in_the_sites_time_zone(article, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    with timezone.override("Pacific/Auckland"):
        for text, hour in (("Before", 10), ("Early", 12), ("Late", 35), ("After", 36)):  # UTC: 12 hours behind
            at = timezone.datetime(2026, 6, 1, tzinfo=timezone.get_fixed_timezone(0)) + timedelta(hours=hour)
            make_comment(article, text=text, created_at=at)
        assert found(since="2026-06-02", until="2026-06-02") == ["Late", "Early"]
        assert found(since="2026-06-02") == ["After", "Late", "Early"]
        assert found(until="2026-06-01") == ["Before"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"text": "x" * 10_000}, "text"),
        ({"name": "x" * 100}, "name"),
        ({"article": "nothing like it"}, "article"),
        ({"article": "/section/town/"}, "article"),
        ({"article": "http://[::1"}, "article"),
        ({"article": "9" * 30}, "article"),
        ({"section": "nowhere"}, "section"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-02-30"}, "until"),
        ({"since": "2026-02-03", "until": "2026-02-01"}, "until"),
        ({"device": "x" * 33}, "device"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_the_queue_is_shown(moderator_client, article, query, field):
    comment = make_comment(article, status=Status.PENDING, text="Waiting.")
    assert list(errors(**query)) == [field]
    page = moderator_client.get(QUEUE_URL, {**query, "name": query.get("name", "Nobody")})
    assert page.status_code == 200
    assert [each.pk for each in page.context["page"].comments] == [comment.pk]
    assert not QueueQuery.parse(query).has_valid_filters()
    assert "All matching comments" in moderator_client.get(QUEUE_URL).text
    assert "All matching comments" not in page.text  # it would match the whole queue
    assert QueueQuery.parse(query).query == "queue=pending"


@pytest.mark.parametrize(
    "query",
    ["article__body__contains=a", "staff__password__startswith=p", "status__exact=9", "o=1", "e=1", "name__regex=("],
)
def test_what_is_no_filter_is_not_heard(moderator_client, article, query):
    comment = make_comment(article, status=Status.PENDING)
    page = moderator_client.get(f"{QUEUE_URL}?{query}")
    assert [each.pk for each in page.context["page"].comments] == [comment.pk]
    assert page.context["queue_url"] == f"{QUEUE_URL}?queue=pending"


def test_null_characters_are_refused(moderator_client):
    for field in ("text", "name", "article", "section", "rule", "since", "device", "entry"):
        assert list(errors(**{field: "a\0b"})) == [field]
        assert moderator_client.get(QUEUE_URL, {field: "a\0b"}).status_code == 400


def test_far_off_days_are_no_error(moderator_client, article):
    for day in ("0001-01-01", "9999-12-31"):
        for field in ("since", "until"):
            assert moderator_client.get(QUEUE_URL, {field: day}).status_code == 200


def test_a_selection_is_written_and_read_again(article):
    selection = parse(text="a&b=c +d", name="Ää", since="2026-01-02")
    again = QueueQuery.parse(QueryDict(selection.query))
    assert again.filters.cleaned_data == selection.filters.cleaned_data if again.filters.is_valid() else False
    assert (again.queue, again.query) == (Queue.ALL, selection.query)


def test_a_decision_is_answered_with_the_next_that_matches_and_the_filter_stays(moderator_client, article):
    for n, text in enumerate(("boat 1", "other", "boat 2")):
        at = timezone.now() - timedelta(minutes=10 - n)
        make_comment(article, text=text, status=Status.PENDING, created_at=at)
    page = moderator_client.get(QUEUE_URL, {"text": "boat"})
    focus = page.context["detail"].comment
    assert (focus.text, page.context["queue_url"]) == ("boat 1", f"{QUEUE_URL}?queue=pending&text=boat")
    page = moderator_client.post(
        page.context["queue_url"], {"comment": focus.pk, "version": focus.version, "action": "approve"}
    )
    assert page.context["detail"].comment.text == "boat 2"
    focus = page.context["detail"].comment
    page = moderator_client.post(f"{QUEUE_URL}note/?queue=pending&text=boat", {"comment": focus.pk, "note": "Look."})
    assert page["Location"] == f"{QUEUE_URL}?queue=pending&text=boat&comment={focus.pk}"


def test_each_active_filter_is_a_link_without_it(moderator_client, article):
    page = moderator_client.get(
        QUEUE_URL, {"queue": "all", "text": "<b>", "section": "town", "device": "0123456789abcdef"}
    )
    chips = {label: (value, query) for label, value, query in page.context["chips"]}
    assert chips["Words in the comment"] == ("<b>", "queue=all&section=town&device=0123456789abcdef")
    assert chips["Section"][0] == "Town"
    assert chips["Device"][0] == "01234567…"
    assert "&lt;b&gt;" in page.text


def test_from_the_focus_one_comes_to_all_of_a_device_and_a_network(moderator_client, article):
    make_comment(article, status=Status.PENDING, device="d1", network="n&1")
    page = moderator_client.get(QUEUE_URL).text
    assert "?queue=all&amp;device=d1" in page
    assert "?queue=all&amp;network=n%261" in page
