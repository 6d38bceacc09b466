"""Common fixtures and factories: articles, comments, staff and readers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
import gc
import itertools
import os
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.cache import caches
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
import pytest

from articles.models import Article, Section
from comments.forms import sign_time
from comments.identity import set_device_cookie
from comments.models import Comment, Conversation, Decision, update_public_counts
from comments.rules.builtin import ESTABLISHED_MIN_APPROVED
from comments.statuses import Cause, Status
from comments.submission.collect_facts import hash_text
from comments.text import confusables
from tests.support import wxr_builder
from tests.support.fake_akismet_server import FakeAkismet, running_fake_akismet
from tests.support.fast_flush import install_fast_flush
from tests.support.full_stack import Stack, running_stack
from tests.support.template_databases import copy_migrated
from tests.support.two_hosts import Hosts, running_hosts

_numbers = itertools.count(1)

# Files whose database tests run on SQLite, too: the code has a branch for each engine, locks, or builds unusual SQL.
ENGINE_DEPENDENT = frozenset(
    f"test_{name}.py"
    for name in """
    admin_list_filters akismet_invariants article_lists article_model background_jobs backtest
    backup bulk bulk_concurrency cluster_concurrency clusters comment_importer compiled_query
    concurrency concurrent_article_saves counters database_outage demo export flood front_page
    import_disqus import_wordpress invariants list_pages migrations moderation one_row_models
    own_comments permissions personal_data post_comment query_plans queue_navigation
    queue_query_plans queue_selection rate_limits recommendations redirects related replica reports
    retention search search_page stats submission threads word_list worker
    """.split()  # noqa: SIM905 (a table)
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that use the database of the test process as `database`, and those in ENGINE_DEPENDENT as `sqlite`.

    Tests that start a process with its own database carry the mark `database` in their source.
    """
    for item in items:
        if item.get_closest_marker("django_db") or "django_db_setup" in getattr(item, "fixturenames", ()):
            item.add_marker("database")
            if item.path.name in ENGINE_DEPENDENT:
                item.add_marker("sqlite")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Exclude all present objects from garbage collection, which took an eighth of the time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Keep the test database on SQLite only: it is a copy of a template that the next run replaces."""
    return connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the SQLite test database from a migrated template, and speed up the flush after tests."""
    install_fast_flush(connection)
    test = connection.settings_dict["TEST"]
    if connection.vendor == "sqlite":
        copy_migrated(Path(test["NAME"]))
        test["MIGRATE"] = False


@pytest.fixture(autouse=True)
def _empty_caches() -> Iterator[None]:
    for cache in caches.all(initialized_only=True):
        cache.clear()
    yield
    for cache in caches.all(initialized_only=True):
        cache.clear()


def examples(number: int) -> int:
    """Return the number of examples for a property test: twenty times as many if THOROUGH is set."""
    return number * (20 if os.environ.get("THOROUGH") else 1)


def make_article(**fields: Any) -> Article:
    number = next(_numbers)
    section, _ = Section.objects.get_or_create(slug="town", defaults={"name": "Town"})
    defaults = {
        "headline": f"Headline {number}",
        "body": "<p>Once upon a time.</p>",
        "section": section,
        "published_at": timezone.now() - timedelta(hours=1),
    }
    return Article.objects.create(**{**defaults, **fields})


def make_comment(article: Article, *, parent: Comment | None = None, **fields: Any) -> Comment:
    """Create a comment with its first Decision, and update the counts of its conversation."""
    number = next(_numbers)
    defaults = {"name": "Ada", "text": f"Comment {number}", "status": Status.APPROVED, "device": f"device-{number}"}
    comment = Comment(article=article, **{**defaults, **fields})
    comment.text_hash, comment.name_key = hash_text(comment.text), confusables.confusable_key(comment.name)
    comment.set_parent(parent)
    comment.save()
    Decision.objects.create(comment=comment, from_status=None, to_status=comment.status, cause=Cause.SUBMITTED)
    if comment.is_public():
        Conversation.objects.get_or_create(article=article)
        update_public_counts(comment, +1)
    return comment


def send(client: Client, article: Article, *, rendered: datetime | None = None, **fields: Any) -> Any:
    """Send the comment form like a browser, a minute after the page was rendered. Fields that are None are left out."""
    at = rendered or timezone.now() - timedelta(minutes=1)
    data = {"comment": "I was there.", "name": "Ada", "parent": "", "website": "", "rendered": sign_time(at)}
    headers = fields.pop("headers", {"Sec-Fetch-Site": "same-origin"})
    extra = {"REMOTE_ADDR": fields.pop("address")} if "address" in fields else {}
    data = {name: value for name, value in {**data, **fields}.items() if value is not None}
    return client.post(f"{article.get_absolute_url()}comments/", data, headers=headers, **extra)


def trusted_client(article: Article) -> Client:
    """Return the client of a reader with an approved comment."""
    client = Client()
    send(client, article, comment=f"My first one, number {next(_numbers)}.")
    Comment.objects.filter(device=Comment.objects.latest("pk").device).update(
        status=Status.APPROVED, created_at=timezone.now() - timedelta(days=2)
    )
    return client


def established_client() -> Client:
    """Return the client of a reader with enough approved comments for the highest limits of a device."""
    at, device = timezone.now() - timedelta(days=2), f"established-{next(_numbers)}"
    for _ in range(ESTABLISHED_MIN_APPROVED):
        make_comment(make_article(), device=device, created_at=at, decided_at=at)
    return client_of(device)


def client_of(device: str) -> Client:
    """Return a client with the cookie of this device."""
    client, response = Client(), HttpResponse()
    set_device_cookie(response, device)
    client.cookies.update(response.cookies)
    return client


def make_user(name: str, group: str) -> User:
    user = User.objects.create_user(name, password="secret", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def akismet(settings: Any) -> Iterator[FakeAkismet]:
    """Run a fake Akismet, and configure the site for it. It reports no comment as spam unless `verdict` is set."""
    with running_fake_akismet() as server:
        settings.AKISMET_KEY, settings.AKISMET_URL = "0123456789ab", server.url
        yield server


@pytest.fixture(params=["sample", "WordPress"])
def wordpress_export(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return the sample export, then WordPress's own test export; skip the latter without its file."""
    if request.param == "sample":
        path = tmp_path / "export.xml"
        path.write_text(wxr_builder.sample_export())
        return path
    if not wxr_builder.WORDPRESS_TEST_EXPORT.exists():
        pytest.skip(f"{wxr_builder.WORDPRESS_TEST_EXPORT} does not exist: set WORDPRESS_TEST_EXPORT")
    return wxr_builder.WORDPRESS_TEST_EXPORT


@pytest.fixture
def article(db: None) -> Article:
    return make_article()


@pytest.fixture
def moderator(db: None) -> User:
    return make_user("moderator", "Moderators")


@pytest.fixture
def deputy(db: None) -> User:
    return make_user("deputy", "Moderators")


@pytest.fixture
def reporter(db: None) -> User:
    return make_user("reporter", "Reporters")


@pytest.fixture
def editor(db: None) -> User:
    return make_user("editor", "Editors")


@pytest.fixture
def moderator_client(moderator: User) -> Client:
    return _logged_in(moderator)


@pytest.fixture
def deputy_client(deputy: User) -> Client:
    return _logged_in(deputy)


@pytest.fixture
def editor_client(editor: User) -> Client:
    return _logged_in(editor)


def _logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Run the complete stack, once for all tests; each test leaves it running and working."""
    with running_stack() as running:
        yield running


@pytest.fixture(scope="session")
def hosts() -> Iterator[Hosts]:
    """Run two hosts with a replica, once for all tests; each test leaves them running and working."""
    with running_hosts() as running:
        yield running
