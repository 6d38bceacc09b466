"""Commands ./run and ./run test: their output, and their errors when a requirement is missing."""

import ast
import contextlib
import importlib.machinery
import importlib.util
from importlib.util import cache_from_source
import os
from pathlib import Path
import shutil
import signal
import socket
import subprocess
import sys
import time
from urllib.request import urlopen

import pytest

from tests import suite
from tests.support.full_stack import free_port
from tests.support.template_databases import PASSWORD, REPOSITORY, USER, copy_demo


@pytest.fixture
def run():
    loader = importlib.machinery.SourceFileLoader("run", str(REPOSITORY / "run"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run", loader))
    loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path):
    """Clone the project into a folder, with this environment and without files of earlier runs."""
    files = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    for name in files.splitlines():
        if (REPOSITORY / name).is_file():
            copy(REPOSITORY / name, tmp_path / name)
            if name.endswith(".py") and (compiled := Path(cache_from_source(REPOSITORY / name))).is_file():
                copy(compiled, Path(cache_from_source(tmp_path / name)))
    (tmp_path / ".venv").symlink_to(REPOSITORY / ".venv")
    return tmp_path


def copy(path, to):
    """Copy a file with its modification time, by which Python finds stale bytecode."""
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(path, to)


@pytest.fixture
def used_clone(clone):
    """Return a clone that has been served before: the demo is loaded."""
    copy_demo(clone / "var/newsite.sqlite3", clone / "var/media")
    (clone / "var/password").write_text(PASSWORD)
    return clone


@contextlib.contextmanager
def started(clone, port, **values):
    """Start ./run, and yield the lines that it prints until it serves."""
    environment = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "SECRET_KEY"}}
    environment |= values
    process = subprocess.Popen(
        [sys.executable, "run", f"127.0.0.1:{port}"], cwd=clone, env=environment, stdout=subprocess.PIPE, text=True
    )
    lines = {}
    for line in process.stdout:
        name, _, value = line.strip().partition(": ")
        lines[name] = value
        if name == "Password":
            break
    try:
        assert "Password" in lines, lines
        yield process, lines
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
        process.stdout.close()


def test_it_serves_prints_where_and_stops_all_it_started(clone):
    port = free_port()
    with started(clone, port) as (_, first):
        assert first["Site"] == f"http://127.0.0.1:{port}/"
        assert first["Admin"] == f"http://127.0.0.1:{port}/admin/"
        assert first["User"]
        with urlopen(first["Site"]) as page:
            assert b"The Marrowgate Courier" in page.read()
        assert (clone / "var/password").stat().st_mode & 0o777 == 0o600
    with pytest.raises(OSError, match="refused"):
        urlopen(first["Site"])
    ignored = subprocess.run(["git", "check-ignore", "var/password"], cwd=REPOSITORY, capture_output=True, check=False)
    assert ignored.returncode == 0


@pytest.mark.parametrize("how", [signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_when_its_terminal_goes_or_it_is_killed(used_clone, how):
    port = free_port()
    with started(used_clone, port) as (process, _lines):
        process.send_signal(how)
        process.wait(30)
        until = time.monotonic() + 20
        while (left := running_from(used_clone)) and time.monotonic() < until:
            time.sleep(0.1)
    assert left == []


def running_from(clone):
    """Return the command lines of all processes of this clone: server, workers, background worker."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(clone) in command:
                found.append(command)
    return found


def test_a_secret_key_of_ones_own_and_the_password_of_an_earlier_run_are_used(used_clone):
    port = free_port()
    key = "one of my own, " + "x" * 50
    with started(used_clone, port, SECRET_KEY=key) as (process, lines):
        assert (lines["User"], lines["Password"]) == (USER, PASSWORD)
        environment = Path(f"/proc/{children(process)[0]}/environ").read_text().split("\0")
    assert f"SECRET_KEY={key}" in environment
    assert not [line for line in environment if line.startswith("SECRET_KEY_FILE=")]


def test_letters_are_printed_and_a_worker_that_ends_is_started_again(used_clone):
    port = free_port()
    with started(used_clone, port, DJANGO_SETTINGS_MODULE="newsite.settings") as (process, lines):
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{used_clone / 'var/newsite.sqlite3'}"}
        environment |= {
            "SECRET_KEY": (used_clone / "var/secret-key").read_text(),
            "SITE_URL": lines["Site"].rstrip("/"),
        }
        until = time.monotonic() + 20
        while len(children(process)) < 2 and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(children(process)[1], signal.SIGKILL)
        code = (
            "from comments.models import Notification, Subscription\n"
            "ada = Subscription.objects.create(device='adas', address='ada@example.org')\n"
            "Notification.objects.create(kind='confirm', subscription=ada)"
        )
        command = [sys.executable, "manage.py", "shell", "--no-imports", "--command", code]
        environment["DJANGO_SETTINGS_MODULE"] = "newsite.settings"
        subprocess.run(command, cwd=used_clone, env=environment, check=True)
        printed = next(line for line in process.stdout if "/letters/" in line)
        assert lines["Site"] in printed
        workers = children(process)
    assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]


def children(process):
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


def test_a_taken_port_is_one_plain_sentence(clone):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [sys.executable, "run", f"127.0.0.1:{port}"]
        result = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert f"127.0.0.1:{port} cannot be used" in line


def test_an_old_python_is_one_plain_sentence(run, monkeypatch):
    monkeypatch.setattr(run, "OLDEST_PYTHON", (4, 0))
    with pytest.raises(SystemExit, match=r"This needs Python 4\.0 or newer, and this is 3"):
        run.main([])


def test_a_missing_package_is_named_to_who_is_not_root(run, monkeypatch):
    monkeypatch.setattr(run.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="Please install chromium, postgresql first: sudo apt-get install"):
        run.install_debian_packages(["chromium", "postgresql"])


@pytest.mark.parametrize("address", ["8000x", "127.0.0.1:0", "127.0.0.1:70000", "--port", "a:b:c"])
def test_a_wrong_address_is_one_plain_sentence(run, address):
    with pytest.raises(SystemExit, match="Give an address such as"):
        run.address([address])


def test_a_missing_browser_or_database_fails_the_tests(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name, path=None: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="chromium"):
        suite.main([])


PACKAGES = {
    **{name: name for name in ("chromium", "curl", "faketime", "git", "nginx", "openssl", "redis-server", "strace")},
    "ip": "iproute2",
    "nft": "nftables",
    "ss": "iproute2",
    "systemd-analyze": "systemd",
}


def test_each_program_that_tests_start_comes_with_the_packages_that_are_installed_for_them():
    """A bare machine has none of them. A list, or what a function is given, begins with the program."""
    nodes = [node for path in (REPOSITORY / "tests").rglob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    lists = [node.elts for node in nodes if isinstance(node, ast.List)]
    lists += [node.args for node in nodes if isinstance(node, ast.Call)]
    started = {words[0].value for words in lists if words and isinstance(words[0], ast.Constant)}
    needed = {PACKAGES[program] for program in started & PACKAGES.keys()}
    assert {"git", "nftables", "nginx", "redis-server"} <= needed <= suite.debian_packages().keys()


def test_ci_runs_exactly_the_tests():
    assert (REPOSITORY / ".ci/run").read_text().split()[-2:] == ["./run", "test"]


def test_of_two_rows_the_one_that_fails_is_named_after_what_it_said_and_nothing_begins_any_more(tmp_path, capsys):
    def says(words, status=0, before=""):
        code = f"import os, pathlib, sys, time\npid = pathlib.Path({str(tmp_path / 'pid')!r})\n{before}"
        return [sys.executable, "-c", f"{code}\nprint({words!r})\nsys.exit({status})"]

    it_is_there = "part = pid.with_suffix('.part'); part.write_text(str(os.getpid())); part.rename(pid)"
    until_it_has_ended = "while not pid.exists() or os.path.exists('/proc/' + pid.read_text()): time.sleep(0.05)"
    one = {"first": says("So it is."), "second": says("So it is not.", 1, it_is_there), "third": says("Nobody asked.")}
    other = {"long": says("At last.", 0, until_it_has_ended), "longer": says("Nobody asked.")}
    with pytest.raises(SystemExit, match=r"^Failed: second$"):
        suite.run_side_by_side([one, other], dict(os.environ))
    assert capsys.readouterr().out == "== first\nSo it is.\n== second\nSo it is not.\n== long\nAt last.\n"
