"""Statistics for the newsroom: what is counted, and how."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
import pytest

from articles.models import Section
from comments.models import Decision, RuleHit
from comments.moderation.decide import decide
from comments.stats.charts import count_chart, wait_chart
from comments.stats.csv_export import csv_lines, neutralize_formula
from comments.stats.outcomes import CommentOutcome, outcomes_by_article, outcomes_by_day, outcomes_by_section
from comments.stats.period import Period
from comments.stats.rule_stats import MIN_DECISIVE, RuleStats, entry_stats_of_period, rule_stats_of_period
from comments.stats.wait_times import (
    WaitPercentiles,
    format_duration,
    pending_comments,
    wait_percentiles,
    wait_percentiles_by_day,
)
from comments.statuses import Cause, Status
from tests.conftest import make_article, make_comment

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("UTC"))
HOUR = timedelta(hours=1)


def ended(comment, *hours, at=NOON):
    """Create decisions at that time, each after a wait of so many hours."""
    Decision.objects.bulk_create(
        Decision(comment=comment, from_status=0, to_status=1, cause=Cause.DECIDED, at=at, wait_time=HOUR * number)
        for number in hours
    )


def test_each_comment_has_one_fate(article, moderator):
    for status in (Status.PENDING, Status.REJECTED, Status.SPAM, Status.WITHDRAWN, Status.APPROVED):
        make_comment(article, status=status, created_at=NOON)
    decide(make_comment(article, status=Status.PENDING, created_at=NOON), Status.APPROVED, actor=moderator)
    day = outcomes_by_day(MARCH)[9]
    assert dict(zip(CommentOutcome, day.by_outcome, strict=True)) == dict.fromkeys(CommentOutcome, 1)
    assert day.total == 6


def test_every_day_of_the_period_is_there_and_none_else(article):
    for at in (NOON.replace(month=2), NOON.replace(month=4), NOON):
        make_comment(article, created_at=at)
    days = outcomes_by_day(MARCH)
    assert [day.day for day in days] == MARCH.days()
    assert len(days) == 31
    assert [day.day.day for day in days if day.total] == [10]


def test_a_day_is_one_of_the_sites_time_zone(article, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    timezone.get_default_timezone.cache_clear()
    try:
        make_comment(article, created_at=datetime(2026, 3, 9, 15, 30, tzinfo=ZoneInfo("UTC")))
        make_comment(article, created_at=datetime(2026, 2, 28, 14, 59, tzinfo=ZoneInfo("UTC")))
        assert [day.day.day for day in outcomes_by_day(MARCH) if day.total] == [10]
    finally:
        timezone.get_default_timezone.cache_clear()


def test_sections_and_articles_come_with_the_busiest_first(article):
    harbour = Section.objects.create(name="Harbour", slug="harbour")
    busy, quiet = make_article(section=harbour), make_article()
    for place, number in ((article, 2), (busy, 3), (quiet, 0)):
        for _ in range(number):
            make_comment(place, created_at=NOON)
    assert [(place.of.name, place.total) for place in outcomes_by_section(MARCH)] == [("Harbour", 3), ("Town", 2)]
    assert [(place.of, place.total) for place in outcomes_by_article(MARCH)] == [(busy, 3), (article, 2)]
    assert [place.of for place in outcomes_by_article(MARCH, limit=1)] == [busy]


@pytest.mark.parametrize(
    ("hours", "median", "ninetieth"),
    [([], None, None), ([5], 5, 5), ([1, 2], 1, 2), ([3, 1, 2], 2, 3), (range(1, 11), 5, 9), (range(1, 12), 6, 10)],
)
def test_percentiles_are_nearest_ranks(article, hours, median, ninetieth):
    ended(make_comment(article), *hours)
    found = wait_percentiles(MARCH)
    assert found == WaitPercentiles(median and HOUR * median, ninetieth and HOUR * ninetieth)
    assert wait_percentiles_by_day(MARCH) == ({NOON.date(): found} if hours else {})


def test_waits_stand_with_the_day_that_ended_them(article):
    comment = make_comment(article, created_at=NOON.replace(month=2))
    ended(comment, 1, 2, 3)
    ended(comment, 10, at=NOON + timedelta(days=1))
    ended(comment, 50, at=NOON.replace(month=4))
    assert wait_percentiles_by_day(MARCH) == {
        date(2026, 3, 10): WaitPercentiles(HOUR * 2, HOUR * 3),
        date(2026, 3, 11): WaitPercentiles(HOUR * 10, HOUR * 10),
    }
    assert wait_percentiles(MARCH) == WaitPercentiles(HOUR * 2, HOUR * 10)


def test_what_waits_now_and_since_when(article):
    assert pending_comments().oldest is None
    oldest = make_comment(article, status=Status.PENDING, created_at=NOON)
    make_comment(article, status=Status.PENDING)
    make_comment(article, created_at=NOON - HOUR)
    assert (pending_comments().number, pending_comments().oldest, pending_comments().is_more) == (2, oldest, False)


def test_waits_in_words():
    words = [format_duration(wait) for wait in (None, timedelta(seconds=59), timedelta(hours=2, minutes=5))]
    assert words == ["", "less than a minute", "2\xa0hours, 5\xa0minutes"]


def store_rule_hit(comment, rule="rule", entry="", **said):
    return RuleHit.objects.create(
        comment=comment, rule=rule, entry=entry, comment_created_at=comment.created_at, **{"is_decisive": True, **said}
    )


def test_rules_and_entries_are_measured_over_the_period(article):
    for number in range(4):
        comment = make_comment(article, created_at=NOON)
        store_rule_hit(comment, is_decisive=number > 0, is_overruled=number > 1)
        store_rule_hit(comment, entry="wordlistentry:1", is_decisive=False)
    store_rule_hit(make_comment(article, created_at=NOON.replace(month=2)))
    found = {(each.rule, each.entry): each for each in rule_stats_of_period(MARCH)}
    assert found["rule", ""] == RuleStats("rule", "", hit_count=4, decisive_count=3, overruled_count=2)
    assert found["rule", ""].overruled_percent == 67
    assert found["rule", "wordlistentry:1"] == RuleStats("rule", "wordlistentry:1", hit_count=4)
    assert found["rule", "wordlistentry:1"].overruled_percent is None
    assert found["comments.rules.builtin.has_many_links", ""].hit_count == 0
    assert all(not each.entry for each in rule_stats_of_period(MARCH, with_entries=False))
    assert entry_stats_of_period("rule", ["wordlistentry:1", "wordlistentry:2"], MARCH) == {
        "wordlistentry:1": found["rule", "wordlistentry:1"]
    }


@pytest.mark.parametrize(
    ("decisive_count", "overruled_count", "is_mostly_overruled"),
    [
        (MIN_DECISIVE, 6, True),
        (MIN_DECISIVE, 5, False),
        (MIN_DECISIVE - 1, MIN_DECISIVE - 1, False),
        (0, 0, False),
        (100, 51, True),
    ],
)
def test_more_than_half_of_enough_is_marked(decisive_count, overruled_count, is_mostly_overruled):
    assert RuleStats("rule", "", 200, decisive_count, overruled_count).is_mostly_overruled == is_mostly_overruled


DAYS = MARCH.days()[:3]


def test_bars_stand_on_one_ground_and_the_highest_fills_the_plot():
    plot = count_chart("all", DAYS, [2, 0, 4000])
    assert (plot.width, plot.total, plot.max_label, plot.max_day) == (3, 4002, "4,000", DAYS[2])
    assert plot.path == "M0.075 100v-1h0.85v1zM2.075 100v-100h0.85v100z"


def test_a_plot_of_nothing_has_no_bar():
    for plot in (count_chart("all", DAYS, [0, 0, 0]), wait_chart("median", DAYS, [None, None, None])):
        assert (plot.path, plot.max_label, plot.max_day) == ("", "", None)


def test_a_plot_of_waits_says_the_longest_in_words():
    plot = wait_chart("median", DAYS, [HOUR, None, HOUR * 2])
    assert (plot.max_label, plot.max_day, plot.total) == ("2\xa0hours", DAYS[2], None)


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://evil.example")',
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\tplain",
        "\r=1",
        "\nplain",
        "  =1",
        "\u00a0=1",
        "\u200b=1",
        "\ufeff=1",
        "\u202e=1",
        "\u0301=1",
        "＝1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        " ＝1",
        "﹦1",
    ],
)
def test_what_would_be_a_formula_has_an_apostrophe_before_it(text):
    assert neutralize_formula(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "1-2", "'=1", "{{7*7}}", "%s", "é", 0, -5, 1.5])
def test_other_text_and_numbers_stay(cell):
    assert neutralize_formula(cell) == cell


@given(st.text())
def test_no_cell_begins_as_a_formula(text):
    safe = neutralize_formula(text)
    assert safe.lstrip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    assert safe[:1] not in {"\t", "\r"}


def test_lines_have_text_in_quotes_and_numbers_bare():
    written = list(csv_lines([["day", 'a "quoted", name', 3, -2.5, None], ["=1\n2", 0]]))
    assert written == ["\ufeff", '"day","a ""quoted"", name",3,-2.5,""\r\n', '"\'=1\n2",0\r\n']
