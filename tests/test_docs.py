"""Documentation: the files, links and commands that it names exist."""

from pathlib import Path
import re

from django.core.management import get_commands
import pytest

HERE = Path(__file__).resolve().parent.parent
PAGES = sorted([*HERE.glob("*.md"), *HERE.glob("docs/**/*.md")])
ROOTS = ("articles", "bench", "comments", "deploy", "docs", "newsite", "requirements", "templates", "tests")
PATH = re.compile(rf"`((?:{'|'.join(ROOTS)})/[\w/.-]*)")
LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"manage(?:\.py)? ([a-z_]+)")
MODULE = re.compile(r"python -m ((?:bench|tests)(?:\.[a-z_]+)*)(?: ([a-z_]+))?")


@pytest.mark.parametrize("document", PAGES, ids=lambda path: str(path.relative_to(HERE)))
def test_what_a_page_names_is_there(document):
    text = document.read_text()
    paths = {path.rstrip(".") for path in PATH.findall(text) if "*" not in path}
    missing = {path for path in paths if not (HERE / path).exists() and not list(HERE.glob(f"{path}.*"))}
    missing |= {link for link in LINK.findall(text) if not (document.parent / link).exists()}
    missing |= {command for command in COMMAND.findall(text) if command not in get_commands()}
    for module, argument in MODULE.findall(text):
        path = HERE / module.replace(".", "/")
        if not path.with_suffix(".py").is_file() and not (path / "__main__.py").is_file():
            missing.add(module)
        if module == "bench" and argument and not (path / f"{argument}.py").is_file():
            missing.add(f"{module} {argument}")
    assert missing == set()
