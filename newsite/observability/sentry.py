"""Sentry, if SENTRY_DSN is set: errors and their location, without data of readers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from newsite.observability.logging import redact_path, redact_values

_REQUEST_FIELDS = {"method", "url"}
_DATA_COLLECTION: Any = {  # same as send_default_pii=False, and more
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
    """Initialize Sentry without bodies, headers, cookies, users, queries, local variables, breadcrumbs and traces."""
    import sentry_sdk  # noqa: PLC0415 (optional, and 10 MiB per process)

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
    """Remove personal data from an event before it is sent."""
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
        event["logentry"] = {"message": entry.get("message")}  # the format string in the code, without values
    return event
