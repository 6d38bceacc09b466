"""Moving in, as the command does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
import pytest

from tests.support.wxr_builder import author, wxr


@pytest.fixture
def moved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """Imports a WordPress export of these parts, or this one; returns the lines of the report."""

    def run(*parts: str, **options: Any) -> list[str]:
        path = tmp_path / "export.xml"
        path.write_text(parts[0] if parts[0].startswith("<?xml") else wxr(author(), *parts))
        call_command("import_wordpress", path, **options)
        return capsys.readouterr().out.splitlines()

    return run
