"""Log formats: a line of text, or with LOG_FORMAT=json one JSON object per line.

Logs contain no names, texts, addresses, cookies, search words or tokens. An exception is logged with its traceback,
its type and the first line of its message. Quoted parts of the message and all further lines are removed, because
they contain values. Local variables are never logged.
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
_ADDRESS = re.compile(rf"(?<!{_PART}){_PART}+@{_PART}+")  # matched only at the beginning of each run, so linear
# Quoted text is a value of a user, unless it is the name of a constraint, table, column or attribute.
_QUOTED = re.compile(r"(?<!constraint )(?<!relation )(?<!column )(?<!table )(?<!attribute )(['\"]).*\1")
_SENDER = re.compile(r" from ip=\S*:")
# Django logs these as errors, so such forms could fill the log and Sentry. They are answered with 400.
_SENT_TOO_MUCH = ("TooManyFieldsSent", "TooManyFilesSent", "RequestDataTooBig")
REDACTED_MARK = "…"


def redact_path(path: str) -> str:
    """Remove tokens and email addresses from a path without query."""
    return redact_emails(_SECRET.sub(rf"/\1/{REDACTED_MARK}", path))[:500]


def redact_emails(text: str) -> str:
    return _ADDRESS.sub(REDACTED_MARK, text)


def error_summary(error: BaseException) -> str:
    """Return the type and the redacted first line of the message."""
    line = redact_values(str(error))
    return f"{type(error).__name__}: {line}" if line else type(error).__name__


def redact_values(text: str) -> str:
    return redact_emails(_QUOTED.sub(REDACTED_MARK, text.strip().partition("\n")[0]))[:300]


class Formatter(logging.Formatter):
    """Formatter for `{`-style lines."""

    def formatException(self, ei: Any) -> str:
        return "\n".join(_traceback_lines(ei[1])) if ei[1] else ""

    def format(self, record: logging.LogRecord) -> str:
        return _without_path(record, super().format(record))


class JsonFormatter(Formatter):
    """Formatter for JSON, with the fields in `said` of a record's extra; all other extra fields are dropped."""

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
    """Redact records of other libraries, which quote unreadable input, client addresses and paths."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(_shown(value) for value in record.args)
        record.msg, record.args = redact_values(_SENDER.sub(":", record.getMessage())), ()
        return True


def _shown(value: Any) -> Any:
    return redact_path(value.partition("?")[0]) if isinstance(value, str) and value.startswith("/") else value


def _traceback_lines(error: BaseException) -> list[str]:
    """Return the frames and the summary of each exception in the chain, the first cause first."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    before = [*_traceback_lines(cause), "…and then:"] if cause else []
    frames = "".join(format_tb(error.__traceback__)).rstrip()
    return [*before, *([frames] if frames else []), error_summary(error)]


def _without_path(record: logging.LogRecord, line: str) -> str:
    """Redact the path in a line, because Django logs the path of failed requests, which may contain a token."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", "")
    return line.replace(path, redact_path(path)) if len(path) > 1 else line


def logging_config(form: str) -> dict[str, Any]:
    """Return LOGGING. Errors of readers and staff are shown to them, not logged."""
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
    """Return the same configuration for gunicorn's own lines, from workers and the master process."""
    lines = logging_config(form)
    console = {**lines["handlers"]["console"], "filters": ["values"]}
    return {
        **lines,
        "filters": {"values": {"()": RedactValuesFilter}},
        "handlers": {"console": console},
        "loggers": {"gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False}},
    }
