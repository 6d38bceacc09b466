"""Cache key of nginx: which parameters it contains; no query may return the page of another reader."""

from itertools import product
import random
import socket
from urllib.parse import urlsplit

import pytest

from tests.support.full_stack import create_article
from tests.support.http_client import UnixSocketConnection, ask

MADE_UP = 200  # queries


def by_application(stack, path):
    connection = UnixSocketConnection(stack.gunicorn_socket)
    try:
        connection.request("GET", path, headers={"Accept-Encoding": ""})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def kept_in(stack, zone):
    return sum(path.is_file() for path in (stack.folder / zone).rglob("*"))


def body_of(answer):
    """Return the body without the time at which the form was rendered, which differs between workers."""
    return "\n".join(line for line in answer.split("\n") if 'name="rendered"' not in line)


@pytest.mark.parametrize("query", ["utm_source=letter", "fbclid=x&utm_medium=a", "x", "%00x=1&y", "SORT=oldest", "q=1"])
def test_a_parameter_that_the_page_does_not_read_is_no_other_page(stack, address, query):
    first = ask(stack.url, address)
    assert first.status == 200
    if "%00" in query:  # which the application refuses, where it is asked
        assert ask(stack.url, f"/nowhere/?{query}").status == 400
    answer = ask(stack.url, f"{address}?{query}")
    assert answer.cache_status in {"HIT", "STALE", "REVALIDATED", "UPDATING"}
    assert (answer.status, answer.body) == (200, first.body)
    again = ask(stack.url, f"{address}?{query}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    head = ask(stack.url, f"{address}?{query}", method="HEAD")
    assert (head.status, head.headers["ETag"]) == (200, first.headers["ETag"])


def test_a_campaign_leads_to_the_same_front_page_and_an_old_address_is_looked_up_all_the_same(stack):
    stack.python(
        "from django.contrib.redirects.models import Redirect\n"
        "Redirect.objects.get_or_create(site_id=1, old_path='/?p=4711', new_path='/corrections/')"
    )
    assert ask(stack.url, "/").status == 200
    assert ask(stack.url, "/?utm_source=letter&fbclid=x").cache_status in {"HIT", "STALE", "REVALIDATED", "UPDATING"}
    for query in ("p=4711", "p=4711&utm_source=letter"):
        answer = ask(stack.url, f"/?{query}")
        assert (answer.status, answer.headers["Location"].partition("?")[0]) == (301, "/corrections/")


def test_queries_without_end_leave_what_is_kept_of_pages_alone(stack, address):
    ask(stack.url, address)
    ask(stack.url, "/")
    before = kept_in(stack, "cache")
    paths = list(product((address, "/", "/corrections/", f"{address}feed/"), ("x", "after")))
    for number in range(MADE_UP):
        path, name = paths[number % len(paths)]
        assert ask(stack.url, f"{path}?{name}={number}-1").status in {200, 404}
        ask(stack.url, f"{address}?sort=made-up-{number}")
    assert kept_in(stack, "cache") <= before + 2  # /corrections/ and the feed
    assert kept_in(stack, "cache-rare") > MADE_UP


@pytest.fixture
def sorted_page(stack):
    address = create_article(stack)
    stack.python(
        "from articles.models import Article; from tests.conftest import make_comment\n"
        f"article = [one for one in Article.objects.all() if one.get_absolute_url() == {address!r}][0]\n"
        "make_comment(article, text='The second words.')"
    )
    return address


def test_no_query_puts_another_page_in_the_place_of_one(stack, sorted_page):
    """Vary capitals, encoding, repetition and order: the application gets the parameters that the key contains."""
    tricks = ["SORT=oldest", "%73ort=oldest", "sort=newest&sort=oldest", "sort=oldest&sort=newest", "x=1&sort=oldest"]
    tricks += ["sort=oldest;x", "sort[]=oldest", "sort=oldest%26x", "&&sort=oldest&", "sort", "sort=", "asort=oldest"]
    for trick in tricks:
        ask(stack.url, f"{sorted_page}?{trick}")
    for query in ("", "?sort=oldest", "?sort=newest", "?sort="):
        kept = ask(stack.url, f"{sorted_page}{query}").text
        assert body_of(kept) == body_of(by_application(stack, f"{sorted_page}{query}"))
    oldest = ask(stack.url, f"{sorted_page}?sort=oldest").text
    assert oldest.index("The first words.") < oldest.index("The second words.")


def expected(pairs, known):
    """Return the first value of each known parameter, in the order of the key."""
    return "&".join(
        f"{name}={value}" for name in known for value in [dict(reversed(pairs)).get(name)] if value is not None
    )


def test_any_query_gets_what_the_application_says_to_its_known_part(stack, sorted_page):
    chance = random.Random(14)
    names = ["sort", "after", "thread", "reply", "q", "page", "x", "utm_source", "sortx"]
    values = ["oldest", "newest", "1-1", "1", "0", "", "a%20b", "%C3%BC", "99999999999"]
    for path, known in ((sorted_page, ["sort", "after", "thread", "reply"]), ("/search/", ["q", "page"])):
        for _ in range(25):
            pairs = [(chance.choice(names), chance.choice(values)) for _pair in range(chance.randint(1, 4))]
            query = "&".join(f"{name}={value}" for name, value in pairs)
            answer = ask(stack.url, f"{path}?{query}")
            asked = expected(pairs, known)
            assert body_of(answer.text) == body_of(by_application(stack, f"{path}?{asked}")), (query, asked)


def test_the_page_as_it_was_is_shown_for_a_campaign_too(stack, address):
    assert ask(stack.url, address).status == 200
    stack.site.stop()
    try:
        answer = ask(stack.url, f"{address}?utm_source=letter")
        assert answer.status == 200
        assert "The first words." in answer.text
    finally:
        stack.site.start()
    stack.wait_until_ready()


def test_no_answer_tells_the_version_of_nginx(stack):
    for path in ("/nothing.css", "/static/", "/static/newsite/nothing.css"):
        answer = ask(stack.url, path)
        assert answer.headers["Server"] == "nginx"
        assert "nginx/" not in answer.text
    host = urlsplit(stack.url)
    with socket.create_connection((host.hostname, host.port), 10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n")  # no Host: default server
        said = connection.makefile("rb").read()
    assert b"400 Bad Request" in said
    assert b"nginx/" not in said
