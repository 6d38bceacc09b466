"""Statistics pages and spreadsheets for the newsroom."""

import csv
from datetime import timedelta
import io

from django.contrib.auth.models import Permission
from django.utils import timezone
import pytest

from comments.models import Block, Decision, RuleHit, WordListEntry
from comments.moderation.decide import decide
from comments.stats.rule_stats import MIN_DECISIVE
from comments.statuses import Status
from tests.conftest import make_article, make_comment, make_user
from tests.support.html import Page

NUMBERS = "/admin/comments/statistics/"
RULES = f"{NUMBERS}rules/"
LINKS, LISTED, BLOCKED = (
    f"comments.rules.builtin.{rule}" for rule in ("has_many_links", "matches_word_list", "is_blocked")
)


@pytest.fixture
def look(client, moderator):
    client.force_login(moderator)

    def get(address=NUMBERS, status=200, **query):
        response = client.get(address, query)
        assert response.status_code == status
        return response

    return get


def sheet(response):
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def store_rule_hits(article, rule, *, entry="", times=1, overruled_count=0):
    for number in range(times):
        comment = make_comment(article, status=Status.PENDING)
        for name in {"", entry}:
            RuleHit.objects.create(
                comment=comment,
                rule=rule,
                entry=name,
                is_decisive=True,
                is_overruled=number < overruled_count,
                comment_created_at=comment.created_at,
            )


def test_without_any_comment_it_says_so(look):
    text = Page(look().content.decode()).text
    assert "No comments on these days." in text
    assert "No data for these days." in text


def test_what_became_of_comments_is_on_the_page(look, article, moderator):
    make_comment(article)
    held = make_comment(article, status=Status.PENDING, created_at=timezone.now() - timedelta(hours=3))
    response = look()
    assert [plot.total for plot in response.context["plots"]] == [2, 1, 0, 1, 0, 0, 0]
    assert response.context["pending_comments"].oldest == held
    text = Page(response.content.decode()).text
    assert article.headline in text
    assert "3 hours" in text
    assert "Approved automatically 1" in text


def test_plots_are_pictures_with_words_and_nothing_on_the_page_is_inline(look, article):
    make_comment(article)
    parsed = Page(look().content.decode())
    pictures = [attributes for tag, attributes in parsed.elements if tag == "svg" and attributes.get("role") == "img"]
    ids = [attributes["id"] for _tag, attributes in parsed.elements if attributes.get("id")]
    assert len(pictures) == 9
    assert len(ids) == len(set(ids))
    for picture in pictures:
        assert all(name in ids for name in picture["aria-labelledby"].split())
    assert not any("style" in attributes for _tag, attributes in parsed.elements)


def test_no_moderator_is_named(look, article, deputy):
    deputy.first_name = "Cassandra"
    deputy.save()
    comment = make_comment(article, status=Status.PENDING)
    decide(comment, Status.APPROVED, actor=deputy)
    for address in (NUMBERS, RULES):
        assert "Cassandra" not in look(address).content.decode()
        assert "deputy" not in look(address).content.decode()
    for name in ("days", "sections", "articles", "rules"):
        assert "deputy" not in str(sheet(look(f"{NUMBERS}{name}.csv")))


def test_the_number_of_queries_stays(look, article, django_assert_max_num_queries):
    for _ in range(3):
        make_comment(make_article())
        store_rule_hits(article, LISTED, entry="wordlistentry:1", times=2)
    look()
    with django_assert_max_num_queries(16):
        look()
    with django_assert_max_num_queries(8):
        look(RULES)


@pytest.mark.parametrize("address", [NUMBERS, RULES])
@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"days": "8"}, "Choose 7, 30, 90 or 365 days."),
        ({"first": "2026-02-31", "last": "2026-03-01"}, "Enter a valid date."),
        ({"first": "0001-01-01", "last": "0001-01-02"}, "Please enter a past date."),
        ({"first": "9999-12-31", "last": "9999-12-31"}, "Please enter a past date."),
        ({"first": "2026-03-02", "last": "2026-03-01"}, "End date is before start date."),
        ({"first": "2020-01-01", "last": "2021-01-02"}, "Please choose up to 366 days."),
        ({"first": "2026-03-02"}, "Please enter both dates."),
        ({"last": "2026-03-02"}, "Please enter both dates."),
        ({"first": "<script>alert(1)</script>", "last": "' OR 1=1--"}, "Enter a valid date."),
    ],
)
def test_a_period_that_cannot_be_is_told_at_its_field(look, address, query, message):
    response = look(address, **query)
    text = response.content.decode()
    assert message in text
    assert "<script>alert" not in text
    assert "<table" not in text


def test_a_sheet_of_a_period_that_cannot_be_leads_to_the_page_that_tells(look):
    response = look(f"{NUMBERS}days.csv", status=302, days="8")
    assert response["Location"] == f"{NUMBERS}?days=8"
    assert look(f"{NUMBERS}rules.csv", status=302, first="x")["Location"] == f"{RULES}?first=x"


def test_a_sheet_that_there_is_not(look):
    look(f"{NUMBERS}moderators.csv", status=404)


@pytest.mark.parametrize("address", [NUMBERS, RULES, f"{NUMBERS}days.csv", f"{NUMBERS}rules.csv"])
def test_who_may_not_see_them(client, reporter, address):
    assert client.get(address).status_code == 302
    client.force_login(reporter)
    assert client.get(address).status_code == 403
    assert NUMBERS not in client.get("/admin/").content.decode()


def test_editors_see_them_in_the_menu(client, editor):
    client.force_login(editor)
    assert NUMBERS in client.get("/admin/").content.decode()
    assert client.get(NUMBERS).status_code == 200


def test_the_days_as_a_sheet(look, article, moderator):
    comment = make_comment(article, status=Status.PENDING)
    decision = decide(comment, Status.APPROVED, actor=moderator)
    Decision.objects.filter(pk=decision.pk).update(wait_time=timedelta(minutes=2))
    response = look(f"{NUMBERS}days.csv", days="7")
    today = timezone.localdate()
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    first = today - timedelta(days=6)
    assert response["Content-Disposition"] == f'attachment; filename="days-{first}-{today}.csv"'
    rows = sheet(response)
    assert len(rows) == 8
    assert rows[-1] == [str(today), "0", "1", "0", "0", "0", "0", "1", "120", "120"]
    assert rows[1] == [str(first), *["0"] * 7, "", ""]


def test_articles_as_a_sheet_keep_formulas_from_running(look):
    for headline in ('=HYPERLINK("http://evil.example")', "Plain, with a “comma”", "@SUM(1)"):
        make_comment(make_article(headline=headline))
    rows = sheet(look(f"{NUMBERS}articles.csv"))
    assert {row[1] for row in rows[1:]} == {
        '\'=HYPERLINK("http://evil.example")',
        "Plain, with a “comma”",
        "'@SUM(1)",
    }


def test_hostile_headlines_are_text(look):
    headline = "<script>alert(1)</script> {{7*7}} {% debug %} %s {0.__class__} ' OR 1=1--\" onmouseover=alert(1)"
    make_comment(make_article(headline=headline, slug="hostile"))
    parsed = Page(look().content.decode())
    assert headline in parsed.text
    assert not parsed.has_executable_content()


def test_sections_as_a_sheet(look, article):
    make_comment(article)
    rows = sheet(look(f"{NUMBERS}sections.csv"))
    assert rows[1:] == [["Town", "1", "0", "0", "0", "0", "0", "1"]]


def test_entries_are_named_and_lead_to_their_page(look, article, moderator):
    entry = WordListEntry.objects.create(kind="word", value="<b>cialis", outcome="hold")
    block = Block.objects.create(kind="name", value="Eve", key="eve", reason="-")
    store_rule_hits(article, LISTED, entry=f"wordlistentry:{entry.pk}")
    store_rule_hits(article, LISTED, entry="wordlistentry:999999")
    store_rule_hits(article, BLOCKED, entry=f"block:{block.pk}")
    text = look(RULES).content.decode()
    assert f'<a href="/admin/comments/wordlistentry/{entry.pk}/change/"><bdi>&lt;b&gt;cialis</bdi></a>' in text
    assert f'<a href="/admin/comments/block/{block.pk}/change/"><bdi>name Eve</bdi></a>' in text
    assert "<bdi>wordlistentry:999999</bdi> <small>deleted</small>" in text
    rows = sheet(look(f"{NUMBERS}rules.csv"))
    assert [LISTED, "<b>cialis", "1", "1", "0", ""] in rows


def test_entries_that_one_may_not_see_are_not_named(client, article):
    user = make_user("counter", "Moderators")
    user.groups.clear()
    user.user_permissions.add(Permission.objects.get(codename="view_statistics"))
    entry = WordListEntry.objects.create(kind="word", value="cialis", outcome="hold")
    store_rule_hits(article, LISTED, entry=f"wordlistentry:{entry.pk}")
    client.force_login(user)
    assert "cialis" not in client.get(RULES).content.decode()
    assert "cialis" not in str(sheet(client.get(f"{NUMBERS}rules.csv")))


def test_what_is_overruled_more_than_half_the_time_is_marked(look, article):
    store_rule_hits(article, LINKS, times=MIN_DECISIVE, overruled_count=MIN_DECISIVE // 2 + 1)
    store_rule_hits(article, LISTED, entry="wordlistentry:1", times=MIN_DECISIVE, overruled_count=MIN_DECISIVE // 2)
    text = Page(look(RULES).content.decode()).text
    assert text.count("overturned more than half the time") == 1
    rows = sheet(look(f"{NUMBERS}rules.csv"))
    marked = {row[0]: row[5] for row in rows[1:] if not row[1]}
    assert marked[LINKS] == "overturned more than half the time"
    assert marked[LISTED] == ""


def test_every_rule_says_what_it_is_for_also_when_it_is_silent(look):
    text = Page(look(RULES).content.decode()).text
    assert "Hold comments with several links, because most spam has them" in text


def test_a_rule_that_is_not_asked_any_more_is_told_by_its_path(look, article):
    store_rule_hits(article, "somebody.elses.rule")
    assert "somebody.elses.rule" in Page(look(RULES).content.decode()).text


def test_the_period_is_kept_from_page_to_page(look):
    text = look(first="2026-01-05", last="2026-02-04").content.decode()
    assert f'href="{RULES}?first=2026-01-05&amp;last=2026-02-04"' in text
    assert "5 January 2026 to 4 February 2026" in text


@pytest.mark.parametrize("kind", ["wordlistentry", "block"])
def test_the_lists_mark_what_is_mostly_overruled(look, article, kind, django_assert_max_num_queries):
    if kind == "wordlistentry":
        rows = [WordListEntry.objects.create(kind="word", value=word, outcome="hold") for word in ("cialis", "viagra")]
    else:
        rows = [Block.objects.create(kind="name", value=name, key=name, reason="-") for name in ("eve", "mallory")]
    rule = LISTED if kind == "wordlistentry" else BLOCKED
    store_rule_hits(article, rule, entry=f"{kind}:{rows[0].pk}", times=MIN_DECISIVE, overruled_count=MIN_DECISIVE)
    store_rule_hits(article, rule, entry=f"{kind}:{rows[1].pk}", times=3, overruled_count=3)
    with django_assert_max_num_queries(7):
        response = look(f"/admin/comments/{kind}/")
    assert [row.rule_stats.hit_count for row in response.context["cl"].result_list] == [3, MIN_DECISIVE]
    assert Page(response.content.decode()).text.count("overturned more than half the time") == 1
