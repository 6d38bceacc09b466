"""WSGI application, served by gunicorn."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

from newsite.conf import checks

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsite.settings")
_django = get_wsgi_application()
if _doubts := checks.error_messages():
    raise ImproperlyConfigured(" ".join(_doubts))
_CHARSETS = {"utf-8", "ascii", "iso8859-1", "cp1252"}


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Run Django for requests with a charset that HTTP clients use.

    Python also accepts names of other codecs, such as hex and idna. Django would use these names when it creates the
    request, before any middleware, and fail.
    """
    content_type = environ.get("CONTENT_TYPE")
    if not content_type or _is_readable(content_type):
        return _django(environ, start_response)
    start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"We could not read that: send it as UTF-8.\n"]


def _is_readable(content_type: str) -> bool:
    try:
        _type, parameters = parse_header_parameters(content_type)  # parsed as Django will parse it
        return codecs.lookup(parameters.get("charset", "utf-8")).name in _CHARSETS
    except (LookupError, ValueError):
        return False
