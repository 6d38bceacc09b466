"""Fixtures for tests with Debian's Chromium and the running site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import shutil
from typing import Any

from playwright.sync_api import Browser, BrowserContext
import pytest

from tests.support.live_site import RunningSite, running_site

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

Open = Callable[..., Any]


@pytest.fixture(autouse=True)
def _empty_caches() -> None:
    """Override the fixture: the site is another process with its own caches."""


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is needed: apt-get install chromium"
    return {"executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSite]:
    with running_site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def open_page(browser: Browser, site: RunningSite) -> Iterator[Open]:
    """Return a function that opens a path in a new browser context.

    With `staff`, the user of this name is logged in. `console_errors` of the page collects errors of the console.
    """
    contexts: list[BrowserContext] = []

    def open_page(address: str = "/", *, staff: str = "", **options: Any) -> Any:
        defaults = {"viewport": {"width": 1280, "height": 900}, "base_url": site.url}
        context = browser.new_context(**{**defaults, **options})
        contexts.append(context)
        if staff:
            context.add_cookies([{"name": "sessionid", "value": site.session_id_for(staff), "url": site.url}])
        page: Any = context.new_page()
        page.console_errors = []
        page.on("console", lambda message: message.type == "error" and page.console_errors.append(message.text))
        page.on("pageerror", lambda error: page.console_errors.append(str(error)))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def staff_page(open_page: Open) -> Any:
    return open_page("/admin/", staff="editor")


@pytest.fixture
def quiet_article(site: RunningSite) -> str:
    """Create an article without comments and return its path."""
    code = (
        "from articles.models import Article, Section\n"
        "from django.utils import timezone\n"
        "print(Article.objects.create(headline='Quiet', body='<p>Nothing much.</p>', "
        "section=Section.objects.first(), published_at=timezone.now(), "
        "slug=f'quiet-{timezone.now().timestamp():.6f}'.replace('.', '-')).get_absolute_url())"
    )
    return site.python(code)


SAY = """
from articles.models import Article
from comments.models import *
from comments.statuses import Status
article = Article.objects.latest('pk')
Conversation.objects.get_or_create(article=article)
def say(text, parent=None, name='Grace', **fields):
    comment = Comment(article=article, name=name, text=text, status=Status.APPROVED, **fields)
    comment.set_parent(parent); comment.save(); update_public_counts(comment, 1); return comment

"""


@pytest.fixture
def say(site: RunningSite, quiet_article: str) -> Callable[[str], str]:
    """Return a function that runs code in which say('Text.', parent) creates a comment on `quiet_article`."""
    return lambda code: site.python(SAY + code)


def write(page: Any, comment: str, name: str = "Ada") -> None:
    page.get_by_label("Comment", exact=True).fill(comment)
    page.get_by_label("Name", exact=True).fill(name)


def post(page: Any) -> None:
    page.get_by_role("button", name="Post comment").click()
