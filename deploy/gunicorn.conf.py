"""Configuration of gunicorn behind nginx (gunicorn -c deploy/gunicorn.conf.py)."""

from collections import Counter
import contextlib
import gc
from itertools import count
import os
from pathlib import Path
import runpy
import shutil
import tempfile
from typing import Any

wsgi_app = "newsite.wsgi"
bind = os.environ.get("BIND", "unix:/run/newsite/web.sock")
umask = 0o007  # nginx, in the same group, may connect to the socket

# Pages are CPU-bound, so more than a few threads per core only compete. The few threads serve requests that wait for
# the database. With two threads, two slow searches delayed all requests by a second; a process runs at most two
# searches at the same time (articles/search/query.py). Each thread keeps a database connection: max_connections of
# PostgreSQL, and of a replica, must exceed WORKERS × THREADS by a few.
worker_class = "gthread"
workers = int(os.environ.get("WORKERS") or len(os.sched_getaffinity(0)))
threads = int(os.environ.get("THREADS") or 3)

# Request queue: connections that a worker has accepted, and the backlog. If it is full, nginx immediately serves stale
# pages instead of waiting for seconds. Requests older than ten seconds are dropped (newsite/http/stale_requests.py).
worker_connections = 128  # per worker, including idle keepalive connections of nginx
backlog = 256

timeout = 60  # seconds without a heartbeat before a worker is killed
graceful_timeout = 30  # seconds for running requests to end at a stop or reload
keepalive = 75  # seconds; longer than in nginx, so that nginx never writes to a connection that gunicorn closes

# Restart workers now and then to limit memory leaks. The jitter spreads the restarts.
max_requests = 50_000
max_requests_jitter = 5_000
worker_tmp_dir = "/dev/shm"  # noqa: S108 (heartbeat files in memory; metrics, too)
control_socket_disable = True

accesslog = None  # nginx writes one
# Run instead of imported: after a reload, workers of a new release would inherit modules that this process imported.
_logs = runpy.run_path(str(Path(__file__).parents[1] / "newsite/observability/logging.py"))
logconfig_dict = _logs["gunicorn_logging_config"](os.environ.get("LOG_FORMAT", "line"))


def on_starting(server: Any) -> None:
    """Create the folder in which the workers count (newsite/observability/metrics.py); delete those of killed masters.

    The name contains the process ID of the master.
    """
    for left in Path(worker_tmp_dir).glob("newsite-metrics-*-*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    prefix = f"newsite-metrics-{os.getpid()}-"
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=prefix, dir=worker_tmp_dir)


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def pre_fork(server: Any, worker: Any) -> None:
    """Assign a number and a core to each worker.

    The number names the files of its metrics. A worker that replaces another one takes its number and continues its
    counts, so the files do not multiply with each restart, as they do if a process ID names them.

    Only one thread of a worker computes at a time. If threads change cores, CPU caches are cold, and a request costs up
    to twice as much (docs/benchmarks.md). Assign no cores if there are fewer workers than cores: several instances of
    gunicorn would choose the same cores.
    """
    numbers = {getattr(other, "number", 0) for other in server.WORKERS.values()}
    worker.number = next(number for number in count(1) if number not in numbers)
    cores = os.sched_getaffinity(0)
    taken = Counter(
        getattr(other, "core", None) for other in server.WORKERS.values()
    )  # workers of an older release have no `core` and no `number`
    worker.core = None if server.num_workers < len(cores) else min(sorted(cores), key=lambda core: taken[core])


def post_fork(server: Any, worker: Any) -> None:
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import values  # noqa: PLC0415 (only in the worker, as above)

        Path(folder).mkdir(mode=0o700, exist_ok=True)  # without it, a worker that counts something fails
        values.ValueClass = values.MultiProcessValue(process_identifier=lambda: worker.number)
    if worker.core is None:
        return
    with contextlib.suppress(OSError):  # a container may forbid it or have lost the core; the worker must start
        os.sched_setaffinity(0, {worker.core})


def post_worker_init(worker: Any) -> None:
    """Do what the first request would wait for, then exclude all objects from garbage collection, to make it short."""
    from newsite.warm_up import warm_up  # noqa: PLC0415 (only in the worker, as above)

    warm_up()
    gc.collect()
    gc.freeze()
