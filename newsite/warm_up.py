"""Work that a gunicorn worker does before its first request. It needs no database."""

from __future__ import annotations

from django.urls import get_resolver

from comments.text.warm_up import build_tables


def warm_up() -> None:
    build_tables()
    _imported = get_resolver().url_patterns  # with all views
