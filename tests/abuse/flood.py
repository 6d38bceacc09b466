"""Simulated flood of comments from new devices, for the tests of attack mode."""

from __future__ import annotations

import html
import itertools
import json
import random
import re
from typing import Any

from altcha import Challenge, Payload, solve_challenge
from django.test import Client

from articles.models import Article
from tests.conftest import send

WORDS = (
    *("harbour", "ferry", "council", "budget", "school", "winter", "storm", "bridge", "market", "train", "nurse"),
    *("teacher", "river", "garden", "engine", "village", "library", "summer", "ticket", "street", "window", "kitchen"),
    *("doctor", "mayor", "football", "concert", "festival", "museum", "weather", "island", "farmer", "bakery"),
    *("police", "lawyer", "music", "theatre", "science", "planet", "energy", "forest", "mountain", "valley"),
)
HONEST_COMMENTS = [
    "I was on that ferry myself, and the crew did all they could.",
    "Why does nobody ask what the new bridge will cost in ten years?",
    "My son starts school there in autumn, so thank you for the photographs.",
    "The minutes of the council are public; page nine says the opposite.",
]
_numbers = itertools.count()


def distinct_text(rng: random.Random) -> str:
    """Return a unique comment of twelve words."""
    return f"{' '.join(rng.choices(WORDS, k=12)).capitalize()}, as number {next(_numbers)} says."


def address(network: int) -> str:
    """Return an address in one of 65,536 networks of /24."""
    return f"10.{network // 256 % 256}.{network % 256}.{network % 250 + 1}"


def attack(article: Article, number: int, *, networks: int = 5000, first: int = 0, rng: random.Random) -> list[Any]:
    """Send comments from fresh devices and return the answers."""
    return [
        send(Client(), article, comment=distinct_text(rng), name=f"Citizen {n}", address=address(first + n % networks))
        for n in range(number)
    ]


def form_fields(page: str) -> dict[str, str]:
    """Return the fields of the proof-of-work form on a page, as a browser would send them."""
    form = re.search(r'<form class="write proof".*?</form>', page, re.DOTALL)
    assert form, "no proof of work on this page"
    fields = {
        name: html.unescape(value) for name, value in re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', form[0])
    }
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", form[0], re.DOTALL)
    assert text
    fields["comment"] = html.unescape(text[1])
    return fields


def solve_page_challenge(page: str) -> str:
    """Solve the proof of work as the page's script does."""
    raw = re.search(r'data-challenge="([^"]*)"', page)
    assert raw
    challenge = Challenge.from_dict(json.loads(html.unescape(raw[1])))
    solution = solve_challenge(challenge)
    assert solution
    return Payload(challenge, solution).to_base64()


def submit_proof_form(
    article: Article, page: Any, *, client: Client | None = None, network: int = 60_000, **overrides: str
) -> Any:
    """Send the form of a page with a proof of work."""
    fields = {**form_fields(page.text), **overrides}
    url, headers = f"{article.get_absolute_url()}comments/", {"Sec-Fetch-Site": "same-origin"}
    return (client or Client()).post(url, fields, headers=headers, REMOTE_ADDR=address(network))
