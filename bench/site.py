"""Site with demo data on a temporary database, in this process."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
import gc
import os
import tempfile

import django
from django.core.management import call_command

from tests.support.postgres import temporary_database


@contextlib.contextmanager
def site(engine: str = "postgresql") -> Iterator[None]:
    """Set up Django and the database. Import models only inside this context."""
    with temporary_database() if engine == "postgresql" else sqlite() as url:
        os.environ |= {
            "DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "newsite.settings",
            "SECRET_KEY": "bench",
            "FIRST_PASSWORD": "bench",
        }
        django.setup()
        call_command("setup_dev", user="editor", verbosity=0)
        gc.collect()
        gc.freeze()  # as deploy/gunicorn.conf.py does
        yield


@contextlib.contextmanager
def sqlite() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/bench.sqlite3"
