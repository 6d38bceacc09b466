"""What may take strangers' text, found in the source: every function that is given text, and every pattern.

Nothing is entered here by hand. A function counts if one of its parameters is declared as text, as a request, or as
something that text was made into. A pattern counts wherever it is compiled.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
import importlib
from pathlib import Path
import re
import sys
from types import FrameType, ModuleType
from typing import Any

from tests.abuse import exemptions

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGES = ("articles", "comments", "newsite")
GIVEN_TEXT = re.compile(r"\b(?:str|bytes|HttpRequest|QueryDict|Match|Draft|Facts|Folded|Node|Element)\b")
USES = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")


@dataclass(frozen=True, order=True)
class Function:
    """`place` is how a running function is recognized: its file and its first line."""

    name: str
    place: tuple[str, int]


@dataclass(frozen=True)
class Pattern:
    """`uses` are the methods by which the source applies it."""

    name: str
    pattern: re.Pattern[str]
    uses: frozenset[str]


@cache
def functions() -> list[Function]:
    return sorted(found for path in _files() for found in _functions_in(path))


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path for path in sorted((REPOSITORY / package).rglob("*.py")) if "migrations" not in path.parts)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def _functions_in(path: Path) -> Iterator[Function]:
    def visit(node: ast.AST, inside: str) -> Iterator[Function]:
        for child in ast.iter_child_nodes(node):
            name = getattr(child, "name", "")
            if isinstance(child, ast.FunctionDef) and _is_given_text(child):
                first = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                yield Function(f"{inside}.{name}", (str(path), first))
            is_scope = isinstance(child, ast.FunctionDef | ast.ClassDef)
            yield from visit(child, f"{inside}.{name}" if is_scope else inside)

    return visit(_parsed(path), _module_name(path))


def _is_given_text(function: ast.FunctionDef) -> bool:
    arguments = function.args
    declared = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return any(each and each.annotation and GIVEN_TEXT.search(ast.unparse(each.annotation)) for each in declared)


class Reached:
    """Records which functions run, by their places."""

    def __init__(self) -> None:
        self.places: set[tuple[str, int]] = set()

    def __enter__(self) -> Reached:
        sys.setprofile(self._look)
        return self

    def __exit__(self, *_fault: object) -> None:
        sys.setprofile(None)

    def _look(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self.places.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))


@cache
def patterns() -> list[Pattern]:
    """Those that have a name, and those that are written where they are applied."""
    return [
        replace(found, uses=exemptions.APPLIED.get(found.name.partition("[")[0], found.uses))
        for found in (*_named_patterns(), *_written_in_place())
    ]


def _named_patterns() -> Iterator[Pattern]:
    trees = {_module_name(path): _parsed(path) for path in _files()}
    seen: set[int] = set()
    for module, tree in trees.items():
        if any(isinstance(node, ast.Attribute) and _is_re(node.value) for node in ast.walk(tree)):
            for name, pattern in _compiled(importlib.import_module(module)):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    short = name.partition("[")[0]
                    where = [tree] if short.startswith("_") else list(trees.values())
                    yield Pattern(f"{module}.{name}", pattern, _uses_of(short, where))


def _compiled(module: ModuleType) -> Iterator[tuple[str, re.Pattern[str]]]:
    for name, value in vars(module).items():
        if not name.startswith("__"):
            yield from _patterns_within(name, value)


def _patterns_within(name: str, value: Any) -> Iterator[tuple[str, re.Pattern[str]]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield name, value
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _patterns_within(f"{name}[{number}]", each)


def _uses_of(name: str, trees: Iterable[ast.AST]) -> frozenset[str]:
    """How the pattern is applied; in every way if it is also handed on."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    loads = sum(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) for node in nodes)
    applied = [node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_name(node.value, name)]
    uses = {use for use in applied if use in USES}
    return frozenset(uses if uses and loads == len(applied) else USES)


def _written_in_place() -> Iterator[Pattern]:
    for path, call in _calls_of_re():
        written = call.args[0] if call.args else None
        method = call.func.attr  # type: ignore[attr-defined]  # as `_calls_of_re` has seen
        if isinstance(written, ast.Constant) and isinstance(written.value, str) and method in USES:
            yield Pattern(f"{_module_name(path)}:{call.lineno}", re.compile(written.value), frozenset({method}))


@cache
def made_while_running() -> list[str]:
    """Where a pattern is made of something else than a constant, and where one is compiled within a function."""
    found = []
    for path, call in _calls_of_re():
        method = call.func.attr  # type: ignore[attr-defined]  # as `_calls_of_re` has seen
        is_constant = bool(call.args) and isinstance(call.args[0], ast.Constant)
        inside = _function_around(path, call.lineno)
        if method in {*USES, "compile"} and (inside if method == "compile" else not is_constant):
            found.append(f"{_module_name(path)}.{inside}")
    return sorted(set(found))


def _calls_of_re() -> Iterator[tuple[Path, ast.Call]]:
    for path in _files():
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_re(node.func.value):
                yield path, node


def _is_re(node: ast.expr) -> bool:
    return _is_name(node, "re")


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _function_around(path: Path, line: int) -> str:
    names = [
        node.name
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return ".".join(names)


def not_listed(found: Iterable[str], listed: Iterable[str]) -> list[str]:
    """Which of the found names are covered by no entry. An entry that ends in a dot stands for all below it."""
    known = list(listed)
    return [name for name in found if not any(_covers(entry, name) for entry in known)]


def reason(name: str, listed: Mapping[str, str]) -> str:
    """Why a function is not driven; empty for one that is not listed."""
    return next((said for entry, said in listed.items() if _covers(entry, name)), "")


def _covers(entry: str, name: str) -> bool:
    return name == entry or (entry.endswith(".") and name.startswith(entry))
