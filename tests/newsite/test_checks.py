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
    "PYTHONWARNINGS": "ignore",
}
NOT_OURS = {"STATIC_ROOT", "DEBUG", "SECRET_KEY_FILE", "ALLOWED_HOSTS"}


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
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES has 0.0.0.0/0"),
        ({"TRUSTED_PROXIES": "unix,::/0"}, "TRUSTED_PROXIES has ::/0"),
        ({"STATIC_ROOT": "/nowhere"}, "run manage.py collectstatic"),
    ],
)
def test_a_start_that_would_be_dangerous_stops_with_a_sentence(values, sentence):
    result = answer_to(["-c", "import newsite.wsgi"], **values)
    assert result.returncode != 0
    assert sentence in result.stderr.splitlines()[-1]


def test_a_good_start_is_not_stopped():
    assert answer_to(["-c", "import newsite.wsgi"]).returncode == 0
