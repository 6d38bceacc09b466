"""What is written down: a line for people, or with LOG_FORMAT=json an object a line for programs.

Never a name, a text, an address, a cookie, a word that was searched for, or a token. Of an exception it tells where it
was raised, its type, and the first line of what it says without what stands there in quotes: these are values, as in
all the lines behind it. Local variables are never shown.
"""

from __future__ import annotations

from contextvars import ContextVar
from datetime import UTC, datetime
import json
import logging
import re
from traceback import format_tb
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")

_SECRET = re.compile(r"^/(letters|preview)/[^/]+")
_PART = r"[^\s<>\"'()\[\]{},:;/=]"
_ADDRESS = re.compile(rf"(?<!{_PART}){_PART}+@{_PART}+")  # tried at the beginning of each run only: linear
# What stands in quotes is what somebody gave, unless it is a name out of our own code or tables.
_QUOTED = re.compile(r"(?<!constraint )(?<!relation )(?<!column )(?<!table )(?<!attribute )(['\"]).*\1")
_SENDER = re.compile(r" from ip=\S*:")
# Whoever sends such forms would fill the log, and Sentry, with what Django calls an error; they are answered 400.
_SENT_TOO_MUCH = ("TooManyFieldsSent", "TooManyFilesSent", "RequestDataTooBig")
REDACTED_MARK = "…"


def redact_path(path: str) -> str:
    """Without what opens something, and without addresses; the query never comes here."""
    return redact_emails(_SECRET.sub(rf"/\1/{REDACTED_MARK}", path))[:500]


def redact_emails(text: str) -> str:
    return _ADDRESS.sub(REDACTED_MARK, text)


def error_summary(error: BaseException) -> str:
    """Of what it says; without values."""
    line = redact_values(str(error))
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def redact_values(text: str) -> str:
    return redact_emails(_QUOTED.sub(REDACTED_MARK, text.strip().partition("\n")[0]))[:300]


class Formatter(logging.Formatter):
    """`{`-style lines."""

    def formatException(self, ei: Any) -> str:
        return "\n".join(_traceback_lines(ei[1])) if ei[1] else ""

    def format(self, record: logging.LogRecord) -> str:
        return _without_path(record, super().format(record))


class JsonFormatter(Formatter):
    """`said` in a record's extra is added as it is; nothing else of what a record carries is."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": _without_path(record, record.getMessage()),
        }
        if of_request := request_id.get():
            line["request"] = of_request
        line |= getattr(record, "said", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class RedactValuesFilter(logging.Filter):
    """For lines of others, who quote what they could not read, and name who sent it and where to."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_shown(value) for value in record.args)
        record.msg, record.args = redact_values(_SENDER.sub(":", record.getMessage())), ()
        return True


def _shown(value: Any) -> Any:
    return redact_path(value.partition("?")[0]) if isinstance(value, str) and value.startswith("/") else value


def _traceback_lines(error: BaseException) -> list[str]:
    """The frames and the first line, those that led to it first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [*_traceback_lines(cause), "…and then:"] if cause else []
    frames = "".join(format_tb(error.__traceback__)).rstrip()
    return [*before, *([frames] if frames else []), error_summary(error)]


def _without_path(record: logging.LogRecord, line: str) -> str:
    """Django names the path of a request that failed; it may hold a token."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", "")
    return line.replace(path, redact_path(path)) if len(path) > 1 else line


def logging_config(form: str) -> dict[str, Any]:
    """For LOGGING. What readers and staff get wrong is told to them, not to the log."""
    line = {"()": Formatter, "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": line, "json": {"()": JsonFormatter}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json" if form == "json" else "line"}},
        "loggers": {
            "django.request": {"level": "ERROR"},
            "axes": {"level": "ERROR"},
            **{f"django.security.{fault}": {"level": "CRITICAL"} for fault in _SENT_TOO_MUCH},
            "newsite.observability.middleware": {"level": "INFO" if form == "json" else "WARNING"},
        },
        "root": {"handlers": ["console"], "level": "WARNING"},
    }


def gunicorn_logging_config(form: str) -> dict[str, Any]:
    """The same for gunicorn's own lines: of those that serve, and of the one that begins them."""
    lines = logging_config(form)
    console = {**lines["handlers"]["console"], "filters": ["values"]}
    return {
        **lines,
        "filters": {"values": {"()": RedactValuesFilter}},
        "handlers": {"console": console},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False}},
    }
