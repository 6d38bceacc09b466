"""Layers: no app names a route, template or static file of an app above it: articles < comments < newsite."""

from __future__ import annotations

import ast
from collections.abc import Iterator
import importlib
from importlib.util import find_spec
import os
from pathlib import Path
import re
import subprocess
import sys

from django.contrib.staticfiles import finders
from django.template.loader import get_template
import pytest

from articles.urls import article_urls
from comments.urls import urlpatterns

HERE = Path(__file__).resolve().parent.parent
BELOW = {"articles": ("articles",), "comments": ("comments", "articles")}
OF_ADMIN = {"index", "app_list", "logout", "password_change", "jsi18n", "login"}

ROUTE = re.compile(r"""(?:\breverse(?:_lazy)?\(|\bredirect\(|\{%\s*url\s+)f?["']([a-z_:{}]+)["']""")
TEMPLATE = re.compile(r"""["']([\w/{}.-]+\.(?:html|txt))["']""")
STATIC = re.compile(r"""["']([\w/.-]+\.(?:js|css|svg))["']""")


def files_of(app: str) -> Iterator[Path]:
    for path in sorted((HERE / app).rglob("*")):
        if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts:
            yield path


def named_in(app: str, pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    return {(str(path.relative_to(HERE)), name) for path in files_of(app) for name in pattern.findall(path.read_text())}


@pytest.mark.parametrize("app", BELOW)
def test_an_app_reverses_only_routes_of_its_own_and_of_apps_below(app):
    lists = {name: (str, {}) for name in ("section", "author", "tag")}
    own = {
        "articles": {each.name for each in article_urls(article=str, preview=str, lists=lists)},
        "comments": {each.name for each in urlpatterns},
    }
    known = set().union(*(own[below] for below in BELOW[app]))
    named = named_in(app, ROUTE)
    assert named
    of_admin = re.compile(rf"admin:(?:{'|'.join(OF_ADMIN)}|(?:{'|'.join(BELOW[app])}|\{{\w+)_?.*)")
    assert {(path, name) for path, name in named if name not in known and not of_admin.fullmatch(name)} == set()


@pytest.mark.parametrize("app", BELOW)
def test_an_app_names_only_templates_of_its_own_and_of_apps_below(app):
    named = {(path, name) for path, name in named_in(app, TEMPLATE) if "/" in name and "{" not in name}
    assert named
    homes = [HERE / below / "templates" for below in BELOW[app]]
    strangers = {
        (path, name)
        for path, name in named
        if not any((home / name).is_file() for home in homes) and not is_of_a_library(name)
    }
    assert strangers == set()


def is_of_a_library(template: str) -> bool:
    """Return whether a library has a template of that name: admin/base_site.html overrides Django's."""
    return template.startswith("admin/") and (DJANGO_ADMIN / template).is_file()


DJANGO_ADMIN = Path(finders.__file__).parents[1] / "admin/templates"


@pytest.mark.parametrize("app", BELOW)
def test_an_app_names_only_static_files_of_its_own_and_of_apps_below(app):
    named = {(path, name) for path, name in named_in(app, STATIC) if "/" in name}
    assert named
    assert {(path, name) for path, name in named if not may_name(app, finders.find(name))} == set()


def may_name(app: str, found: str | None) -> bool:
    """Return whether the file belongs to the app, to one below, or to a library."""
    apps = [name for name in ("articles", "comments", "newsite") if found and Path(found).is_relative_to(HERE / name)]
    return found is not None and set(apps) <= set(BELOW[app])


def test_the_project_replaces_the_layout_of_readers_pages():
    assert (HERE / "comments/templates/comments/base.html").is_file()
    assert get_template("comments/base.html").origin.name == str(HERE / "templates/comments/base.html")


def test_settings_import_no_application_code():
    code = "import sys, newsite.settings; print(sorted({n.partition('.')[0] for n in sys.modules}))"
    environment = {**os.environ, "DEBUG": "1"}
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=HERE, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    assert "newsite" in process.stdout
    assert not {"articles", "comments"} & set(ast.literal_eval(process.stdout))


@pytest.mark.parametrize("path", sorted((HERE / "bench").glob("*.py")), ids=lambda path: path.stem)
def test_every_benchmark_can_be_imported_with_the_code_that_it_sends_to_other_processes(path):
    module = importlib.import_module(f"bench.{path.stem}")
    for value in vars(module).values():
        if isinstance(value, str) and re.search(r"^(from|import) \w", value, re.MULTILINE):
            for node in ast.walk(parsed(value)):
                if isinstance(node, ast.ImportFrom) and node.module:
                    source = importlib.import_module(node.module)
                    missing = [name.name for name in node.names if not hasattr(source, name.name)]
                    assert [name for name in missing if not find_spec(f"{node.module}.{name}")] == []


def parsed(code: str) -> ast.Module:
    """Parse code, or a template of code with placeholders for values."""
    try:
        return ast.parse(code)
    except SyntaxError:
        return ast.parse(re.sub(r"\{[^{}]*\}", "0", code).replace("{{", "{").replace("}}", "}"))
