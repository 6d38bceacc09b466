from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
import pytest

from articles.cursor import PageCursor

IDS = st.integers(0, 2**62)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(6000, 1, 1), timezones=st.just(UTC))


@given(TIMES, IDS)
def test_a_time_comes_back_to_the_microsecond(at, pk):
    assert PageCursor.parse(str(PageCursor(at, pk))) == PageCursor(at, pk)


@given(st.floats(0, 1_000), IDS)
def test_a_number_comes_back_exactly(number, pk):
    assert PageCursor.parse(str(PageCursor(number, pk)), float) == PageCursor(number, pk)


@given(st.text() | st.from_regex(r"[0-9e.-]{1,60}", fullmatch=True), st.sampled_from([datetime, int, float]))
def test_any_text_is_a_cursor_or_refused(raw, kind):
    try:
        cursor = PageCursor.parse(raw, kind)
    except ValueError:
        return
    assert isinstance(cursor.key, kind)


@pytest.mark.parametrize("raw", ["1.5-1", "nan-1", "inf-1", "1_0-1", " 1-1", "1-1\n", "-1-1"])
def test_what_is_no_number_is_refused(raw):
    with pytest.raises(ValueError, match=r".*"):
        PageCursor.parse(raw)
