"""Table of environment variables: it lists exactly those that are read; docs/settings.md is generated from it."""

import json
from pathlib import Path
import re
import subprocess
import sys

from comments.privacy.retention import DEFAULT_DAYS
from newsite.conf.variables import SECTIONS, page

HERE = Path(__file__).resolve().parents[2]
READ = """
import json, environ
read, get_value = {}, environ.Env.get_value
def record(self, var, cast=None, default=environ.Env.NOTSET, parse_default=False):
    read[var] = default if isinstance(default, (str, int, bool)) else None
    return get_value(self, var, cast=cast, default=default, parse_default=parse_default)
environ.Env.get_value = record
import newsite.settings
print(json.dumps(read))
"""
SET_BY_GUNICORN = "PROMETHEUS_MULTIPROC_DIR"
FOR_DEVELOPERS = {"BIND", "DEBUG", "PG_BIN", "THOROUGH"}  # in the text below the tables


def variables_read() -> dict[str, object]:
    """Return the defaults by name, as the settings of a fresh process read them."""
    process = subprocess.run([sys.executable, "-c", READ], cwd=HERE, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    of_gunicorn = re.findall(r'environ\.get\("([A-Z_]+)"', (HERE / "deploy/gunicorn.conf.py").read_text())
    read = {**dict.fromkeys(of_gunicorn), **json.loads(process.stdout)}
    return {name: default for name, default in read.items() if name != SET_BY_GUNICORN}


def defaults_listed() -> dict[str, str]:
    """Return the text of the default for each name; names that share a row share it."""
    return {name: each.default for rows in SECTIONS.values() for each in rows for name in each.names}


def test_the_page_is_generated_from_the_table():
    assert (HERE / "docs/settings.md").read_text() == page()


def test_the_page_lists_what_is_read_and_nothing_else():
    assert set(defaults_listed()) == set(variables_read()) - FOR_DEVELOPERS
    assert all(f"`{name}" in page() for name in FOR_DEVELOPERS)


def test_the_page_names_the_defaults_that_are_numbers():
    listed = defaults_listed()
    numbers = {name: value for name, value in variables_read().items() if re.fullmatch("[0-9]+", str(value))}
    numbers |= {f"RETENTION_DAYS_{kind.upper()}": days for kind, days in DEFAULT_DAYS.items()}
    assert len(numbers) > 8
    for name, value in numbers.items():
        assert str(value) in re.split(r"\D+", listed[name]), (name, value, listed[name])
