"""Checks of production settings, which stop the start.

They do not apply with DEBUG or with loopback addresses (./run, the tests).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from newsite.conf.env import DEFAULT_SITE_URL, env, is_loopback

MIN_SECRET_KEY_LENGTH, MIN_SECRET_KEY_DISTINCT = 40, 5
_MIN_PREFIX_LENGTHS = {4: 8, 6: 16}  # of a network of trusted proxies; no site owns a larger one


@register("newsite", deploy=True)
def check_production(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[CheckMessage]:
    return [*_proxies(), *_address(), *_secret(), *_letters(), *_static_files()]


def error_messages() -> list[str]:
    """Return the message of each error; any error stops the start."""
    return [str(message.msg) for message in check_production()]


def _proxies() -> list[CheckMessage]:
    for proxy in settings.TRUSTED_PROXIES:
        if not isinstance(proxy, str) and proxy.prefixlen < _MIN_PREFIX_LENGTHS[proxy.version]:
            text = f"TRUSTED_PROXIES contains {proxy}, so any client could fake its address. List your own proxies."
            return [Error(text, id="newsite.E001")]
    return []


def _address() -> list[CheckMessage]:
    if settings.DEBUG or settings.SITE_URL != DEFAULT_SITE_URL or "SITE_URL" in env.ENVIRON:
        return []
    return [
        Error(
            "SITE_URL is not set. Set it to the site's own address, such as https://news.example.org.",
            id="newsite.E002",
        )
    ]


def _secret() -> list[CheckMessage]:
    key = settings.SECRET_KEY
    is_good = (
        len(key) >= MIN_SECRET_KEY_LENGTH
        and len(set(key)) >= MIN_SECRET_KEY_DISTINCT
        and not key.startswith("django-insecure-")
    )
    if settings.DEBUG or is_good or is_loopback(settings.SITE_URL):
        return []
    text = "SECRET_KEY can be guessed. Use 50 random characters: anyone who knows it can pose as any reader."
    return [Error(text, id="newsite.E003")]


def _letters() -> list[CheckMessage]:
    is_printing = settings.EMAIL_BACKEND.endswith("console.EmailBackend")
    if not is_printing or settings.DEBUG or "EMAIL_URL" in env.ENVIRON or is_loopback(settings.SITE_URL):
        return []
    text = (
        "EMAIL_URL is not set, so emails with readers' addresses would go into the log. "
        "Set it to the mail server, or to dummymail:// for none."
    )
    return [Error(text, id="newsite.E005")]


def _static_files() -> list[CheckMessage]:
    if settings.STATIC_ROOT is None or (Path(settings.STATIC_ROOT) / "staticfiles.json").is_file():
        return []
    return [Error("STATIC_ROOT has no files of newsite. Run manage.py collectstatic first.", id="newsite.E004")]
