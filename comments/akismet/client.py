"""Akismet's interface: forms are posted, and a word comes back (akismet.com/developers).

Own code, since the package `akismet` cannot send what was typed into the hidden field, waits without an end for a name
that is not resolved or an answer that drips, and brings seven packages for three posts.
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

TIMEOUT_SECONDS = 5.0  # seconds for each wait
DEADLINE_SECONDS = 10.0  # for everything together

_MAX_RESPONSE_BYTES = 1000  # bytes; "Thanks for making the web a better place." is the longest that means anything
_CORRECTION_ACCEPTED = "Thanks for"
_UNAVAILABLE_STATUSES = {HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}
_USER_AGENT = "newsite/0.1 | comments/0.1"  # as Akismet asks for: the application, the part of it

Result = TypeVar("Result")


class AkismetError(Exception):
    """Akismet could not be asked, or did not answer as it should. Speaks to moderators, and holds nothing of what was
    sent.
    """


class AkismetUnavailable(AkismetError):
    """It cannot be reached, or does not work: it would not answer anything else either."""


def check_comment(fields: Mapping[str, str]) -> AkismetRequest.Answer:
    """Whether that is spam. Raises NoAnswer."""
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
    """Tells it what that was, spam or ham. Raises NoAnswer."""
    said, _headers = _post(f"submit-{kind}", fields)
    if not said.startswith(_CORRECTION_ACCEPTED):
        raise AkismetError(_("Key rejected") if said == "invalid" else _("Correction rejected"))


def is_key_valid() -> bool:
    """Raises NoAnswer."""
    said, _headers = _post("verify-key", {"key": settings.AKISMET_KEY})
    if said not in {"valid", "invalid"}:
        raise AkismetError(_("Unclear answer"))
    return said == "valid"


class _NoRedirects(HTTPRedirectHandler):
    """Nobody is to be sent an address because somebody on the way says so."""

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
    """Raises TimeoutError. A socket's time-out is for one wait; this one also ends names that are not resolved, and
    answers that drip. The thread is left to itself: it ends with its socket, or with the process.
    """
    future: Future[Result] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # raised again where somebody waits for it
            future.set_exception(error)

    threading.Thread(target=run, name="akismet", daemon=True).start()
    return future.result(seconds)
