"""System checks: unsafe settings stop the start with an explanation; the settings of deploy/ pass Django's checks."""

import os
import subprocess
import sys

import pytest

from newsite.conf import checks
from newsite.conf.env import DEFAULT_SITE_URL, email_config, env, site_url, trusted_proxies

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
    "command", [["-c", "import newsite.wsgi"], ["manage.py", "run_worker"]], ids=["site", "worker"]
)
def test_a_start_that_would_be_dangerous_stops_with_what_has_to_be_done(command):
    result = answer_to(command, SECRET_KEY="x" * 60, EMAIL_URL=None)
    assert result.returncode != 0
    assert "SECRET_KEY can be guessed" in result.stderr.splitlines()[-1]
    assert "EMAIL_URL is not set" in result.stderr.splitlines()[-1]


@pytest.fixture
def deployed(settings, monkeypatch):
    """Return a function that applies GOOD with the given changes, and returns the messages of the checks."""

    def wrong(**values):
        environment = {name: value for name, value in (GOOD | values).items() if value is not None}
        monkeypatch.setattr(env, "ENVIRON", environment)
        settings.DEBUG, settings.STATIC_ROOT = False, environment.get("STATIC_ROOT")
        settings.SECRET_KEY, settings.EMAIL_BACKEND = (
            environment["SECRET_KEY"],
            email_config("consolemail://")["EMAIL_BACKEND"],
        )
        settings.SITE_URL = site_url(DEFAULT_SITE_URL)
        settings.TRUSTED_PROXIES = trusted_proxies()
        return checks.error_messages()

    return wrong


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY can be guessed"),
        ({"SECRET_KEY": "secret"}, "SECRET_KEY can be guessed"),
        ({"SITE_URL": None}, "SITE_URL is not set"),
        ({"EMAIL_URL": None}, "EMAIL_URL is not set"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES contains 0.0.0.0/0"),
        ({"TRUSTED_PROXIES": "unix,::/0"}, "TRUSTED_PROXIES contains ::/0"),
        ({"STATIC_ROOT": "/nowhere"}, "Run manage.py collectstatic"),
    ],
)
def test_what_must_not_be_in_the_world_is_named(deployed, values, sentence):
    assert any(sentence in doubt for doubt in deployed(**values))
    assert deployed() == []


@pytest.mark.parametrize("values", [{}, {"SITE_URL": "http://127.0.0.1:8000", "EMAIL_URL": None}])
def test_a_good_start_is_not_stopped(values):
    assert answer_to(["-c", "import newsite.wsgi"], **values).returncode == 0
