"""Run the Nu HTML checker on every public page of the demo: python -m tests.support.nu_html_checker (Java, npm).

Follow every link from the front page, and add the pages without links to them: errors and rejected forms. Print the
messages of the checker; exit with 1 if there is an error.
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

from tests.support.live_site import REPOSITORY, RunningSite, running_site

CHECKER = REPOSITORY / "var" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
VERSION = "26.9.27"
UNLINKED_PATHS = ["/nothing/", "/search/?q=-", "/search/?q=elephants", "/comments/yours/", "/2026/13/45/x/"]
MAX_PAGES = 2_000
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}


def main() -> int:
    install_checker()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pages = folder / "pages"
        pages.mkdir()
        with running_site(folder) as site:
            addresses = {write_page(pages, html, n): address for n, (address, html) in enumerate(crawl(site))}
        return print_report(addresses, run_checker(pages))


def install_checker() -> None:
    if missing := [program for program in ("java", "npm") if not shutil.which(program)]:
        sys.exit(f"Please install {' and '.join(missing)} first.")
    if not CHECKER.exists():
        prefix = str(REPOSITORY / "var")
        subprocess.run(["npm", "install", "--prefix", prefix, "--no-save", f"vnu-jar@{VERSION}"], check=True)


def crawl(site: RunningSite) -> Iterator[tuple[str, str]]:
    """Yield path and HTML of every HTML response, whatever its status."""
    visited: set[str] = set()
    queue = ["/", *UNLINKED_PATHS]
    form = ""
    while queue and len(visited) < MAX_PAGES:
        address = queue.pop(0)
        if address in visited or address.startswith(("/admin/", "/static/", "/media/")):
            continue
        visited.add(address)
        html = fetch_html(site, "GET", address)
        if html is None:
            continue
        yield address, html
        links = Links(html)
        queue += [path for link in links.addresses if (path := _local_path(site, address, link))]
        form = form or next((action for action in links.forms if action.endswith("/comments/")), "")
    invalid_fields, valid_fields = {"comment": "", "name": "x" * 99}, {"comment": "I was there.", "name": "Ada"}
    for description, fields in (("a form with faults", invalid_fields), ("a form from elsewhere", valid_fields)):
        headers = FORM if description == "a form with faults" else {**FORM, "Sec-Fetch-Site": "cross-site"}
        if html := fetch_html(site, "POST", form, urlencode(fields), headers):
            yield f"{form} ({description})", html


def fetch_html(
    site: RunningSite, method: str, address: str, body: str = "", headers: dict[str, str] | None = None
) -> str | None:
    """Return the HTML of a page; None for redirects, feeds and files."""
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc, timeout=30)
    connection.request(method, address, body or None, headers or {})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    is_page = (response.getheader("Content-Type") or "").startswith("text/html") and not response.getheader("Location")
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


def _local_path(site: RunningSite, page: str, link: str) -> str:
    whole = urldefrag(urljoin(f"{site.url}{page}", link)).url
    return whole.removeprefix(site.url) if whole.startswith(f"{site.url}/") else ""


def write_page(folder: Path, html: str, number: int) -> str:
    file = folder / f"{number:04}.html"
    file.write_text(html)
    return file.name


def run_checker(pages: Path) -> list[dict[str, object]]:
    command = ["java", "-Xss4m", "-jar", str(CHECKER), "--format", "json", "--stdout", "--exit-zero-always", str(pages)]
    process = subprocess.run(command, check=True, capture_output=True, text=True)
    messages: list[dict[str, object]] = json.loads(process.stdout)["messages"]
    return messages


def print_report(addresses: dict[str, str], messages: list[dict[str, object]]) -> int:
    """Print each message once, with its first page and the number of others; return the exit status."""
    addresses_by_message: dict[tuple[str, str, str], list[str]] = {}
    for message in messages:
        key = (str(message["type"]), str(message.get("subType", "")), str(message["message"]))
        addresses_by_message.setdefault(key, []).append(addresses[Path(str(message["url"])).name])
    for (kind, sub, words), found_on in addresses_by_message.items():
        print(f"{sub or kind}: {words}\n    {found_on[0]}" + (f" and {len(found_on) - 1} more" if found_on[1:] else ""))
    errors = sum(len(found_on) for (kind, _sub, _words), found_on in addresses_by_message.items() if kind != "info")
    warnings = sum(len(found_on) for found_on in addresses_by_message.values()) - errors
    print(f"{len(addresses)} pages, {errors} errors, {warnings} warnings.")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
