"""Run all checks and tests, as `./run test` does: two rows of commands side by side, then the deployed parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import concurrent.futures
import glob
import os
from pathlib import Path
import runpy
import secrets
import shutil
import subprocess
import sys
from typing import Any

HERE = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
PROGRAMS = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"

CHECKS = [
    "ruff format --check .",
    "ruff check .",
    "mypy .",
    "djlint --quiet --lint templates articles comments",
    "lint-imports",
    "python manage.py makemigrations --check --dry-run",
    "python manage.py check --fail-level WARNING",
]

SETTINGS_OF_A_SITE = (
    *(
        "DATABASE_URL",
        "DATABASE_REPLICA_URL",
        "DATABASE_REPLICA_MAX_LAG",
        "CACHE_URL",
        "EMAIL_URL",
        "DEFAULT_FROM_EMAIL",
    ),
    *("SITE_URL", "SITE_NAME", "DEBUG", "TIME_ZONE", "MEDIA_ROOT", "MEDIA_STORAGE", "MEDIA_URL", "WORKERS", "BIND"),
    *("LANGUAGE_CODE", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "STATIC_ROOT", "THREADS", "STAFF_REQUIRE_2FA"),
    *("METRICS_ALLOWED", "METRICS_TOKEN", "LOG_FORMAT", "SENTRY_DSN", "COMPILED_QUERIES"),
)

DEPLOYED = ["tests/deploy", "tests/faults", "tests/abuse/deployed"]
APART = [f"--ignore=tests/{name}" for name in ("browser", "deploy", "faults", "abuse/deployed")]
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n2"]
ON_POSTGRES = [sys.executable, "-m", "tests.support.postgres", *PYTEST]


def main(arguments: Sequence[str]) -> int:
    install_missing_packages()
    (HERE / "var").mkdir(exist_ok=True)
    environment = clean_environment()
    if list(arguments) == ["--faults"]:
        return subprocess.call([sys.executable, "-m", "pytest", "-v", *DEPLOYED, "tests/abuse"], env=environment)
    if list(arguments) not in ([], ["--both"]):
        return subprocess.call([sys.executable, "-m", "pytest", *arguments], env=environment)
    # Browser tests mostly wait, and the tests of the database engines use the CPU all the time.
    run_side_by_side([checks_and_browser(), engines(both=bool(arguments))], environment)
    # Not in parallel: these stop and start servers, and measure time.
    deployed = [*PYTEST, "--dist", "loadfile", "-m", "not slow", *DEPLOYED]
    run_side_by_side([{"with nginx, gunicorn, PostgreSQL and Redis": deployed}], environment)
    return 0


def engines(*, both: bool) -> dict[str, list[str]]:
    on_sqlite = "not slow" if both else "not slow and (not database or sqlite)"
    return {
        "tests on PostgreSQL": [*ON_POSTGRES, "-m", "database and not slow", *APART, "--ignore=tests/test_run.py"],
        "tests on SQLite": [*PYTEST, "-m", on_sqlite, *APART],
    }


def checks_and_browser() -> dict[str, list[str]]:
    return {
        **{check: check.split() for check in CHECKS},
        "in a real browser, on PostgreSQL": [*ON_POSTGRES, "tests/browser"],
        "static files as they are deployed": [
            *[sys.executable, "-c", "from tests.support import full_stack; full_stack.static_folder()"]
        ],
    }


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of a site."""
    environment = {**os.environ, "SECRET_KEY": secrets.token_hex(25), "PYTHONWARNINGS": "default"}
    for name in [
        *SETTINGS_OF_A_SITE,
        *(name for name in environment if name.startswith(("COMMENT_", "RETENTION_DAYS_"))),
    ]:
        environment.pop(name, None)
    environment["PATH"] = f"{BIN}:{environment['PATH']}:/usr/sbin"
    return environment


def install_missing_packages() -> None:
    """Install the Debian packages whose programs the tests start, or name them in an error."""
    missing = [name for name, found in debian_packages().items() if not found]
    if missing:
        runpy.run_path(str(HERE / "run"))["install_debian_packages"](missing)


def debian_packages() -> dict[str, Any]:
    """Map each package to something that is empty if it is not installed."""
    return {
        "chromium": shutil.which("chromium"),
        "git": shutil.which("git"),
        "postgresql": os.environ.get("PG_BIN") or glob.glob("/usr/lib/postgresql/*/bin/initdb"),
        "libatomic1": glob.glob("/usr/lib/*/libatomic.so.1"),
        "nftables": shutil.which("nft", path=PROGRAMS),
        "iproute2": shutil.which("ip", path=PROGRAMS),
        "nginx": shutil.which("nginx", path=PROGRAMS),
        "libnginx-mod-http-brotli-static": glob.glob("/usr/share/nginx/modules-available/*brotli-static.conf"),
        "redis-server": shutil.which("redis-server", path=PROGRAMS),
        "systemd": shutil.which("systemd-analyze"),
        "fonts-liberation": glob.glob("/usr/share/fonts/truetype/liberation*"),
    }


def run_side_by_side(rows: Sequence[Mapping[str, list[str]]], environment: Mapping[str, str]) -> None:
    """Run the commands of each row one after another, and the rows in parallel; print the output of each when it ends.

    When one has failed, no other begins; exit with its title when all have ended.
    """
    failed: list[str] = []

    def run_row(row: Mapping[str, list[str]]) -> None:
        for title, command in row.items():
            if failed:
                return
            done = subprocess.run(
                command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
            )
            if done.returncode != 0:
                failed.append(title)
            print(f"== {title}\n{done.stdout}", end="", flush=True)

    with concurrent.futures.ThreadPoolExecutor(len(rows)) as pool:
        list(pool.map(run_row, rows))
    if failed:
        sys.exit(f"Failed: {', '.join(failed)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
