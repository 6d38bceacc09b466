"""Exports to move in with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.wxr import author, category, comment, post, wxr

THE_REAL_ONE = Path(__file__).parents[3] / "shared/data/themeunittestdata.wordpress.xml"  # not ours: it stays there


@pytest.fixture
def real_export(tmp_path: Path) -> Path:
    """One that WordPress has written; where there is none, one of ours with a bit of everything."""
    if THE_REAL_ONE.exists():
        return THE_REAL_ONE
    path = tmp_path / "export.xml"
    path.write_text(_a_bit_of_everything())
    return path


def _a_bit_of_everything() -> str:
    posts: list[dict[str, Any]] = [
        {},
        {"status": "draft", "slug": "", "link": "https://old.example/?p=2"},
        {"status": "future", "date": "2090-01-01 12:00:00"},
        {"post_password": "enter"},
        {"post_type": "page", "link": "https://old.example/about/"},
        {"post_type": "nav_menu_item"},
        {"title": "", "content": ""},
        {"content": "<!-- wp:paragraph -->\n<p>Some <strong>text</strong>.</p>\n<!-- /wp:paragraph -->"},
        {"content": "One\n\nTwo [caption width='3']<img src='a.png' alt='A'> A[/caption]\n[unknown a=b]"},
    ]
    kinds = ["", "comment", "pingback", "trackback"]
    inside = [
        comment(10 * n + m, parent=10 * n + m - 1 if m % 2 else 0, comment_approved=str(m % 3 % 2), comment_type=kind)
        for n in range(1, len(posts) + 1)
        for m, kind in enumerate(kinds)
    ]
    items = [post(n, *inside[4 * n - 4 : 4 * n], **fields) for n, fields in enumerate(posts, start=1)]
    return wxr(author(), category("town", "Town"), *items)
