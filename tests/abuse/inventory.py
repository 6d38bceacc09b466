"""Inventory of the functions and regular expressions that may process untrusted text, found in the source.

A function counts if a parameter is annotated as text, as a request, or as a type derived from text. A regular
expression counts wherever it is compiled.
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
TEXT_TYPES = re.compile(r"\b(?:str|bytes|HttpRequest|QueryDict|Match|Draft|Facts|Folded|Node|Element)\b")
RE_METHODS = ("search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn")


@dataclass(frozen=True, order=True)
class Function:
    """Function; `location` (file and first line) identifies it while it runs."""

    name: str
    location: tuple[str, int]


@dataclass(frozen=True)
class Pattern:
    """Regular expression; `uses` are the methods by which the source applies it."""

    name: str
    pattern: re.Pattern[str]
    uses: frozenset[str]


@cache
def functions() -> list[Function]:
    return sorted(function for path in _files() for function in _functions_in(path))


def _files() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path for path in sorted((REPOSITORY / package).rglob("*.py")) if "migrations" not in path.parts)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(REPOSITORY).with_suffix("").parts).removesuffix(".__init__")


def _functions_in(path: Path) -> Iterator[Function]:
    def visit(node: ast.AST, scope: str) -> Iterator[Function]:
        for child in ast.iter_child_nodes(node):
            name = getattr(child, "name", "")
            if isinstance(child, ast.FunctionDef) and _takes_text(child):
                first_line = min([child.lineno, *(each.lineno for each in child.decorator_list)])
                yield Function(f"{scope}.{name}", (str(path), first_line))
            is_scope = isinstance(child, ast.FunctionDef | ast.ClassDef)
            yield from visit(child, f"{scope}.{name}" if is_scope else scope)

    return visit(_parsed(path), _module_name(path))


def _takes_text(function: ast.FunctionDef) -> bool:
    arguments = function.args
    parameters = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return any(each and each.annotation and TEXT_TYPES.search(ast.unparse(each.annotation)) for each in parameters)


class CallRecorder:
    """Profiler that records the locations of all called functions."""

    def __init__(self) -> None:
        self.locations: set[tuple[str, int]] = set()

    def __enter__(self) -> CallRecorder:
        sys.setprofile(self._record)
        return self

    def __exit__(self, *_fault: object) -> None:
        sys.setprofile(None)

    def _record(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self.locations.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))


@cache
def patterns() -> list[Pattern]:
    """Return all regular expressions: named ones and inline ones."""
    return [
        replace(pattern, uses=exemptions.PATTERN_USES.get(pattern.name.partition("[")[0], pattern.uses))
        for pattern in (*_named_patterns(), *_inline_patterns())
    ]


def _named_patterns() -> Iterator[Pattern]:
    trees = {_module_name(path): _parsed(path) for path in _files()}
    seen: set[int] = set()
    for module, tree in trees.items():
        if any(isinstance(node, ast.Attribute) and _is_re(node.value) for node in ast.walk(tree)):
            for name, pattern in _compiled(importlib.import_module(module)):
                if id(pattern) not in seen:
                    seen.add(id(pattern))
                    variable = name.partition("[")[0]
                    searched_trees = [tree] if variable.startswith("_") else list(trees.values())
                    yield Pattern(f"{module}.{name}", pattern, _uses_of(variable, searched_trees))


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
    """Return the methods that are called on the pattern; all methods if it is also passed on."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    loads = sum(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) for node in nodes)
    methods = [node.attr for node in nodes if isinstance(node, ast.Attribute) and _is_name(node.value, name)]
    uses = {use for use in methods if use in RE_METHODS}
    return frozenset(uses if uses and loads == len(methods) else RE_METHODS)


def _inline_patterns() -> Iterator[Pattern]:
    for path, call, method in _re_calls():
        argument = call.args[0] if call.args else None
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and method in RE_METHODS:
            yield Pattern(f"{_module_name(path)}:{call.lineno}", re.compile(argument.value), frozenset({method}))


@cache
def dynamic_patterns() -> list[str]:
    """Return where a pattern is not a constant, or is compiled within a function."""
    names = []
    for path, call, method in _re_calls():
        is_constant = bool(call.args) and isinstance(call.args[0], ast.Constant)
        function = _enclosing_function(path, call.lineno)
        if method in {*RE_METHODS, "compile"} and (function if method == "compile" else not is_constant):
            names.append(f"{_module_name(path)}.{function}")
    return sorted(set(names))


def _re_calls() -> Iterator[tuple[Path, ast.Call, str]]:
    """Find calls of functions of the module `re`, with the names of the functions."""
    for path in _files():
        for node in ast.walk(_parsed(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_re(node.func.value):
                yield path, node, node.func.attr


def _is_re(node: ast.expr) -> bool:
    return _is_name(node, "re")


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _enclosing_function(path: Path, line: int) -> str:
    names = [
        node.name
        for node in ast.walk(_parsed(path))
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return ".".join(names)


def unlisted(names: Iterable[str], entries: Iterable[str]) -> list[str]:
    """Return the names that no entry covers. An entry that ends in a dot covers all names below it."""
    known_entries = list(entries)
    return [name for name in names if not any(_covers(entry, name) for entry in known_entries)]


def reason(name: str, entries: Mapping[str, str]) -> str:
    """Return why no target reaches a function; empty if it is not listed."""
    return next((text for entry, text in entries.items() if _covers(entry, name)), "")


def _covers(entry: str, name: str) -> bool:
    return name == entry or (entry.endswith(".") and name.startswith(entry))
