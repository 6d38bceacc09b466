"""Debian's Chromium against the running site."""

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
    """The site is another process, with caches of its own."""


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
    """Opens an address in a browser of its own (its cookies, its storage) that reports what its console says; with
    `staff`, somebody of this name is logged in there.
    """
    contexts: list[BrowserContext] = []

    def open_page(address: str = "/", *, staff: str = "", **options: Any) -> Any:
        defaults = {"viewport": {"width": 1280, "height": 900}, "base_url": site.url}
        context = browser.new_context(**{**defaults, **options})
        contexts.append(context)
        if staff:
            context.add_cookies([{"name": "sessionid", "value": site.session_of(staff), "url": site.url}])
        page: Any = context.new_page()
        page.complaints = []
        page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
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
    """The address of an article that nobody has commented yet, or few have."""
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
    """Runs code in which say('Text.', parent) lets somebody comment under the quiet article."""
    return lambda code: site.python(SAY + code)


def write(page: Any, comment: str, name: str = "Ada") -> None:
    page.get_by_label("Comment", exact=True).fill(comment)
    page.get_by_label("Name", exact=True).fill(name)


def post(page: Any) -> None:
    page.get_by_role("button", name="Post comment").click()
