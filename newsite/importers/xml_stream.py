"""Stream parser of XML exports: constant memory, no entities, no external resources.

An error raises `InvalidFile` after all complete elements before it were returned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

CHUNK = 64 * 1024
MAX_DEPTH = 100  # nested elements
MAX_ELEMENT_LENGTH = (
    32 * 1024 * 1024
)  # characters of one element with its content; a start tag counts as _ELEMENT characters
_ELEMENT = 64
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Control characters are not allowed in XML, not even in CDATA, but some exporters write them.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


class InvalidFile(Exception):
    """Error message for the user who imports: what is wrong, and where."""


@dataclass(slots=True)
class Element:
    """Element; `name` is the result of `naming`, `text` is the text directly within."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def all(self, name: str) -> list[Element]:
        return [child for child in self.children if child.name == name]

    def first(self, name: str) -> str:
        """Return the text of the first child of this name; empty without one."""
        return next((child.text for child in self.children if child.name == name), "")


@dataclass(frozen=True, slots=True)
class FoundElement:
    """Complete element and its parent, to which more children may be added."""

    element: Element
    within: Element | None


class _Outline:
    """Parser target that returns elements at depth `records`, or named in `apart`, and does not keep them."""

    def __init__(self, naming: Callable[[str, str], str], *, records: int, apart: frozenset[str]) -> None:
        self._naming, self._records, self._apart = naming, records, apart
        self.root = ""
        self.open: list[Element] = []
        self.found: list[FoundElement] = []
        self._size = 0
        self._names: dict[str, str] = {}

    def start(self, tag: str, attributes: list[str]) -> None:
        """Open an element; `attributes` alternates names and values."""
        element = Element(self._name(tag))
        if attributes:
            element.attributes = dict(zip(map(self._name, attributes[::2]), attributes[1::2], strict=True))
        self.root = self.root or element.name
        self.open.append(element)
        if len(self.open) > MAX_DEPTH:
            raise InvalidFile(f"more than {MAX_DEPTH} nested elements")
        self._grow(_ELEMENT)

    def data(self, text: str) -> None:
        self.open[-1].parts.append(text)
        self._grow(len(text))

    def end(self, _tag: str) -> None:
        element = self.open.pop()
        depth = len(self.open)
        if depth == self._records or (depth > self._records and element.name in self._apart):
            self.found.append(FoundElement(element, self.open[-1] if self.open else None))
            self._size = 0
        elif depth > self._records:
            self.open[-1].children.append(element)
        for outer in self.open[: self._records]:
            outer.parts.clear()  # text between records

    def _name(self, tag: str) -> str:
        if tag not in self._names:
            namespace, _brace, local = tag.rpartition("}")
            self._names[tag] = self._naming(namespace, local)
        return self._names[tag]

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > MAX_ELEMENT_LENGTH:
            raise InvalidFile(f"an element larger than {MAX_ELEMENT_LENGTH // 1024 // 1024} million characters")


def read_elements(
    path: Path,
    naming: Callable[[str, str], str],
    *,
    root: str,
    records: int,
    apart: frozenset[str] = frozenset(),
    on_progress: Callable[[int], None] = lambda read: None,
) -> Iterator[FoundElement]:
    """Yield the elements at depth `records`, and deeper ones named in `apart`, in the order of their end tags.

    `naming` maps a namespace and a local name to a name. `root` is the required name of the root element.
    `on_progress` gets the number of bytes read.

    Raise InvalidFile.
    """
    outline = _Outline(naming, records=records, apart=apart)
    try:
        with path.open("rb") as file:
            yield from _parse(file, outline, root, path, on_progress)
    except OSError as error:
        raise InvalidFile(f"{path} could not be read: {error.strerror}.") from error


def _parse(
    file: BinaryIO, outline: _Outline, root: str, path: Path, on_progress: Callable[[int], None]
) -> Iterator[FoundElement]:
    parser = _parser(outline)
    chunk, lines_before = _without_strays(file.read(CHUNK), root)
    removed = None if chunk.startswith(_UTF_16) else _CONTROLS
    fault = None
    while fault is None:
        try:
            if chunk:
                parser.feed(chunk if removed is None else chunk.translate(None, removed))
            else:
                parser.close()
        except (ParseError, DefusedXmlException, InvalidFile, ValueError, LookupError) as error:
            line = parser.parser.ErrorLineNumber + lines_before
            fault = InvalidFile(f"{path}, line {line}, column {parser.parser.ErrorColumnNumber + 1}: {_what(error)}.")
            fault.__cause__ = error
        if outline.root and outline.root != root:
            raise InvalidFile(
                f"{path} is a different kind of file: it begins with <{outline.root}> instead of <{root}>."
            )
        yield from outline.found
        outline.found = []
        on_progress(file.tell())
        if not chunk:
            break
        chunk = file.read(CHUNK)
    if fault:
        raise fault


def _parser(outline: _Outline) -> DefusedXMLParser:
    """Return a parser with the protections of defusedxml, but direct handlers, which halves the time."""
    parser = DefusedXMLParser(target=object())
    expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = outline.start, outline.end
    expat.CharacterDataHandler, expat.DefaultHandlerExpand = outline.data, None
    return parser


def _without_strays(beginning: bytes, root: str) -> tuple[bytes, int]:
    """Return the first chunk without stray content before the document, and the number of line breaks removed.

    Stray content is a byte order mark, blanks, or a warning of the program that wrote the file.
    """
    if beginning.startswith(_UTF_16):
        return beginning, 0
    found = (beginning.find(mark) for mark in (b"<?xml", b"<!DOCTYPE", f"<{root}".encode()))
    at = min((at for at in found if at >= 0), default=max(0, beginning.find(b"<")))
    return beginning[at:], beginning[:at].count(b"\n")


def _what(error: Exception) -> str:
    match error:
        case DefusedXmlException():
            return "it declares entities or external resources, which are not allowed"
        case InvalidFile():
            return str(error)
        case ParseError() if error.code in {3, 5, 12}:  # no element, unclosed token, open element
            return "the file is incomplete"
        case ParseError() if error.code == 4:  # invalid token
            return "not well-formed; it may not be in the encoding it declares"
        case ParseError():
            return str(error).partition(":")[0]
        case _:
            return f"its encoding is not supported ({error})"
