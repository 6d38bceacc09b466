"""Environment variables of the site, and the page that lists them: `python -m newsite.conf.variables`.

The page is docs/settings.md. `newsite/settings.py` reads the variables with the functions of `newsite/conf/env.py`.
"""

from __future__ import annotations

from typing import NamedTuple


class Variable(NamedTuple):
    """One row of the page. `names` share a default and a meaning; both are Markdown."""

    names: tuple[str, ...]
    default: str
    meaning: str


INTRODUCTION = """\
# Settings

Settings come from environment variables. A secret may also be stored in a file: set `NAME_FILE` to its path
(for example `SECRET_KEY_FILE`). An invalid value stops the start with an error that names the variable.
`newsite/settings.py` reads them with the functions in `newsite/conf/env.py`; settings that are constants, such as the
limits of image uploads, are in `newsite/settings.py` only. This page is generated from `newsite/conf/variables.py`.
"""
SECTIONS: dict[str, list[Variable]] = {
    "Site": [
        Variable(
            ("SECRET_KEY",),
            "",
            "50 random characters. `./run` creates one in `var/secret-key`",
        ),
        Variable(
            ("SECRET_KEY_FALLBACKS",),
            "",
            "earlier keys, comma-separated. Data signed or encrypted with them stays readable",
        ),
        Variable(
            ("SITE_URL",),
            "`http://127.0.0.1:8000`",
            "the public address of the site. Links never follow the Host header. A production start requires "
            "it explicitly",
        ),
        Variable(
            ("SITE_NAME", "LANGUAGE_CODE", "TIME_ZONE"),
            "`newsite`, `en`, `UTC`",
            "the name can be changed in the admin",
        ),
        Variable(
            ("ALLOWED_HOSTS",),
            "the host of `SITE_URL`, localhost",
            "comma-separated",
        ),
        Variable(
            ("TRUSTED_PROXIES",),
            "none",
            "addresses, networks, or `unix`: the proxies whose X-Forwarded-For header is trusted",
        ),
    ],
    "Database and cache": [
        Variable(
            ("DATABASE_URL",),
            "SQLite in `var/`",
            "`postgresql://user:password@host/name`",
        ),
        Variable(
            ("DATABASE_REPLICA_URL",),
            "",
            "a streaming replica; public pages are read from it ([scaling.md](scaling.md))",
        ),
        Variable(
            ("DATABASE_REPLICA_MAX_LAG",),
            "2",
            "seconds; a replica with a larger lag is not used until it has caught up",
        ),
        Variable(
            ("COMPILED_QUERIES",),
            "true",
            "false, for debugging: Django builds and runs each query as usual, one at a time ([ADR "
            "1](adr/0001-compiled-queries.md)). The results are the same, and requests take longer",
        ),
        Variable(
            ("CACHE_URL",),
            "memory of each worker",
            "`redis://host:6379/0` or `redis:///path/of.sock`: one cache for all workers and hosts. Needs the"
            " package `redis` (in `requirements/production.txt`)",
        ),
    ],
    "Processes": [
        Variable(
            ("WORKERS",),
            "one per core",
            "gunicorn processes. With as many workers as cores, or more, each worker is pinned to one core",
        ),
        Variable(
            ("THREADS",),
            "3; `./run` uses 8",
            "threads of one gunicorn worker. Each keeps a connection to the database, and one to the replica",
        ),
    ],
    "Files": [
        Variable(
            ("MEDIA_ROOT",),
            "`var/media`",
            "folder of the images. A backup must contain all of it",
        ),
        Variable(
            ("MEDIA_STORAGE",),
            "`MEDIA_ROOT`",
            "`s3://KEY:SECRET@bucket/folder?endpoint_url=https://host&region=name`: a bucket shared by all "
            "hosts. Without a key, that of the environment or of the machine is used; without `endpoint_url`,"
            " Amazon S3. Needs the package `django-storages[s3]` (in `requirements/production.txt`)",
        ),
        Variable(
            ("MEDIA_URL",),
            "`/media/`",
            "with a CDN in front of the bucket: its address, such as `https://media.example.org/`. Pages use "
            "it, and the content security policy allows images from there",
        ),
        Variable(
            ("STATIC_ROOT",),
            "served from the source folders",
            "where `manage.py collectstatic` writes static files, compressed, with a content hash in each name",
        ),
    ],
    "Comments": [
        Variable(
            ("COMMENT_RULES",),
            "the rules listed in `newsite/conf/default_rules.py`",
            "dotted paths, comma-separated. A leading `+` adds them to the default rules "
            "([features/rules.md](features/rules.md))",
        ),
        Variable(
            ("COMMENT_MAX_LENGTH",),
            "5000",
            "characters. Above 40,000, nginx needs a larger `client_max_body_size`",
        ),
        Variable(
            ("COMMENT_MAX_LINKS",),
            "2",
            "a comment with this many links is held. A device with ten approved comments may use one more",
        ),
        Variable(
            ("COMMENT_EDIT_MINUTES",),
            "5",
            "how long authors may edit a comment, until there is a reply. 0: never",
        ),
        Variable(
            ("COMMENT_REPORT_THRESHOLD",),
            "3",
            "reports by as many devices on as many networks hide a comment until a moderator has reviewed it."
            " Reporters who were often right count twice, reporters who were wrong count less",
        ),
        Variable(
            ("COMMENT_TRUST_AFTER_APPROVALS",),
            "1",
            "approved comments that a device needs before its comments are published directly",
        ),
        Variable(
            ("COMMENT_PENDING_ALERT_HOURS",),
            "2",
            "hours until moderators on duty get an email about pending comments",
        ),
    ],
    "Retention": [
        Variable(
            ("RETENTION_DAYS_NETWORKS",),
            "30",
            "days until network hashes of comments, recommendations and reports are deleted, and blocks of "
            "devices and networks after they ended",
        ),
        Variable(
            ("RETENTION_DAYS_ADDRESSES",),
            "365",
            "days without an email until an email address is deleted",
        ),
        Variable(
            ("RETENTION_DAYS_SPAM", "RETENTION_DAYS_WITHDRAWN", "RETENTION_DAYS_REJECTED"),
            "90, 30, 0",
            "days from the decision until such comments are deleted",
        ),
    ],
    "Akismet": [
        Variable(
            ("AKISMET_KEY",),
            "",
            "the key from your account at akismet.com. Empty: Akismet is not used. Needs the package `cryptography`",
        ),
        Variable(
            ("AKISMET_URL", "AKISMET_TEST"),
            "`https://rest.akismet.com`, `false`",
            "the server; `true`: Akismet does not learn from our requests",
        ),
    ],
    "Email": [
        Variable(
            ("EMAIL_URL",),
            "`consolemail://`",
            "the mail server, such as `smtp+tls://user:password@host:587`. Write `@` in a password as `%40`. "
            "A production start requires it explicitly; `dummymail://` sends no emails",
        ),
        Variable(
            ("DEFAULT_FROM_EMAIL",),
            "`newsite <letters@HOST>`",
            "sender of all emails. HOST is the host of `SITE_URL`",
        ),
    ],
    "Staff and observability": [
        Variable(
            ("STAFF_REQUIRE_2FA",),
            "false",
            "true: all staff must use two-factor authentication",
        ),
        Variable(
            ("METRICS_ALLOWED", "METRICS_TOKEN"),
            "none",
            "clients that may read `/metrics`: addresses, networks, or `unix` (a client of the socket "
            "itself); or requests with `Authorization: Bearer TOKEN`",
        ),
        Variable(
            ("LOG_FORMAT",),
            "`line`",
            "`json`: one object a line, and one line for each request",
        ),
        Variable(
            ("SENTRY_DSN",),
            "",
            "the DSN of your Sentry project. Needs the package `sentry-sdk`",
        ),
    ],
}
NOTES = {
    "Retention": "`0` means never. [operate.md](operate.md) lists all retention periods.",
}
CLOSING = """\
## Checks at the start

A production start stops with an error, also of the worker, if `SECRET_KEY` can be guessed, `SITE_URL` or `EMAIL_URL` is
not set, `TRUSTED_PROXIES` trusts every client, or `STATIC_ROOT` has no collected files (`newsite/conf/checks.py`).
Addresses of this machine, such as `http://127.0.0.1:8000`, are not production. `manage.py check --deploy` runs the same
checks.

## Development only

`DEBUG=true` switches on Django's debug mode and skips the production checks for `SECRET_KEY`, `SITE_URL` and
`EMAIL_URL` (`newsite/conf/checks.py`). `BIND` is the socket of gunicorn in `deploy/gunicorn.conf.py`. `THOROUGH=1`
makes property tests use twenty times as many examples. `PG_BIN` is the folder of PostgreSQL's programs, for the tests
and the backup.
"""


def page() -> str:
    """Return the page in Markdown."""
    parts = [INTRODUCTION]
    for heading, variables in SECTIONS.items():
        note = f"{NOTES[heading]}\n\n" if heading in NOTES else ""
        rows = "".join(_row(variable) for variable in variables)
        parts.append(f"## {heading}\n\n{note}| name | default | meaning |\n|---|---|---|\n{rows}")
    return "\n".join([*parts, CLOSING])


def _row(variable: Variable) -> str:
    names = ", ".join(f"`{name}`" for name in variable.names)
    default = f" {variable.default} " if variable.default else " "
    return f"| {names} |{default}| {variable.meaning} |\n"


if __name__ == "__main__":
    print(page(), end="")
