"""Debian's Chromium against the running site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
import shutil
from typing import Any

from playwright.sync_api import Browser, BrowserContext
import pytest

from tests.site import PASSWORD, RunningSite, running_site

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
    """Opens an address in a browser of its own (its cookies, its storage) that reports what its console says."""
    contexts: list[BrowserContext] = []

    def open_page(address: str = "/", **options: Any) -> Any:
        defaults = {"viewport": {"width": 1280, "height": 900}, "base_url": site.url}
        context = browser.new_context(**{**defaults, **options})
        contexts.append(context)
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
    page = open_page("/admin/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    return page
