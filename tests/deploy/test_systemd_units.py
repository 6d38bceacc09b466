"""Units of systemd: their restrictions, and that the programs work under them."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import http.client
import os
from pathlib import Path
import re
import subprocess
import sys

import pytest

from tests.support.full_stack import Service, Stack, wait_until
from tests.support.http_client import UnixSocketConnection
from tests.support.seccomp import ANALYZE, UNITS, confined_command

MANAGE = [sys.executable, "-W", "ignore", "manage.py"]


@contextlib.contextmanager
def running(stack: Stack, unit: str, command: list[str], **environment: str) -> Iterator[Service]:
    part = Service(
        f"{unit}-confined", confined_command(unit, command), stack.folder, {**stack.environment, **environment}
    )
    part.start()
    try:
        yield part
    finally:
        part.stop()


def status_of(socket: Path, path: str) -> int:
    connection = UnixSocketConnection(socket)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.name)
def test_what_a_unit_leaves_open_is_little(unit):
    done = subprocess.run(
        [ANALYZE, "security", "--no-pager", "--offline=yes", "--threshold=20", unit], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout


def settings_of(unit: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in unit.read_text().splitlines() if re.match("[A-Z].*=", line))


@pytest.mark.parametrize("name", ["newsite.service", "newsite-worker.service"])
def test_to_stop_is_told_to_who_ends_what_is_in_hand_not_to_the_processes_that_do_it(name):
    assert settings_of(UNITS / name)["KillMode"] == "mixed"


@pytest.mark.parametrize("unit", sorted(UNITS.glob("*.service")), ids=lambda unit: unit.name)
def test_what_the_site_keeps_is_open_to_itself_and_to_nginx_alone(unit):
    """Modes of the folders: systemd sets them at each start, 0755 by default."""
    settings = settings_of(unit)
    folders = {name for name in settings if name in {"StateDirectory", "RuntimeDirectory"}}
    assert "StateDirectory" in folders
    assert all(settings.get(f"{name}Mode", "0755").endswith("50") for name in folders)


def test_the_site_starts_and_shows_pages_within_what_its_unit_allows(stack, address):
    socket = stack.folder / "confined.sock"
    with running(stack, "newsite.service", stack.site.command, BIND=f"unix:{socket}", WORKERS="") as site:
        wait_until(lambda: status_of(socket, "/readyz") == 200 or site.process.poll() is not None)
        assert status_of(socket, address) == 200, site.log_text()
        assert {len(os.sched_getaffinity(pid)) for pid in site.children()} == {1}


@pytest.mark.slow
def test_the_worker_decodes_and_draws_pictures_within_what_its_unit_allows(stack):
    pk = stack.python(
        "from tests.support.images import draw_image, image_bytes, queue_upload\n"
        "print(queue_upload(image_bytes('PNG', draw_image(640, 480))).pk)"
    )
    picture = f"from articles.models import Image; picture = Image.objects.get(pk={pk})\n"
    with running(stack, "newsite-worker.service", stack.worker.command) as worker:
        wait_until(
            lambda: stack.python(f"{picture}print(picture.renditions)") != "{}" or worker.process.poll() is not None,
            seconds=120,
        )
        assert worker.process.poll() is None, worker.log_text()


@pytest.mark.parametrize(
    ("unit", "command"),
    [
        ("newsite-worker.service", ["train_scoring", "--with-parent"]),  # as the worker begins it
        ("newsite-backup.service", ["backup", "{folder}/backup-confined"]),
    ],
)
def test_learning_and_a_backup_come_to_their_end_within_what_their_units_allow(stack, unit, command):
    words = [word.format(folder=stack.folder) for word in command]
    command = confined_command(unit, [*MANAGE, *words])
    all_of_it = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, env=stack.environment, **all_of_it) as program:
        said = program.stdout.read()  # stdin stays open: training would end otherwise
    assert program.returncode == 0, said
