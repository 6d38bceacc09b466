"""Warm-up of a gunicorn worker before its first request; other processes skip it."""

import runpy
import subprocess
import sys

from django.test import Client
import pytest

from tests.conftest import make_article, send
from tests.support.template_databases import REPOSITORY


def tables():
    """Return the functions of comments.text with an unlimited cache, by name."""
    modules = [module for name, module in sys.modules.items() if name.startswith("comments.text.")]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if hasattr(value, "cache_parameters") and value.__module__ == module.__name__
        if value.cache_parameters()["maxsize"] is None
    }


def test_the_first_form_that_a_worker_is_sent_finds_every_table_made(db, monkeypatch):
    monkeypatch.setattr("gc.freeze", lambda: None)
    article = make_article()
    for table in tables().values():
        table.cache_clear()
    runpy.run_path(str(REPOSITORY / "deploy/gunicorn.conf.py"))["post_worker_init"](None)
    assert len(tables()) >= 8
    assert {name: table.cache_info().currsize for name, table in tables().items()} == dict.fromkeys(tables(), 1)
    made = {name: table.cache_info().misses for name, table in tables().items()}
    assert send(Client(), article, comment="Ещё “words” – naïve.", name="Zoë 2").status_code == 303
    assert {name: table.cache_info().misses for name, table in tables().items()} == made


@pytest.mark.parametrize("loaded", ["newsite.urls", "newsite.wsgi"])
def test_no_command_makes_them(loaded):
    script = f"""
import django
django.setup()
import {loaded}
from tests.newsite.test_warm_up import tables
print(len(tables()), [name for name, table in tables().items() if table.cache_info().currsize])
"""
    told = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True, cwd=REPOSITORY
    ).stdout
    assert told.split(maxsplit=1) == [str(len(tables())), "[]\n"]
