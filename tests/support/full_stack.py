"""The complete stack, configured by the files in deploy/: nginx, gunicorn, the worker, PostgreSQL, Redis.

It runs in a temporary folder under /tmp, as root or as any other user. The files of deploy/ are used unchanged except
for paths, the port, the rate limit for forms, and the timeout of nginx for request headers.
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

from tests.support.live_site import REPOSITORY, RunningSite, start_shell, wait_for
from tests.support.postgres import DEMO, PostgresServer, running_replica, running_server

NGINX_SITE = REPOSITORY / "deploy/nginx.conf"
NGINX_MAIN = REPOSITORY / "deploy/nginx-main.conf"
STATIC_CACHE = REPOSITORY / "var/collected"  # cached between runs: compression takes twenty seconds
METRICS_TOKEN = "by which Prometheus is known"
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


class Service:
    """Process of the stack, which can be stopped and restarted; its output goes to its log file."""

    def __init__(self, name: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
        self.name, self.command, self.environment = name, command, environment
        self.log = folder / f"{name}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                cwd=REPOSITORY,
                stdout=output,
                stderr=output,
                preexec_fn=end_with_parent,  # noqa: PLW1509 (no threads yet)
            )

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def children(self) -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def all(self) -> list[int]:
        return [self.pid, *self.children()]

    def stop(self, stop_signal: signal.Signals = signal.SIGTERM) -> None:
        if self.process:
            self.process.send_signal(stop_signal)
            self.process.wait(40)
            self.process = None

    def log_text(self) -> str:
        return self.log.read_text()


@dataclass(frozen=True)
class Stack(RunningSite):
    """Running stack; `url` is the URL of nginx, `gunicorn_socket` the path of the Unix socket of gunicorn."""

    folder: Path = field(kw_only=True)
    gunicorn_socket: Path = field(kw_only=True)
    database: PostgresServer = field(kw_only=True)
    nginx: Service = field(kw_only=True)
    site: Service = field(kw_only=True)
    worker: Service = field(kw_only=True)
    redis: Service = field(kw_only=True)
    replica: PostgresServer | None = field(kw_only=True, default=None)

    def workers(self) -> list[int]:
        return self.site.children()

    def wait_until_ready(self) -> None:
        wait_for(f"{self.url}/readyz")


@contextlib.contextmanager
def running_stack(
    *, form_rate: str = "5r/s", cache: str = "redis", has_replica: bool = False, **environment: str
) -> Iterator[Stack]:
    """Run the stack.

    `form_rate` is the rate limit of nginx for forms of one address. `cache` is "redis", or "memory" for a cache in
    each worker. `environment` overrides environment variables.
    """
    static = static_folder()
    with (
        tempfile.TemporaryDirectory(prefix="stack-", dir="/tmp") as name,
        running_server(is_durable=True) as database,
        running_replica(database) if has_replica else contextlib.nullcontext() as replica,
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
        services = create_services(folder, port, form_rate, static, environment)
        shutil.copytree(database.home / "media", folder / "media")
        shell = None
        try:
            services["redis"].start()
            services["site"].start()
            services["nginx"].start()
            shell = start_shell(environment)
            url = environment["SITE_URL"]
            server = services["site"].process
            assert server
            try:
                wait_for(f"{url}/readyz")
            except OSError as error:
                raise AssertionError(
                    "".join(service.log_text() for service in services.values() if service.process)
                ) from error
            yield Stack(
                url,
                server,
                environment,
                shell,
                folder=folder,
                gunicorn_socket=folder / "web.sock",
                database=database,
                replica=replica,
                **services,
            )
        finally:
            if shell:
                shell.communicate(timeout=30)
            for service in services.values():
                service.stop()


@contextlib.contextmanager
def running_second_host(stack: Stack) -> Iterator[str]:
    """Run nginx and gunicorn of a second host with the databases, Redis and settings of the first; yield its URL."""
    with tempfile.TemporaryDirectory(prefix="host-", dir="/tmp") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        environment = {**stack.environment, "BIND": f"unix:{folder}/web.sock"}
        services = create_services(folder, port, "5r/s", Path(environment["STATIC_ROOT"]), environment)
        try:
            services["site"].start()
            services["nginx"].start()
            wait_for(f"http://127.0.0.1:{port}/readyz")
            yield f"http://127.0.0.1:{port}"
        finally:
            services["nginx"].stop()
            services["site"].stop()


def create_services(
    folder: Path, port: int, form_rate: str, static: Path, environment: dict[str, str]
) -> dict[str, Service]:
    python = [sys.executable, "-W", "ignore"]
    commands = {
        "worker": [*python, "manage.py", "run_worker"],
        "nginx": ["nginx", "-e", "stderr", "-c", str(nginx_configuration(folder, port, form_rate, static))],
        "site": [*python, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"],
        "redis": ["redis-server", "--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", "", "--dir"],
    }
    commands["redis"].append(str(folder))
    return {name: Service(name, command, folder, environment) for name, command in commands.items()}


def nginx_configuration(folder: Path, port: int, form_rate: str, static: Path) -> Path:
    """Write the configuration of nginx from the two files in deploy/, and return its path."""
    site = replace_all(
        NGINX_SITE.read_text(),
        {
            "listen 80": f"listen 127.0.0.1:{port}",
            "listen [::]:80 default_server;": "",
            "listen [::]:80;": f"listen 127.0.0.1:{free_port()};",  # a port without another server, like 443
            "server_name news.example.org;": "server_name 127.0.0.1;",
            "/run/newsite/": f"{folder}/",
            "/var/cache/nginx/newsite": f"{folder}/cache",
            "/var/lib/newsite/static/": f"{static}/",
            "/var/lib/newsite/media/": f"{folder}/media/",
            "rate=5r/s": f"rate={form_rate}",
            "client_header_timeout 10s": "client_header_timeout 2s",
        },
    )
    (folder / "site.conf").write_text(site)
    user_directive = "user root;\n" if os.geteuid() == 0 else ""
    paths = {"/tmp/nginx": f"{folder}/nginx", "/var/cache/nginx/": f"{folder}/nginx-"}
    main = replace_all(NGINX_MAIN.read_text(), {**paths, "/etc/nginx/sites-enabled/*": "site.conf"})
    main = replace_all(main, {"sendfile on;": "sendfile on;\n    gzip on;"})  # as in Debian's nginx.conf
    path = folder / "nginx.conf"
    path.write_text(user_directive + main.replace("include site.conf", f"include {folder}/site.conf"))
    return path


def replace_all(text: str, changes: dict[str, str]) -> str:
    """Replace each key by its value; fail if a key is not in the text, because deploy/ has changed then."""
    for old, new in changes.items():
        assert old in text, f"deploy/ no longer says {old!r}"
        text = text.replace(old, new)
    return text


def static_folder() -> Path:
    """Return the folder with the collected static files of the current code."""
    files = sorted(path for path in REPOSITORY.glob("*/static/**/*") if path.is_file())
    digest = hashlib.sha256((REPOSITORY / "requirements/base.txt").read_bytes())
    for path in files:
        digest.update(path.read_bytes())
    folder = STATIC_CACHE / digest.hexdigest()[:16]
    STATIC_CACHE.mkdir(parents=True, exist_ok=True)
    with (STATIC_CACHE.parent / "collected.lock").open("w") as lock:  # against other test processes
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "staticfiles.json").exists():
            collect_static(folder)
    return folder


def collect_static(folder: Path) -> None:
    """Run collectstatic, and remove the results of earlier versions."""
    with tempfile.TemporaryDirectory(dir=STATIC_CACHE) as unfinished:
        command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        root = Path(unfinished) / "static"
        environment = {"DJANGO_SETTINGS_MODULE": "newsite.settings", "SECRET_KEY": "x", "STATIC_ROOT": str(root)}
        subprocess.run(command, env={**os.environ, **environment}, cwd=REPOSITORY, check=True)
        shutil.rmtree(folder, ignore_errors=True)
        root.rename(folder)
    for other in STATIC_CACHE.iterdir():
        if other != folder:
            shutil.rmtree(other, ignore_errors=True)


def create_article(stack: Stack) -> str:
    """Create an article with one comment and return its path."""
    return stack.python(
        "from tests.conftest import make_article, make_comment\n"
        "article = make_article(); make_comment(article, text='The first words.')\n"
        "print(article.get_absolute_url())"
    )


def free_port() -> int:
    """Return a free port below 32768, where Linux starts to assign ports to outgoing connections."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def wait_until(condition: object, seconds: float = 30) -> None:
    """Wait until `condition` is true; fail after so many seconds."""
    assert callable(condition)
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"the condition was not met within {seconds} s"
        time.sleep(0.05)


def end_with_parent() -> None:
    """Let Linux stop this process when its parent ends, even if the test run was killed."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
