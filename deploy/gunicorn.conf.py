"""gunicorn for the site, behind nginx: gunicorn -c deploy/gunicorn.conf.py"""

from collections import Counter
import contextlib
import gc
import os
from pathlib import Path
import runpy
from typing import Any

wsgi_app = "newsite.wsgi"
bind = os.environ.get("BIND", "unix:/run/newsite/web.sock")
umask = 0o007  # nginx, in the group, may talk to the socket

# Pages compute, so threads beyond a few a core only make each other wait; those few are for what waits for the
# database: with two, two slow searches were a second's wait for everybody; a process makes no more than two at once
# (articles/search/query.py). Each keeps a connection to it: PostgreSQL's max_connections has to allow WORKERS times
# THREADS, and a few; with a replica also there.
worker_class = "gthread"
workers = int(os.environ.get("WORKERS") or len(os.sched_getaffinity(0)))
threads = int(os.environ.get("THREADS") or 3)

# The queue: what each worker has accepted, and what none has. Beyond it nginx answers immediately and shows pages as
# they were, which is better than to wait for seconds. Requests that waited for ten are dropped
# (newsite/http/stale_requests.py).
worker_connections = 128  # of each worker, idle ones that nginx keeps included
backlog = 256

timeout = 60  # seconds in which a worker has to say that it is alive
graceful_timeout = 30  # what is under way when we are told to stop or to begin anew may end
keepalive = 75  # longer than nginx keeps its connections to us, so that it never writes into one that we close

# Whatever might leak ends with its worker; not all at once.
max_requests = 50_000
max_requests_jitter = 5_000
worker_tmp_dir = "/dev/shm"  # noqa: S108 (a beat every second: no disk needs to know)
control_socket_disable = True

accesslog = None  # nginx has one
# Run, not imported: what this process imports it would hand on, at a reload, to workers of the next version.
_logs = runpy.run_path(str(Path(__file__).parents[1] / "newsite/observability/logging.py"))
logconfig_dict = _logs["config_of_server"](os.environ.get("LOG_FORMAT", "line"))


def pre_fork(server: Any, worker: Any) -> None:
    """Each worker gets a core of its own. Of its threads only one computes at a time; where the next one may do so on
    another core, it finds nothing in that one's caches, and a request costs up to twice as much (bench/README.md).
    Where there are fewer workers than cores, others have the rest: several of us would choose the same ones.
    """
    cores = os.sched_getaffinity(0)
    taken = Counter(getattr(other, "core", None) for other in server.WORKERS.values())  # none: of an older release
    worker.core = None if server.num_workers < len(cores) else min(sorted(cores), key=lambda core: taken[core])


def post_fork(server: Any, worker: Any) -> None:
    if worker.core is None:
        return
    with contextlib.suppress(OSError):  # a container may forbid it, or have lost the core meanwhile: no worker, no site
        os.sched_setaffinity(0, {worker.core})


def post_worker_init(worker: Any) -> None:
    """What is loaded by now stays: no collection need look at it again, and stop a page for that long."""
    gc.collect()
    gc.freeze()
