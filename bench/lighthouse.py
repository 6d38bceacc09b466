"""Lighthouse on the front page and on an article.

Usage: python -m bench.lighthouse [ROUNDS] (needs npm and Debian's chromium)

Uses the servers of deploy/ and the demo article with the most comments. Prints the median of ROUNDS (default 5) for
each preset, the size of the downloads, and the failed audits.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
from typing import Any

from tests.support.full_stack import running_stack
from tests.support.live_site import REPOSITORY

VERSION = "12.8.2"
PROGRAM = REPOSITORY / "var/node_modules/.bin/lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic"
MOST_DISCUSSED = """
from comments.models import Conversation
print(Conversation.objects.order_by("-public_count")[0].article.get_absolute_url())
"""


def main() -> None:
    need_lighthouse()
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    with running_stack() as stack:
        stack.worker.start()  # the worker draws the renditions
        for address in ("/", stack.python(MOST_DISCUSSED)):
            for preset in ("desktop", "mobile"):
                report(address, preset, [look(f"{stack.url}{address}", preset) for _ in range(rounds)])


def need_lighthouse() -> None:
    if missing := [program for program in ("npm", "chromium") if not shutil.which(program)]:
        sys.exit(f"Please install {' and '.join(missing)} first.")
    if not PROGRAM.exists():
        prefix = str(REPOSITORY / "var")
        subprocess.run(["npm", "install", "--prefix", prefix, "--no-save", f"lighthouse@{VERSION}"], check=True)


def look(url: str, preset: str) -> Any:
    """Run Lighthouse. Retry once if it loses its trace (NO_NAVSTART), as its error message advises."""
    command = [PROGRAM, url, "--quiet", "--output=json", f"--chrome-flags={FLAGS}"]
    command += ["--preset=desktop"] if preset == "desktop" else []
    command += [f"--only-categories={','.join(CATEGORIES)}"]
    environment = {**os.environ, "CHROME_PATH": str(shutil.which("chromium"))}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout)


def report(address: str, preset: str, reports: list[Any]) -> None:
    scores = {
        name: statistics.median(each["categories"][name]["score"] * 100 for each in reports) for name in CATEGORIES
    }
    print(f"{address} {preset}: " + ", ".join(f"{name} {score:.0f}" for name, score in scores.items()))
    audits = reports[0]["audits"]
    for name in (
        "first-contentful-paint",
        "largest-contentful-paint",
        "total-blocking-time",
        "cumulative-layout-shift",
    ):
        print(f"  {name}: {statistics.median(each['audits'][name]['numericValue'] for each in reports):.3g}")
    for item in audits.get("resource-summary", {}).get("details", {}).get("items", []):
        print(f"  {item['label']}: {item['requestCount']}, {item['transferSize'] / 1000:.1f} kB")
    for audit in audits.values():
        if audit["score"] is not None and audit["score"] < 0.9 and audit["scoreDisplayMode"] in {"binary", "numeric"}:
            print(f"  wanting: {audit['id']} {audit.get('displayValue', '')}")


if __name__ == "__main__":
    main()
