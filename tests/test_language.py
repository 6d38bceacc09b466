"""The language of docstrings, comments, interface strings and documentation is plain technical English."""

import ast
import io
from pathlib import Path
import re
import tokenize

import pytest

HERE = Path(__file__).resolve().parent.parent
CODE = [path for folder in ("articles", "comments", "newsite", "bench") for path in (HERE / folder).rglob("*.py")]
CODE = [path for path in CODE if "migrations" not in path.parts] + [HERE / "manage.py", HERE / "run"]
TESTS = list((HERE / "tests").rglob("*.py"))
PROSE = [*(HERE / "docs").rglob("*.md"), *HERE.glob("*.md")]
TEMPLATES = [path for end in ("html", "txt") for path in HERE.glob(f"*/**/*.{end}") if "templates" in path.parts]

REJECTED = re.compile(
    r"\b(?:whoever|whosoever|nobody|somebody|anew|lest|midst|whence|whither|thereof|any more|of ours)\b"
    r"|\bat once(?= [^a-z]|[.,;:)]|$)",
    re.IGNORECASE,
)
FIRST_WORDS = frozenset(
    re.findall(
        r"\w+",
        """about above after against along among around as at before behind below beneath beside between beyond by
        despite down during except for from in inside into less like near of off on onto out outside over past per
        since through throughout till to toward towards under underneath until unto up upon via with within without
        he her him his i it its she that their them these they this those us we what whatever which who whom whose
        you your each every""",
    )
)
MAX_SHARE_OF_FIRST_WORDS = 0.02


def docstrings():
    for path in [*CODE, *TESTS]:
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
                yield path, getattr(node, "lineno", 1), text


def comments():
    for path in CODE:
        for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
            if token.type == tokenize.COMMENT:
                yield path, token.start[0], token.string


def strings():
    """Find the arguments of gettext functions."""
    for path in CODE:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and re.search(r"^_$|gettext", getattr(node.func, "id", "")):
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield path, node.lineno, argument.value


def prose():
    for path in [*PROSE, *TEMPLATES]:
        if path.name != "CHANGELOG.md":
            for number, line in enumerate(path.read_text().splitlines(), 1):
                yield path, number, line


@pytest.mark.parametrize("texts", [docstrings, comments, strings, prose])
def test_no_text_has_a_word_that_a_stranger_stumbles_over(texts):
    found = [
        f"{path.relative_to(HERE)}:{number}: {match[0]}"
        for path, number, text in texts()
        for match in REJECTED.finditer(text)
    ]
    assert found == []


def test_docstrings_begin_with_a_verb_or_a_noun():
    firsts = [(path, number, re.split(r"\W+", text.lower(), maxsplit=1)[0]) for path, number, text in docstrings()]
    bad = [f"{path.relative_to(HERE)}:{number}: {word}" for path, number, word in firsts if word in FIRST_WORDS]
    assert len(bad) <= MAX_SHARE_OF_FIRST_WORDS * len(firsts), bad


def test_a_bad_word_would_be_found():
    assert REJECTED.search("Whoever sends it")
    assert REJECTED.search("It is done at once.")
    assert not REJECTED.search("Process fifty at once on one host")
