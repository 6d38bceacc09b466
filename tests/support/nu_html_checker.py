"""Run the Nu HTML checker on every public page of the demo: python -m tests.support.nu_html_checker (Java, npm).

Follows every link from the front page, and adds what no link leads to: faults, forms that come back, what only its
author sees. Prints what the checker says; ends with 1 if there is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
import http.client
import json
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

from tests.support.live_site import HERE, RunningSite, running_site

CHECKER = HERE / "var" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
VERSION = "26.9.27"
NO_LINK_LEADS_TO = ["/nothing/", "/search/?q=-", "/search/?q=elephants", "/comments/yours/", "/2026/13/45/x/"]
MOST = 2_000  # pages
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


def main() -> int:
    need_checker()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = folder / "pages"
        pages.mkdir()
        with running_site(folder) as site:
            addresses = {keep(pages, html, n): address for n, (address, html) in enumerate(every_page(site))}
        return report(addresses, check(pages))


def need_checker() -> None:
    if missing := [program for program in ("java", "npm") if not shutil.which(program)]:
        sys.exit(f"Please install {' and '.join(missing)} first.")
    if not CHECKER.exists():
        prefix = str(HERE / "var")
        subprocess.run(["npm", "install", "--prefix", prefix, "--no-save", f"vnu-jar@{VERSION}"], check=True)


def every_page(site: RunningSite) -> Iterator[tuple[str, str]]:
    """Addresses and HTML of what answers with HTML, whatever its status."""
    seen: set[str] = set()
    waiting = ["/", *NO_LINK_LEADS_TO]
    form = ""
    while waiting and len(seen) < MOST:
        address = waiting.pop(0)
        if address in seen or address.startswith(("/admin/", "/static/", "/media/")):
            continue
        seen.add(address)
        html = ask(site, "GET", address)
        if html is None:
            continue
        yield address, html
        links = Links(html)
        waiting += [to for link in links.addresses if (to := _of_this_site(site, address, link))]
        form = form or next((action for action in links.forms if action.endswith("/comments/")), "")
    faults, fine = {"comment": "", "name": "x" * 99}, {"comment": "I was there.", "name": "Ada"}
    for what, fields in (("a form with faults", faults), ("a form from elsewhere", fine)):
        headers = FORM if what == "a form with faults" else {**FORM, "Sec-Fetch-Site": "cross-site"}
        if html := ask(site, "POST", form, urlencode(fields), headers):
            yield f"{form} ({what})", html


def ask(
    site: RunningSite, method: str, address: str, body: str = "", headers: dict[str, str] | None = None
) -> str | None:
    """None for what is no page: a redirect, a feed, a file."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    connection.request(method, address, body or None, headers or {})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    is_page = (answer.getheader("Content-Type") or "").startswith("text/html") and not answer.getheader("Location")
    return text.decode() if is_page else None


class Links(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.forms: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and (address := attributes.get("href")):
            self.addresses.append(address)
        elif tag == "form" and attributes.get("method") == "post" and (address := attributes.get("action")):
            self.forms.append(address)


def _of_this_site(site: RunningSite, page: str, link: str) -> str:
    whole = urldefrag(urljoin(f"{site.url}{page}", link)).url
    return whole.removeprefix(site.url) if whole.startswith(f"{site.url}/") else ""


def keep(folder: Path, html: str, number: int) -> str:
    file = folder / f"{number:04}.html"
    file.write_text(html)
    return file.name


def check(pages: Path) -> list[dict[str, object]]:
    command = ["java", "-Xss4m", "-jar", str(CHECKER), "--format", "json", "--stdout", "--exit-zero-always", str(pages)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    messages: list[dict[str, object]] = json.loads(done.stdout)["messages"]
    return messages


def report(addresses: dict[str, str], messages: list[dict[str, object]]) -> int:
    """Each thing that is said once, with the first page and how many more."""
    said: dict[tuple[str, str, str], list[str]] = {}
    for message in messages:
        what = (str(message["type"]), str(message.get("subType", "")), str(message["message"]))
        said.setdefault(what, []).append(addresses[Path(str(message["url"])).name])
    for (kind, sub, words), where in said.items():
        print(f"{sub or kind}: {words}\n    {where[0]}" + (f" and {len(where) - 1} more" if where[1:] else ""))
    errors = sum(len(where) for (kind, _sub, _words), where in said.items() if kind != "info")
    warnings = sum(len(where) for where in said.values()) - errors
    print(f"{len(addresses)} pages, {errors} errors, {warnings} warnings.")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
