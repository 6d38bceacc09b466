"""Page cache of nginx, as deploy/ configures it: fast responses, no older than permitted."""

from concurrent.futures import ThreadPoolExecutor
import gzip
import time

import brotli
import pytest

from tests.support.http_client import ask, send

UNPACK = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}
SOON = 2.0  # seconds until all readers see a change
CHROMIUM = "gzip, deflate, br, zstd"


def text_of(stack, address, encoding=""):
    answer = ask(stack.url, address, headers={"Accept-Encoding": encoding})
    return UNPACK[answer.headers.get("Content-Encoding", "")](answer.body).decode()


def seconds_until(is_so):
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < 10
        time.sleep(0.05)
    return time.monotonic() - started


def test_the_second_reader_is_answered_by_nginx_with_the_same_page_in_each_encoding(stack, address):
    pages = {}
    for encoding, unpack in UNPACK.items():
        first, second = (ask(stack.url, address, headers={"Accept-Encoding": encoding}) for _ in range(2))
        assert (first.cache_status, second.cache_status) == ("MISS", "HIT")
        assert second.headers.get("Content-Encoding", "") == encoding
        assert first.body == second.body
        pages[encoding] = unpack(second.body)
    assert pages[""] == pages["gzip"] == pages["br"]
    assert b"The first words." in pages[""]


def test_of_many_who_ask_at_once_for_what_is_not_there_one_is_passed_on(stack):
    with ThreadPoolExecutor(8) as readers:
        answers = list(readers.map(lambda _number: ask(stack.url, "/search/?q=nobody+asked+for+that"), range(8)))
    assert [answer.cache_status for answer in answers].count("MISS") == 1  # other requests may arrive after the second


def test_what_browsers_really_send_is_one_of_the_three_entries(stack, address):
    ask(stack.url, address, headers={"Accept-Encoding": "br"})
    answer = ask(stack.url, address, headers={"Accept-Encoding": CHROMIUM})
    assert (answer.cache_status, answer.headers["Content-Encoding"]) == ("HIT", "br")


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("br;q=0, gzip", "gzip"),
        ("gzip; q=0.0,br;q=0.000", ""),
        ("GZIP;q=0.5 , deflate", "gzip"),
        ("br ; q=0.1", "br"),
        ("x-br, gzipped, *", ""),
    ],
)
def test_what_a_client_will_not_take_it_is_not_sent(stack, address, accepted, sent):
    answer = ask(stack.url, address, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding", "") == sent


def test_who_has_the_page_is_told_so_by_nginx(stack, address):
    first = ask(stack.url, address)
    again = ask(stack.url, address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body, again.cache_status) == (304, b"", "HIT")


def test_an_approval_is_seen_by_everybody_within_two_seconds(stack, address):
    pk = stack.python(
        "from articles.models import Article; from comments.models import Comment\n"
        "from comments.statuses import Status; from tests.conftest import make_comment\n"
        f"article = [one for one in Article.objects.all() if one.get_absolute_url() == {address!r}][0]\n"
        "print(make_comment(article, text='It waited.', status=Status.PENDING).pk)"
    )
    for encoding in UNPACK:
        assert "It waited." not in text_of(stack, address, encoding)
    stack.python(
        "from comments.models import Comment; from comments.moderation.decide import decide\n"
        "from comments.statuses import Status\n"
        "from django.contrib.auth.models import User\n"
        f"decide(Comment.objects.get(pk={pk}), Status.APPROVED, actor=User.objects.get(username='editor'))"
    )
    took = seconds_until(lambda: all("It waited." in text_of(stack, address, encoding) for encoding in UNPACK))
    assert took < SOON + 0.5  # plus the time of three requests


def test_a_page_that_nobody_asked_for_long_is_not_shown_as_it_was(stack, address):
    """Stale-while-revalidate is for a second; the entry itself stays in nginx for a day."""
    assert "Changed" not in text_of(stack, address)
    assert ask(stack.url, "/corrections/").status == 200
    stack.python(
        "from articles.models import Article\n"
        f"article = [one for one in Article.objects.all() if one.get_absolute_url() == {address!r}][0]\n"
        "article.headline = 'Changed'; article.save()"
    )
    time.sleep(SOON + 0.2)  # no upstream request while caches may serve it
    assert "Changed" in text_of(stack, address)
    assert ask(stack.url, "/corrections/").cache_status == "REVALIDATED"  # unchanged: 304 without a body


def test_a_scheduled_article_appears_on_its_second_and_an_ended_one_is_gone_on_its_own(stack):
    begins, ends = (int(time.time()) + seconds for seconds in (3, 5))  # nginx caches a 404 for a second
    address = stack.python(
        "from datetime import UTC, datetime; from tests.conftest import make_article\n"
        f"begins, ends = (datetime.fromtimestamp(at, UTC) for at in ({begins}, {ends}))\n"
        "print(make_article(published_at=begins, unpublish_at=ends).get_absolute_url())"
    )
    shown, asked = [], time.time()
    while asked < ends + 0.7:
        if ask(stack.url, address).status == 200:
            shown.append(asked)
        asked = time.time()
    assert begins - 0.1 < min(shown) < begins + 0.5
    assert ends - 0.5 < max(shown) < ends


@pytest.mark.parametrize("ending", ["yours/", "comments/mine/"])
def test_what_only_one_reader_may_see_is_never_kept(stack, address, ending):
    first, second = (ask(stack.url, address + ending) for _ in range(2))
    assert first.cache_status != "HIT"
    assert second.cache_status != "HIT"
    assert "no-store" in second.headers["Cache-Control"]


def test_what_one_reader_wrote_is_held_and_no_other_sees_it(stack, address):
    """The author's page has its own URL and needs their cookie."""
    answer = send(stack.url, f"{address}comments/", comment="Only mine so far.", name="Ada", sender="127.0.9.1")
    assert answer.status == 303
    cookie = "; ".join(value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie"))
    own = ask(stack.url, f"{address}yours/", headers={"Cookie": cookie})
    assert "Only mine so far." in own.text
    for extra in ({}, {"Cookie": cookie}):
        public = ask(stack.url, address, headers=extra)
        assert "Only mine so far." not in public.text
        assert "Set-Cookie" not in public.headers
        assert "Only mine so far." not in ask(stack.url, f"{address}yours/").text


DAMAGED = """
import os, pickle, redis
from django.core.cache import caches
cache, there = caches["pages"], redis.from_url(os.environ["CACHE_URL"].replace("redis://", "unix://"))
for value in (b"", b"12", b"half of it", b"\\x80\\x05\\x95\\xff", b"cnowhere\\nNothing\\n.", pickle.dumps("words")):
    cache.set("page", b"The page")
    there.set(cache.make_key("page"), value)
    cache._local.clear()
    print(cache.get("page"), cache.get_many(["page"]))
"""


def test_what_cannot_be_read_in_redis_is_as_if_it_were_not_there(stack):
    assert stack.python(DAMAGED).splitlines() == ["None {}"] * 6
