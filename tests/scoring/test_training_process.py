"""Training in a process beside the worker; and the whole site without the optional packages for training."""

import os
import subprocess
import sys

from django.core.management import call_command
from django.db import connection
import pytest

from comments.models import ScoringModel, TrainingState
from comments.scoring.schedule import acquire_lease, request_training
from newsite.management.commands import train_scoring
from newsite.worker import training_process
from newsite.worker.training_process import stop_training, train_when_due
from tests.support.live_site import REPOSITORY

WITHOUT = """
import sys
sys.modules["sklearn"] = sys.modules["numpy"] = sys.modules["scipy"] = None
import django
django.setup()
from django.core.management import CommandError, call_command
call_command("check", fail_level="WARNING", stdout=sys.stderr)
for command in (["train_scoring"], ["evaluate_scoring", "examples.csv"]):
    try:
        call_command(*command)
    except CommandError as error:
        print(error)
"""
LOADED = """
import sys, django
django.setup()
import newsite.urls, newsite.worker.worker, comments.admin
from comments.scoring.predict import score_text
print([name for name in ("sklearn", "numpy", "scipy") if name in sys.modules])
"""


class Process:
    """Fake of the training process."""

    is_over = was_told_to_end = False

    def poll(self):
        return 0 if self.is_over else None

    def terminate(self):
        self.was_told_to_end = self.is_over = True

    def wait(self):
        return 0


@pytest.fixture
def begun(db, monkeypatch):
    processes = []

    def begin():
        processes.append(Process())
        return processes[-1]

    monkeypatch.setattr(training_process, "_begin", begin)
    yield processes
    stop_training()


def python(code, **environment):
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsite.settings", **environment}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, cwd=REPOSITORY, capture_output=True, text=True, check=False)


def test_a_process_is_begun_when_it_is_time_and_one_at_a_time(begun):
    train_when_due()
    assert begun == []
    request_training()
    train_when_due()
    train_when_due()
    assert len(begun) == 1
    begun[0].is_over = True
    train_when_due()
    assert len(begun) == 2


def test_a_worker_that_ends_ends_it(begun):
    request_training()
    train_when_due()
    stop_training()
    assert begun[0].was_told_to_end


def test_without_the_extra_nothing_is_learnt_and_whoever_asks_is_told_so(begun, monkeypatch):
    monkeypatch.setattr(training_process, "find_spec", lambda name: None)
    train_when_due()
    assert TrainingState.current().problem == ""
    request_training()
    train_when_due()
    assert begun == []
    assert TrainingState.current().problem == training_process.MISSING_EXTRA
    assert TrainingState.current().requested_at is None


def test_neither_the_site_nor_the_worker_loads_what_only_learning_needs():
    assert python(LOADED).stdout.strip() == "[]"


def test_without_the_extra_the_site_is_whole_and_the_commands_say_what_to_install():
    result = python(WITHOUT)
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("pip install scikit-learn") == 2


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_real_process_learns_and_ends():
    name = str(connection.settings_dict["NAME"])
    url = os.environ.get("DATABASE_URL", "")
    of_the_test = f"{url.rpartition('/')[0]}/{name}" if connection.vendor == "postgresql" else f"sqlite:///{name}"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "train_scoring", "--with-parent"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "newsite.settings", "DATABASE_URL": of_the_test},
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout.read() == (
            "Spam: not enough decisions: 0 approved, 0 rejected or spam; at least 50 of each are needed.\n"
            "Rejected: not enough decisions: 0 approved, 0 rejected or spam; at least 50 of each are needed.\n"
        )
        assert process.wait(20) == 0
    assert ScoringModel.objects.count() == 2


def test_it_ends_with_the_worker_however_that_ends():
    code = "from newsite.management.commands.train_scoring import _end_with_parent; _end_with_parent()"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "newsite.settings"}
    process = subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup(); {code}"],
        env=environment,
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
    )
    process.stdin.close()
    assert process.wait(20) == 0


def test_what_goes_wrong_is_kept_for_editors_and_leaves_the_way_free(db, monkeypatch):
    def breaks():
        raise MemoryError("40 GB")

    monkeypatch.setattr(train_scoring, "retrain", breaks)
    with pytest.raises(MemoryError):
        call_command("train_scoring")
    assert TrainingState.current().problem == "MemoryError: 40 GB"
    assert acquire_lease()


def test_a_second_one_leaves_it_to_the_first(db, capsys):
    acquire_lease()
    call_command("train_scoring")
    assert capsys.readouterr().out == "Another process is already training.\n"
    assert not ScoringModel.objects.exists()
