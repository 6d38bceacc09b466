"""A start that must not be is stopped with a sentence; what deploy/ sets is what Django's own checks want."""

import os
import subprocess
import sys

import pytest

GOOD = {
    "DJANGO_SETTINGS_MODULE": "newsite.settings",
    "SECRET_KEY": "0123456789-abcdefghijklmnop-0123456789-abcdefghijklmnop",
    "SITE_URL": "https://news.example.org",
    "TRUSTED_PROXIES": "unix",
    "EMAIL_URL": "smtp://mail.example.org",
    "PYTHONWARNINGS": "ignore",
}
NOT_OURS = {"STATIC_ROOT", "DEBUG", "SECRET_KEY_FILE", "ALLOWED_HOSTS", "EMAIL_URL_FILE"}


def answer_to(command, **values):
    environment = {name: value for name, value in os.environ.items() if name not in NOT_OURS} | GOOD | values
    environment = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_settings_of_a_deployed_site_leave_django_nothing_to_say():
    result = answer_to(["manage.py", "check", "--deploy", "--fail-level", "WARNING"])
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "secret"}, "SECRET_KEY can be guessed"),
        ({"SITE_URL": None}, "SITE_URL is not set"),
        ({"EMAIL_URL": None}, "EMAIL_URL is not set"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES has 0.0.0.0/0"),
        ({"TRUSTED_PROXIES": "unix,::/0"}, "TRUSTED_PROXIES has ::/0"),
        ({"STATIC_ROOT": "/nowhere"}, "run manage.py collectstatic"),
    ],
)
@pytest.mark.parametrize("command", [["-c", "import newsite.wsgi"], ["manage.py", "work"]], ids=["site", "worker"])
def test_a_start_that_would_be_dangerous_stops_with_a_sentence(values, sentence, command):
    result = answer_to(command, **values)
    assert result.returncode != 0
    assert sentence in result.stderr.splitlines()[-1]


@pytest.mark.parametrize("values", [{}, {"SITE_URL": "http://127.0.0.1:8000", "EMAIL_URL": None}])
def test_a_good_start_is_not_stopped(values):
    assert answer_to(["-c", "import newsite.wsgi"], **values).returncode == 0
