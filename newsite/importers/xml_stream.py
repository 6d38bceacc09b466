"""Other systems' exports, element by element: never the whole file in memory, no entities, nothing fetched.

What is broken ends the reading with `BrokenFile`, behind all that was whole before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

CHUNK = 64 * 1024
MAX_DEPTH = 100  # elements within each other
MAX_ELEMENT_LENGTH = (
    32 * 1024 * 1024
)  # characters of one element, with all that is in it; a start of one counts as some
_ELEMENT = 64
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Not allowed in XML, not even in CDATA; some exporters write them all the same.
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")


class InvalidFile(Exception):
    """Speaks to whoever imports: what is wrong, and where."""


@dataclass(slots=True)
class Element:
    """`name` is what `naming` made of it; `text` is all text directly within."""

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
        """The text of the first child of this name; empty where there is none."""
        return next((child.text for child in self.children if child.name == name), "")


@dataclass(frozen=True, slots=True)
class FoundElement:
    """A whole element, and the one that it stands in, of which more may follow."""

    element: Element
    within: Element | None


class _Outline:
    """The parser's target. Elements at the depth of `records`, or named in `apart`, are handed out, not kept."""

    def __init__(self, naming: Callable[[str, str], str], *, records: int, apart: frozenset[str]) -> None:
        self._naming, self._records, self._apart = naming, records, apart
        self.root = ""
        self.open: list[Element] = []
        self.found: list[FoundElement] = []
        self._size = 0
        self._names: dict[str, str] = {}

    def start(self, tag: str, attributes: list[str]) -> None:
        """`attributes`: names and values by turns."""
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
            outer.parts.clear()  # what stands between the records

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
    """The elements at the depth of `records`, and those named in `apart` deeper down, in the order of their ends.

    `naming` makes a name of a namespace and a local name; `root` is what the outermost must be called. `told` hears
    how many bytes have been read. Raises BrokenFile.
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
    """The library's, with what it forbids, but without its detours: those cost half of the time."""
    parser = DefusedXMLParser(target=object())
    expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = outline.start, outline.end
    expat.CharacterDataHandler, expat.DefaultHandlerExpand = outline.data, None
    return parser


def _without_strays(beginning: bytes, root: str) -> tuple[bytes, int]:
    """The first chunk without what stands before the file proper, and the line breaks that went with it: a mark of its
    encoding, blanks, a warning of the program that wrote it.
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
