"""Fixture for imports by the management command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
import pytest

from tests.support.wxr_builder import author, wxr


@pytest.fixture
def run_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Return a function that imports a WordPress export, or one built of parts, and returns the lines of the report."""

    def run(*parts: str, **options: Any) -> list[str]:
        path = tmp_path / "export.xml"
        path.write_text(parts[0] if parts[0].startswith("<?xml") else wxr(author(), *parts))
        call_command("import_wordpress", path, **options)
        return capsys.readouterr().out.splitlines()

    return run
