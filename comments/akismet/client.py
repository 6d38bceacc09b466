"""Client of the Akismet API: form posts with one-word answers (akismet.com/developers).

Own code, because the package `akismet` cannot send the honeypot field, has no deadline for name resolution or slow
responses, and installs seven packages for three requests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException
import threading
from typing import TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.utils.translation import gettext as _

from comments.models import AkismetRequest

TIMEOUT_SECONDS = 5.0  # for each wait
DEADLINE_SECONDS = 10.0  # for the whole request

_MAX_RESPONSE_BYTES = 1000  # the longest known answer is "Thanks for making the web a better place."
_CORRECTION_ACCEPTED = "Thanks for"
_UNAVAILABLE_STATUSES = {HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}
_USER_AGENT = "newsite/0.1 | comments/0.1"  # in Akismet's format: application | plugin

Result = TypeVar("Result")


class AkismetError(Exception):
    """Failed request, or unexpected answer from Akismet.

    The message is shown to moderators. It contains nothing of what was sent.
    """


class AkismetUnavailable(AkismetError):
    """Akismet is unreachable or out of order, so that other requests would fail, too."""


def check_comment(fields: Mapping[str, str]) -> AkismetRequest.Answer:
    """Return whether the comment is spam. Raise AkismetError."""
    said, headers = _post("comment-check", fields)
    match said:
        case "true" if headers.get("X-akismet-pro-tip") == "discard":
            return AkismetRequest.Answer.CERTAIN_SPAM
        case "true":
            return AkismetRequest.Answer.SPAM
        case "false":
            return AkismetRequest.Answer.HAM
        case "invalid":
            raise AkismetError(_("Key or request rejected"))
    raise AkismetError(_("Unclear answer"))


def submit_correction(kind: str, fields: Mapping[str, str]) -> None:
    """Tell Akismet that a comment was spam or ham. Raise AkismetError."""
    said, _headers = _post(f"submit-{kind}", fields)
    if not said.startswith(_CORRECTION_ACCEPTED):
        raise AkismetError(_("Key rejected") if said == "invalid" else _("Correction rejected"))


def is_key_valid() -> bool:
    """Ask Akismet whether the API key is valid. Raise AkismetError."""
    said, _headers = _post("verify-key", {"key": settings.AKISMET_KEY})
    if said not in {"valid", "invalid"}:
        raise AkismetError(_("Unclear answer"))
    return said == "valid"


class _NoRedirects(HTTPRedirectHandler):
    """Reject redirects, so that readers' addresses are sent to no other server."""

    def redirect_request(self, *_args: object) -> None:
        return None


_opener = build_opener(_NoRedirects)


def _post(operation: str, fields: Mapping[str, str]) -> tuple[str, Message]:
    form = {"api_key": settings.AKISMET_KEY, "blog": settings.SITE_URL, **fields}
    request = Request(  # noqa: S310 (AKISMET_URL is http or https: newsite/conf/env.py)
        f"{settings.AKISMET_URL}/1.1/{operation}", urlencode(form).encode(), {"User-Agent": _USER_AGENT}
    )

    def send() -> tuple[str, Message]:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            return response.read(_MAX_RESPONSE_BYTES).decode("ascii", "replace").strip(), response.headers

    try:
        return _run_with_deadline(DEADLINE_SECONDS, send)
    except HTTPError as error:
        with error:
            fault = AkismetUnavailable if error.code in _UNAVAILABLE_STATUSES else AkismetError
            raise fault(_("HTTP status %d") % error.code) from None
    except (OSError, HTTPException) as error:
        raise AkismetUnavailable(_error_message(error)) from None


def _error_message(error: Exception) -> str:
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return _("Timed out")
    if isinstance(cause, OSError) and cause.strerror:
        return _("Unreachable (%s)") % cause.strerror
    return _("Unreachable (%s)") % type(cause).__name__


def _run_with_deadline(seconds: float, work: Callable[[], Result]) -> Result:
    """Run `work` in a thread and return its result. Raise TimeoutError after the deadline.

    A socket timeout limits one wait only. The deadline also covers name resolution and slow responses. The abandoned
    thread ends with its socket or with the process.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised again by future.result()
            future.set_exception(error)

    threading.Thread(target=run, name="akismet", daemon=True).start()
    return future.result(seconds)
