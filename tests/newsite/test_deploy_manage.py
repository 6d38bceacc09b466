"""Script deploy/manage: it passes the same settings as systemd, whatever characters they contain."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.support.template_databases import REPOSITORY

FILE = """\
# as systemd.exec(5) has it
; and so
SITE_URL=https://news.example.org

DATABASE_URL=postgresql:///news?host=/run/postgresql&disable_server_side_cursors=true
EMAIL_URL=smtp+tls://$USER:`id`;(x)'@mail.example.org:587
  SITE_NAME=The Courier & Daily\t
a line that is none
DEFAULT_FROM_EMAIL="The Courier <letters@example.org>"
WORKERS='2'"""
READ = {
    "SITE_URL": "https://news.example.org",
    "DATABASE_URL": "postgresql:///news?host=/run/postgresql&disable_server_side_cursors=true",
    "EMAIL_URL": "smtp+tls://$USER:`id`;(x)'@mail.example.org:587",
    "SITE_NAME": "The Courier & Daily",
    "DEFAULT_FROM_EMAIL": "The Courier <letters@example.org>",
    "WORKERS": "2",
}
TELL = f"import os, sys; print([sys.argv[1:], {{name: os.environ.get(name) for name in {list(READ)}}}])"


@pytest.fixture
def manage(tmp_path):
    """Create a checkout with only deploy/manage and stubs; run it as the current user."""
    (tmp_path / "deploy").mkdir()
    shutil.copy(REPOSITORY / "deploy/manage", tmp_path / "deploy/manage")
    (tmp_path / "manage.py").write_text(TELL)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(sys.executable)
    (tmp_path / "programs").mkdir()
    setpriv = tmp_path / "programs/setpriv"
    setpriv.write_text('#!/bin/sh\nshift 3\nexec "$@"\n')
    setpriv.chmod(0o755)

    def call(*words, file):
        path = {"PATH": f"{setpriv.parent}:{os.environ['PATH']}", "NEWSITE_ENVIRONMENT": str(file)}
        return subprocess.run(
            [tmp_path / "deploy/manage", *words], env=path, cwd="/", capture_output=True, text=True, check=False
        )

    return call


def test_nothing_in_a_setting_means_anything_to_a_shell(manage, tmp_path):
    (tmp_path / "environment").write_text(FILE)
    done = manage("backup", "a folder/$HOME", file=tmp_path / "environment")
    assert done.stderr == ""
    assert done.stdout.strip() == str([["backup", "a folder/$HOME"], READ])


def test_without_the_settings_nothing_is_done(manage, tmp_path):
    done = manage("migrate", file=tmp_path / "nowhere")
    assert done.returncode != 0
    assert (done.stdout, "nowhere" in done.stderr) == ("", True)
