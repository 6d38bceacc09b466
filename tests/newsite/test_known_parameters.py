"""Query parameters: deploy/nginx.conf passes on exactly those that public pages read."""

from collections import defaultdict
import contextlib
import re
from urllib.parse import urlencode

from django.contrib.flatpages.models import FlatPage
from django.http import Http404, QueryDict
from django.test import RequestFactory
from django.urls import resolve
import pytest

from articles.models import Author, Tag
from comments.threads.pages import Sort
from newsite.db.replica.router import is_public_view
from tests.conftest import make_article, make_comment
from tests.support.routes import site_routes
from tests.support.template_databases import REPOSITORY

pytestmark = pytest.mark.django_db
NGINX = (REPOSITORY / "deploy/nginx.conf").read_text()


def block(variable):
    return re.search(rf"^map [^{{]+ \${variable}\s+\{{\n(.*?)\n\}}", NGINX, re.DOTALL | re.MULTILINE)[1]


def rows(text):
    """Return the pairs of an nginx map, without its comments."""
    lines = [line.partition(" #")[0].strip().rstrip(";") for line in text.splitlines()]
    return [(name.strip('"'), value.strip('"')) for name, value in (line.rsplit(None, 1) for line in lines if line)]


def kind_of(path):
    kinds = rows(block("newsite_kind"))
    for pattern, kind in kinds:
        if pattern == path or (pattern.startswith("~") and re.search(pattern[1:], path)):
            return kind
    return dict(kinds)["default"]


def passed_on(kind):
    value = dict(rows(block("newsite_parameters")))[
        kind if kind in dict(rows(block("newsite_parameters"))) else "default"
    ]
    return {
        re.search(rf"map \$args \$newsite_{name}\s.*?>({name})=", NGINX)[1]
        for name in re.findall(r"newsite_(\w+?)(?=\$|$)", value)
    }


class Noted(QueryDict):
    """QueryDict that records which parameters are read."""

    def __init__(self, query):
        self.asked = set()
        super().__init__(query)
        self.asked.clear()

    def __getitem__(self, name):
        self.asked.add(name)
        return super().__getitem__(name)

    def __contains__(self, name):
        self.asked.add(name)
        return super().__contains__(name)

    def get(self, name, default=None):
        self.asked.add(name)
        return super().get(name, default)

    def getlist(self, name, default=None):
        self.asked.add(name)
        return super().getlist(name, default)


@pytest.fixture
def addresses():
    """Return one address of each kind of public page."""
    article = make_article()
    article.authors.add(Author.objects.create(name="Ada", slug="ada"))
    article.tags.add(Tag.objects.create(name="Tides", slug="tides"))
    make_comment(article)
    FlatPage.objects.create(url="/imprint/", title="Imprint")
    path = article.get_absolute_url()
    lists = [f"/{each}/" for each in ("section/town", "author/ada", "tag/tides")]
    return [
        *("/", path, f"{path}feed/", f"{path}comments/published/", *lists),
        *(f"{each}feed/{kind}" for each in lists for kind in ("", "atom/")),
        *("/corrections/", "/search/", "/comments/feed/", "/feed/", "/feed/atom/", "/imprint/"),
        *("/sitemap.xml", "/sitemap/page-0.xml", "/news-sitemap.xml", "/robots.txt"),
        f"/media/images/2026/01/{'0' * 64}.jpg",
    ]


def read_by(path):
    request = RequestFactory().get(path)
    asked = set()
    for query in (
        {},
        {"after": "1-1", "sort": "oldest"},
        {"thread": "1", "after": "1", "reply": "1"},
        {"q": "x", "page": "1"},
    ):
        request.GET = noted = Noted(urlencode(query))
        match = resolve(path)
        with contextlib.suppress(Http404):
            match.func(request, *match.args, **match.kwargs)
        asked |= noted.asked
    return asked


def test_nginx_passes_on_what_each_public_page_reads_and_nothing_else(addresses):
    found = {path: read_by(path) for path in addresses}
    by_kind = defaultdict(set)
    for path, asked in found.items():
        by_kind[kind_of(path)] |= asked
    assert {
        kind: names for kind, names in by_kind.items() if kind in {"article", "list", "search", "plain", "front"}
    } == {
        "article": passed_on("article"),
        "list": passed_on("list"),
        "search": passed_on("search"),
        "plain": set(),
        "front": set(),  # looked up by the whole query
    }
    assert by_kind["other"] == set()
    assert passed_on("article") == {"sort", "after", "thread", "reply"}


def test_no_public_page_is_missing_here(addresses):
    public = {pattern.name for pattern in site_routes() if is_public_view(pattern_match(pattern))}
    assert {resolve(path).url_name for path in addresses} == public


def pattern_match(pattern):
    """Return what `is_public` looks at."""
    return type("Match", (), {"func": pattern.callback})


def test_what_only_one_reader_sees_or_sends_keeps_its_query(addresses):
    article = addresses[1]
    for path in (
        f"{article}yours/",
        f"{article}comments/",
        "/comments/yours/",
        "/preview/x/",
        "/letters/x/",
        "/comments/1/",
    ):
        assert kind_of(path) == "other"


def test_each_order_of_a_conversation_is_kept_with_the_pages():
    orders = re.findall(r'"article sort=([a-z]+)" +newsite;', block("newsite_zone"))
    assert set(orders) == set(Sort.values)
