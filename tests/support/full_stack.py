"""The real parts together, from the files in deploy/: nginx, gunicorn, the worker, PostgreSQL, Redis.

All of it lies in a folder under /tmp and is gone afterwards; it works as root and as anybody else. What deploy/ says is
taken as it is but for paths, the port, the number of forms that one address may send, and how long nginx waits for
somebody to say what they want.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import ctypes
from dataclasses import dataclass, field
import fcntl
import hashlib
import os
from pathlib import Path
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from tests.support.live_site import HERE, RunningSite, shell_of, wait_for
from tests.support.postgres import DEMO, Cluster, cluster, replica_of

SITE = HERE / "deploy/nginx.conf"
MAIN = HERE / "deploy/nginx-main.conf"
STATIC = HERE / "var/collected"  # compressing takes twenty seconds: kept from run to run
METRICS_TOKEN = "by which Prometheus is known"
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Part:
    """One of the programs: started, ended or killed, and started again; what it says is in its log."""

    def __init__(self, name: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=HERE,
                stdout=output,
                stderr=output,
                preexec_fn=end_with_us,  # noqa: PLW1509 (no threads of ours yet)
            )

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def children(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def all(self) -> list[int]:
        return [self.pid, *self.children()]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(how)
            self.process.wait(40)
            self.process = None

    def said(self) -> str:
        return self.log.read_text()


@dataclass(frozen=True)
class Stack(RunningSite):
    """`url` is nginx; `behind` is the socket of gunicorn."""

    folder: Path = field(kw_only=True)
    behind: Path = field(kw_only=True)
    database: Cluster = field(kw_only=True)
    nginx: Part = field(kw_only=True)
    site: Part = field(kw_only=True)
    worker: Part = field(kw_only=True)
    redis: Part = field(kw_only=True)
    replica: Cluster | None = field(kw_only=True, default=None)

    def workers(self) -> list[int]:
        return self.site.children()

    def wait_until_ready(self) -> None:
        wait_for(f"{self.url}/readyz")


@contextlib.contextmanager
def running_stack(
    *, forms: str = "5r/s", cache: str = "redis", has_replica: bool = False, **environment: str
) -> Iterator[Stack]:
    """`forms`: how many one address may send, for nginx; `cache`: redis, or memory of each worker."""
    static = collected_static()
    with (
        tempfile.TemporaryDirectory(prefix="stack-", dir="/tmp") as name,
        cluster(is_durable=True) as database,
        replica_of(database) if has_replica else contextlib.nullcontext() as replica,
    ):
        folder = Path(name)
        folder.chmod(0o755)
        port = free_port()
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "CACHE_"))},
            "SECRET_KEY": "a key of fifty characters or more that only this run has",
            "DJANGO_SETTINGS_MODULE": "newsite.settings",
            "DATABASE_URL": database.url_of(DEMO),
            "MEDIA_ROOT": str(folder / "media"),
            "STATIC_ROOT": str(static),
            "SITE_URL": f"http://127.0.0.1:{port}",
            "TRUSTED_PROXIES": "unix",
            "BIND": f"unix:{folder}/web.sock",
            "WORKERS": "2",
            **({"DATABASE_REPLICA_URL": replica.url_of(DEMO)} if replica else {}),
            "METRICS_TOKEN": METRICS_TOKEN,
            **({"CACHE_URL": f"redis://{folder}/redis.sock"} if cache == "redis" else {}),
            **environment,
        }
        parts = make_parts(folder, port, forms, static, environment)
        shutil.copytree(database.home / "media", folder / "media")
        shell = None
        try:
            parts["redis"].start()
            parts["site"].start()
            parts["nginx"].start()
            shell = shell_of(environment)
            url = environment["SITE_URL"]
            server = parts["site"].process
            assert server
            try:
                wait_for(f"{url}/readyz")
            except OSError as error:
                raise AssertionError("".join(part.said() for part in parts.values() if part.process)) from error
            yield Stack(
                url,
                server,
                environment,
                shell,
                folder=folder,
                behind=folder / "web.sock",
                database=database,
                replica=replica,
                **parts,
            )
        finally:
            if shell:
                shell.communicate(timeout=30)
            for part in parts.values():
                part.stop()


@contextlib.contextmanager
def another_host(stack: Stack) -> Iterator[str]:
    """The address of another nginx with another gunicorn, which have databases, Redis and settings of the first."""
    with tempfile.TemporaryDirectory(prefix="host-", dir="/tmp") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        environment = {**stack.environment, "BIND": f"unix:{folder}/web.sock"}
        parts = make_parts(folder, port, "5r/s", Path(environment["STATIC_ROOT"]), environment)
        try:
            parts["site"].start()
            parts["nginx"].start()
            wait_for(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            parts["nginx"].stop()
            parts["site"].stop()


def make_parts(folder: Path, port: int, forms: str, static: Path, environment: dict[str, str]) -> dict[str, Part]:
    python = [sys.executable, "-W", "ignore"]
    commands = {
        "worker": [*python, "manage.py", "run_worker"],
        "nginx": ["nginx", "-e", "stderr", "-c", str(nginx_configuration(folder, port, forms, static))],
        "site": [*python, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"],
        "redis": ["redis-server", "--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", "", "--dir"],
    }
    commands["redis"].append(str(folder))
    return {name: Part(name, command, folder, environment) for name, command in commands.items()}


def nginx_configuration(folder: Path, port: int, forms: str, static: Path) -> Path:
    """The two files of deploy/, with our paths. What is not there to be changed is a fault, here or there."""
    site = changed(
        SITE.read_text(),
        {
            "listen 80": f"listen 127.0.0.1:{port}",
            "listen [::]:80 default_server;": "",
            "listen [::]:80;": f"listen 127.0.0.1:{free_port()};",  # where no other server is, as at 443
            "server_name news.example.org;": "server_name 127.0.0.1;",
            "/run/newsite/": f"{folder}/",
            "/var/cache/nginx/newsite": f"{folder}/cache",
            "/var/lib/newsite/static/": f"{static}/",
            "/var/lib/newsite/media/": f"{folder}/media/",
            "rate=5r/s": f"rate={forms}",
            "client_header_timeout 10s": "client_header_timeout 2s",
        },
    )
    (folder / "site.conf").write_text(site)
    as_root = "user root;\n" if os.geteuid() == 0 else ""
    paths = {"/tmp/nginx": f"{folder}/nginx", "/var/cache/nginx/": f"{folder}/nginx-"}
    main = changed(MAIN.read_text(), {**paths, "/etc/nginx/sites-enabled/*": "site.conf"})
    main = changed(main, {"sendfile on;": "sendfile on;\n    gzip on;"})  # as in the nginx.conf that Debian has
    path = folder / "nginx.conf"
    path.write_text(as_root + main.replace("include site.conf", f"include {folder}/site.conf"))
    return path


def changed(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        assert old in text, f"deploy/ no longer says {old!r}"
        text = text.replace(old, new)
    return text


def collected_static() -> Path:
    """What collectstatic makes of the files that there are now."""
    files = sorted(path for path in HERE.glob("*/static/**/*") if path.is_file())
    digest = hashlib.sha256((HERE / "requirements/base.txt").read_bytes())
    for path in files:
        digest.update(path.read_bytes())
    folder = STATIC / digest.hexdigest()[:16]
    STATIC.mkdir(parents=True, exist_ok=True)
    with (STATIC.parent / "collected.lock").open("w") as lock:  # another process may be about the same
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "staticfiles.json").exists():
            collect_into(folder)
    return folder


def collect_into(folder: Path) -> None:
    """And takes away what was collected of other files."""
    with tempfile.TemporaryDirectory(dir=STATIC) as unfinished:
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        root = Path(unfinished) / "static"
        of_the_site = {"DJANGO_SETTINGS_MODULE": "newsite.settings", "SECRET_KEY": "x", "STATIC_ROOT": str(root)}
        subprocess.run(collect, env={**os.environ, **of_the_site}, cwd=HERE, check=True)
        shutil.rmtree(folder, ignore_errors=True)
        root.rename(folder)
    for other in STATIC.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def article_in(stack: Stack) -> str:
    """The address of a new article with one comment."""
    return stack.python(
        "from tests.conftest import make_article, make_comment\n"
        "article = make_article(); make_comment(article, text='The first words.')\n"
        "print(article.get_absolute_url())"
    )


def free_port() -> int:
    """Below those that Linux gives to whoever calls out (from 32768 on): none of them takes it before we do."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def wait_until(question: object, seconds: float = 30) -> None:
    """`question` answers yes sooner or later, however busy the machine is."""
    assert callable(question)
    until = time.monotonic() + seconds
    while not question():
        assert time.monotonic() < until, "it did not come to pass"
        time.sleep(0.05)


def end_with_us() -> None:
    """Linux: a killed test run leaves nothing behind."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
