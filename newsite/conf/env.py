"""Typed readers of environment variables. An invalid value stops the start with a message that names the variable."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formataddr, parseaddr
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
import os
from pathlib import Path
import secrets
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo

from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
import environ

Value = TypeVar("Value")
Proxy = IPv4Network | IPv6Network | str

SHARED_CACHE = "newsite.cache.redis.SharedCache"
DEFAULT_SITE_URL = "http://127.0.0.1:8000"

env = environ.FileAwareEnv()  # NAME_FILE is the path of a file that contains NAME


def read_env(reader: Callable[..., Value], name: str, *, default: Any) -> Value:
    try:
        return reader(name, default=default)
    except (ValueError, KeyError, environ.ImproperlyConfigured, OSError) as error:
        raise ImproperlyConfigured(f"{name} cannot be used: {error}") from error


def boolean(name: str, *, default: bool) -> bool:
    return parse_boolean(name, env.str(name, default=str(default)))


def parse_boolean(name: str, value: object) -> bool:
    raw = str(value).lower()
    if raw not in {"true", "false", "1", "0", "yes", "no", "on", "off"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {raw!r}.")
    return raw in {"true", "1", "yes", "on"}


def secret_key(kept_in: Path, *, creates: bool = False) -> str:
    """Return SECRET_KEY, else the key in this file. With `creates`, write a random key there if it is missing."""
    if key := read_env(env.str, "SECRET_KEY", default=""):
        return str(key)
    if kept_in.is_file() and (key := kept_in.read_text().strip()):
        return key
    if creates:
        kept_in.parent.mkdir(exist_ok=True)
        with open(os.open(kept_in, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        return kept_in.read_text()
    raise ImproperlyConfigured("SECRET_KEY is not set. Set SECRET_KEY or SECRET_KEY_FILE to 50 random characters.")


def is_loopback(url: str) -> bool:
    """Tell whether only this machine can reach the host of a URL."""
    host = str(urlsplit(url).hostname)
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def is_development_site() -> bool:
    """Tell whether SITE_URL is missing or an address of this machine: then development defaults apply."""
    return is_loopback(env.str("SITE_URL", default=DEFAULT_SITE_URL))


def site_url(default: str, name: str = "SITE_URL") -> str:
    """Return the address of the site, or of another service with `name`, without a trailing slash."""
    url = env.str(name, default=default).rstrip("/")
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # invalid host or port
        is_fine = False
    if not is_fine or url != f"{parts.scheme}://{parts.netloc}":
        raise ImproperlyConfigured(f"{name} must look like https://news.example.org, not {url!r}.")
    return str(url)


def allowed_hosts(of_site: str) -> list[str]:
    """Return ALLOWED_HOSTS; an empty value counts as unset, because it would refuse every request."""
    return env.list("ALLOWED_HOSTS", default=[]) or [str(urlsplit(of_site).hostname), "localhost", "127.0.0.1", "[::1]"]


def trusted_proxies(name: str = "TRUSTED_PROXIES") -> list[Proxy]:
    """Return proxies whose X-Forwarded-For is trusted: addresses, networks, or `unix` for clients of a Unix socket.

    `name` reads another list of the same form.
    """
    listed = env.list(name, default=[])
    try:
        return [each if each == "unix" else ip_network(each) for each in listed]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must list IP addresses, networks or the word unix: {error}.") from error


def time_zone(default: str) -> str:
    name = env.str("TIME_ZONE", default=default)
    try:
        ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise ImproperlyConfigured(f"TIME_ZONE is not a time zone: {name!r}.") from error
    return str(name)


def integer_at_least(least: int, name: str, *, default: int) -> int:
    value = read_env(env.int, name, default=default)
    if value < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {value}.")
    return value


def retention_days(*kinds: str) -> dict[str, int]:
    """Return the days by kind, of those kinds whose variable is set: RETENTION_DAYS_SPAM for "spam"."""
    names = {kind: f"RETENTION_DAYS_{kind.upper()}" for kind in kinds}
    return {
        kind: integer_at_least(0, name, default=0)
        for kind, name in names.items()
        if read_env(env.str, name, default="")
    }


def language(default: str) -> str:
    code = str(env.str("LANGUAGE_CODE", default=default))
    if code not in dict(global_settings.LANGUAGES):
        raise ImproperlyConfigured(f"LANGUAGE_CODE is not a language Django supports: {code!r}.")
    return code


def cache_config(default: str) -> dict[str, Any]:
    config = read_env(env.cache_url, "CACHE_URL", default=default)
    needed = {"RedisCache": "redis", "PyMemcacheCache": "pymemcache", "PyLibMCCache": "pylibmc"}
    package = needed.get(config["BACKEND"].rpartition(".")[2])
    if package and not find_spec(package):
        raise ImproperlyConfigured(f"CACHE_URL needs the package {package}, which is not installed.")
    if package == "redis":
        config["BACKEND"] = SHARED_CACHE
    return dict(config)


def media_storage() -> dict[str, Any]:
    """Return the storage of media for STORAGES: the folder MEDIA_ROOT, or a bucket.

    The error does not repeat the value, because it contains a key.
    """
    url = str(read_env(env.str, "MEDIA_STORAGE", default=""))
    if not url:
        return {"BACKEND": "newsite.storage.atomic.AtomicFileStorage"}
    if not find_spec("storages") or not find_spec("boto3"):
        raise ImproperlyConfigured("MEDIA_STORAGE needs the package django-storages[s3], which is not installed.")
    try:
        parts = urlsplit(url)
        more = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
        is_fine = parts.scheme == "s3" and parts.hostname and bool(parts.username) == bool(parts.password)
    except ValueError:
        is_fine = False
    if not is_fine or not more.keys() <= {"endpoint_url", "region"}:
        form = "s3://KEY:SECRET@bucket/folder?endpoint_url=https://host&region=name"
        raise ImproperlyConfigured(f"MEDIA_STORAGE must look like {form}; only s3://bucket is required.")
    return {
        "BACKEND": "newsite.storage.s3.MediaS3Storage",
        "OPTIONS": {
            "bucket_name": parts.hostname,
            "location": parts.path.strip("/"),
            "access_key": unquote(parts.username) if parts.username else None,
            "secret_key": unquote(parts.password) if parts.password else None,
            "endpoint_url": more.get("endpoint_url"),
            "region_name": more.get("region"),
        },
    }


def upload_storage() -> dict[str, Any]:
    """Return the storage of uploads for STORAGES: as that of media, but in a folder that only the site can read."""
    storage = media_storage()
    if "OPTIONS" in storage:
        return storage
    return {**storage, "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700}}


def media_url(default: str) -> str:
    """Return the base address of images: of the site, or of a CDN in front of the site or the bucket."""
    url = str(env.str("MEDIA_URL", default=default))
    if url == default:
        return url
    try:
        parts = urlsplit(url)
        is_fine = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_fine = False
    if not is_fine or not url.endswith("/") or parts.query or parts.fragment:
        raise ImproperlyConfigured(f"MEDIA_URL must look like https://media.example.org/, not {url!r}.")
    return url


def email_config(default: str) -> dict[str, Any]:
    """Return Django's email settings from EMAIL_URL."""
    config = dict(read_env(env.email_url, "EMAIL_URL", default=default))
    is_smtp = config["EMAIL_BACKEND"].endswith("smtp.EmailBackend")
    if is_smtp and not config["EMAIL_HOST"]:
        raise ImproperlyConfigured("EMAIL_URL must name the mail server, such as smtp+tls://user:password@host:587.")
    if config["EMAIL_BACKEND"].endswith("filebased.EmailBackend") and not config["EMAIL_FILE_PATH"]:
        raise ImproperlyConfigured("EMAIL_URL must name the folder, such as filemail:////var/mail/newsite.")
    port = 465 if config.get("EMAIL_USE_SSL") else 587 if config.get("EMAIL_USE_TLS") else 25
    return {**config, "EMAIL_HOST": config["EMAIL_HOST"] or "", "EMAIL_PORT": config["EMAIL_PORT"] or port}


def mail_domain(url: str) -> str:
    """Return the host of SITE_URL as a mail domain, or `localhost` for an IP address."""
    host = str(urlsplit(url).hostname)
    try:
        ip_address(host)
    except ValueError:
        return host.encode("idna").decode()
    return "localhost"


def mail_from(name: str, domain: str) -> str:
    """Return the sender of notifications: DEFAULT_FROM_EMAIL, such as `The Courier <letters@example.org>`."""
    sender = str(env.str("DEFAULT_FROM_EMAIL", default=formataddr((" ".join(name.split()), f"letters@{domain}"))))
    try:
        validate_email(parseaddr(sender)[1])
    except ValidationError as error:
        raise ImproperlyConfigured(f"DEFAULT_FROM_EMAIL is not an address: {sender!r}.") from error
    if "\n" in sender or "\r" in sender:
        raise ImproperlyConfigured("DEFAULT_FROM_EMAIL must be one line.")
    return sender


def akismet_key() -> str:
    """Return the key of Akismet; empty if Akismet is not used.

    The error does not repeat the key, because it may be almost correct.
    """
    key = str(read_env(env.str, "AKISMET_KEY", default="")).strip()
    if key and not (key.isascii() and key.isalnum()):
        raise ImproperlyConfigured("AKISMET_KEY must be letters and digits, as shown in your account at akismet.com.")
    if key and not find_spec("cryptography"):
        raise ImproperlyConfigured("AKISMET_KEY needs the package cryptography, which is not installed.")
    return key


def log_format() -> str:
    form = str(env.str("LOG_FORMAT", default="line"))
    if form not in {"line", "json"}:
        raise ImproperlyConfigured(f"LOG_FORMAT must be line or json, not {form!r}.")
    return form


def sentry_dsn() -> str:
    """Return the DSN of Sentry; empty if Sentry is not used.

    The error does not repeat the DSN, because it contains a key.
    """
    dsn = str(read_env(env.str, "SENTRY_DSN", default="")).strip()
    if dsn and not find_spec("sentry_sdk"):
        raise ImproperlyConfigured("SENTRY_DSN needs the package sentry-sdk, which is not installed.")
    parts = urlsplit(dsn)
    if dsn and not (parts.scheme in {"http", "https"} and parts.hostname and parts.username and parts.path.strip("/")):
        raise ImproperlyConfigured("SENTRY_DSN must look like https://KEY@host/NUMBER, as Sentry shows it.")
    return dsn


def comment_rules(default: list[str]) -> list[str]:
    """Return the dotted paths in COMMENT_RULES. After a leading plus sign, they are appended to the default rules."""
    names = str(env.str("COMMENT_RULES", default="+"))
    own = [name.strip() for name in names.removeprefix("+").split(",") if name.strip()]
    if not own and not names.startswith("+"):
        raise ImproperlyConfigured(
            "COMMENT_RULES is empty, so no comment would be checked. Leave it out or list rules."
        )
    return default + own if names.startswith("+") else own
