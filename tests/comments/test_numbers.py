"""What the newsroom's numbers count, and how."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
import pytest

from articles.models import Section
from comments.models import Decision, Firing
from comments.moderation.decide import decide
from comments.stats.charts import plot_counts, plot_waits
from comments.stats.csv_export import lines, neutral
from comments.stats.outcomes import Fate, by_article, by_day, by_section
from comments.stats.period import Period
from comments.stats.rule_stats import ENOUGH, Measure, measures, measures_of
from comments.stats.wait_times import Waits, in_words, waiting, waits, waits_by_day
from comments.statuses import Cause, Status
from tests.conftest import make_article, make_comment

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
NOON = datetime(2026, 3, 10, 12, tzinfo=ZoneInfo("UTC"))
HOUR = timedelta(hours=1)


def ended(comment, *hours, at=NOON):
    """Waits of so many hours, each ended by a decision at that time."""
    Decision.objects.bulk_create(
        Decision(comment=comment, was=0, now=1, cause=Cause.DECIDED, at=at, waited=HOUR * number) for number in hours
    )


def test_each_comment_has_one_fate(article, moderator):
    for status in (Status.HELD, Status.REJECTED, Status.SPAM, Status.WITHDRAWN, Status.APPROVED):
        make_comment(article, status=status, created_at=NOON)
    decide(make_comment(article, status=Status.HELD, created_at=NOON), Status.APPROVED, by=moderator)
    day = by_day(MARCH)[9]
    assert dict(zip(Fate, day.each, strict=True)) == dict.fromkeys(Fate, 1)
    assert day.total == 6


def test_every_day_of_the_period_is_there_and_none_else(article):
    for at in (NOON.replace(month=2), NOON.replace(month=4), NOON):
        make_comment(article, created_at=at)
    days = by_day(MARCH)
    assert [day.day for day in days] == MARCH.days()
    assert len(days) == 31
    assert [day.day.day for day in days if day.total] == [10]


def test_a_day_is_one_of_the_sites_time_zone(article, settings):
    settings.TIME_ZONE = "Asia/Tokyo"
    timezone.get_default_timezone.cache_clear()
    try:
        make_comment(article, created_at=datetime(2026, 3, 9, 15, 30, tzinfo=ZoneInfo("UTC")))
        make_comment(article, created_at=datetime(2026, 2, 28, 14, 59, tzinfo=ZoneInfo("UTC")))
        assert [day.day.day for day in by_day(MARCH) if day.total] == [10]
    finally:
        timezone.get_default_timezone.cache_clear()


def test_sections_and_articles_come_with_the_busiest_first(article):
    harbour = Section.objects.create(name="Harbour", slug="harbour")
    busy, quiet = make_article(section=harbour), make_article()
    for place, number in ((article, 2), (busy, 3), (quiet, 0)):
        for _ in range(number):
            make_comment(place, created_at=NOON)
    assert [(place.of.name, place.total) for place in by_section(MARCH)] == [("Harbour", 3), ("Town", 2)]
    assert [(place.of, place.total) for place in by_article(MARCH)] == [(busy, 3), (article, 2)]
    assert [place.of for place in by_article(MARCH, limit=1)] == [busy]


@pytest.mark.parametrize(
    ("hours", "median", "ninetieth"),
    [([], None, None), ([5], 5, 5), ([1, 2], 1, 2), ([3, 1, 2], 2, 3), (range(1, 11), 5, 9), (range(1, 12), 6, 10)],
)
def test_percentiles_are_nearest_ranks(article, hours, median, ninetieth):
    ended(make_comment(article), *hours)
    found = waits(MARCH)
    assert found == Waits(median and HOUR * median, ninetieth and HOUR * ninetieth)
    assert waits_by_day(MARCH) == ({NOON.date(): found} if hours else {})


def test_waits_stand_with_the_day_that_ended_them(article):
    comment = make_comment(article, created_at=NOON.replace(month=2))
    ended(comment, 1, 2, 3)
    ended(comment, 10, at=NOON + timedelta(days=1))
    ended(comment, 50, at=NOON.replace(month=4))
    assert waits_by_day(MARCH) == {
        date(2026, 3, 10): Waits(HOUR * 2, HOUR * 3),
        date(2026, 3, 11): Waits(HOUR * 10, HOUR * 10),
    }
    assert waits(MARCH) == Waits(HOUR * 2, HOUR * 10)


def test_what_waits_now_and_since_when(article):
    assert waiting().oldest is None
    oldest = make_comment(article, status=Status.HELD, created_at=NOON)
    make_comment(article, status=Status.HELD)
    make_comment(article, created_at=NOON - HOUR)
    assert (waiting().number, waiting().oldest, waiting().is_more) == (2, oldest, False)


def test_waits_in_words():
    words = [in_words(wait) for wait in (None, timedelta(seconds=59), timedelta(hours=2, minutes=5))]
    assert words == ["", "less than a minute", "2\xa0hours, 5\xa0minutes"]


def fire(comment, rule="rule", entry="", **said):
    return Firing.objects.create(
        comment=comment, rule=rule, entry=entry, written_at=comment.created_at, **{"is_alone": True, **said}
    )


def test_rules_and_entries_are_measured_over_the_period(article):
    for number in range(4):
        comment = make_comment(article, created_at=NOON)
        fire(comment, is_alone=number > 0, is_overruled=number > 1)
        fire(comment, entry="listentry:1", is_alone=False)
    fire(make_comment(article, created_at=NOON.replace(month=2)))
    found = {(each.rule, each.entry): each for each in measures(MARCH)}
    assert found["rule", ""] == Measure("rule", "", fired=4, alone=3, overruled=2)
    assert found["rule", ""].percent == 67
    assert found["rule", "listentry:1"] == Measure("rule", "listentry:1", fired=4)
    assert found["rule", "listentry:1"].percent is None
    assert found["comments.rules.builtin.has_many_links", ""].fired == 0
    assert all(not each.entry for each in measures(MARCH, with_entries=False))
    assert measures_of("rule", ["listentry:1", "listentry:2"], MARCH) == {"listentry:1": found["rule", "listentry:1"]}


@pytest.mark.parametrize(
    ("alone", "overruled", "is_doubtful"),
    [(ENOUGH, 6, True), (ENOUGH, 5, False), (ENOUGH - 1, ENOUGH - 1, False), (0, 0, False), (100, 51, True)],
)
def test_more_than_half_of_enough_is_marked(alone, overruled, is_doubtful):
    assert Measure("rule", "", 200, alone, overruled).is_doubtful == is_doubtful


DAYS = MARCH.days()[:3]


def test_bars_stand_on_one_ground_and_the_highest_fills_the_plot():
    plot = plot_counts("all", DAYS, [2, 0, 4000])
    assert (plot.width, plot.total, plot.most, plot.when) == (3, 4002, "4,000", DAYS[2])
    assert plot.path == "M0.075 100v-1h0.85v1zM2.075 100v-100h0.85v100z"


def test_a_plot_of_nothing_has_no_bar():
    for plot in (plot_counts("all", DAYS, [0, 0, 0]), plot_waits("median", DAYS, [None, None, None])):
        assert (plot.path, plot.most, plot.when) == ("", "", None)


def test_a_plot_of_waits_says_the_longest_in_words():
    plot = plot_waits("median", DAYS, [HOUR, None, HOUR * 2])
    assert (plot.most, plot.when, plot.total) == ("2\xa0hours", DAYS[2], None)


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
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["", "plain", "a=b", "1-2", "'=1", "{{7*7}}", "%s", "é", 0, -5, 1.5])
def test_other_text_and_numbers_stay(cell):
    assert neutral(cell) == cell


@given(st.text())
def test_no_cell_begins_as_a_formula(text):
    safe = neutral(text)
    assert safe.lstrip()[:1] not in {"=", "+", "-", "@", "＝", "＋", "－", "＠"}
    assert safe[:1] not in {"\t", "\r"}


def test_lines_have_text_in_quotes_and_numbers_bare():
    written = list(lines([["day", 'a "quoted", name', 3, -2.5, None], ["=1\n2", 0]]))
    assert written == ["\ufeff", '"day","a ""quoted"", name",3,-2.5,""\r\n', '"\'=1\n2",0\r\n']
