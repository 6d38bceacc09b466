"""Sentry, where SENTRY_DSN is set: what broke and where, nothing of whom it happened to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from newsite.observability.logging import redact_path, redact_values

_REQUEST_FIELDS = {"method", "url"}
_DATA_COLLECTION: Any = {  # what send_default_pii=False said before, and more
    "user_info": False,
    "cookies": {"mode": "off"},
    "http_headers": {"request": {"mode": "off"}},
    "http_bodies": [],
    "url_query_params": {"mode": "off"},
    "database_query_data": False,
    "queues": False,
    "stack_frame_variables": False,
}


def init_sentry(dsn: str, *, release: str, **options: Any) -> None:
    """No bodies, headers, cookies, users, queries or local variables; nothing of what went before; no traces."""
    import sentry_sdk  # noqa: PLC0415 (an extra, and 10 MiB in each process that does without it)

    sentry_sdk.init(
        dsn,
        release=release,
        data_collection=_DATA_COLLECTION,
        max_request_body_size="never",
        max_breadcrumbs=0,
        before_send=scrub_event,
        **options,
    )


def scrub_event(event: Any, hint: Any) -> Any:
    """What is left of an event before it is sent."""
    for name in ("user", "extra", "breadcrumbs", "server_name"):
        event.pop(name, None)
    if request := event.get("request"):
        event["request"] = {name: value for name, value in request.items() if name in _REQUEST_FIELDS}
        parts = urlsplit(request.get("url", ""))
        event["request"]["url"] = f"{parts.scheme}://{parts.netloc}{redact_path(parts.path)}"
    if path := event.get("transaction"):
        event["transaction"] = redact_path(path)
    for error in event.get("exception", {}).get("values", []):
        error["value"] = redact_values(error.get("value") or "")
    if entry := event.get("logentry"):
        event["logentry"] = {"message": entry.get("message")}  # as it stands in the code: no values
    return event
