"""Stream parser of XML exports: constant memory, no entities, no external resources.

An error raises `InvalidFile` after all complete elements before it have been yielded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

CHUNK_BYTES = 64 * 1024
MAX_DEPTH = 100  # nested elements
MAX_ELEMENT_LENGTH = (
    32 * 1024 * 1024
)  # characters of one element with its content; a start tag counts as _START_TAG_LENGTH characters
_START_TAG_LENGTH = 64
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Control characters are not allowed in XML, not even in CDATA, but some exporters write them.
_CONTROL_CHARS = bytes(code for code in range(32) if code not in b"\t\n\r")


class InvalidFile(Exception):
    """Error message for the user who imports: what is wrong, and where."""


@dataclass(slots=True)
class Element:
    """Element; `name` is the result of `map_name`, `text` is the text directly within."""

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
class ParsedElement:
    """Complete element and its parent, to which more children may be added."""

    element: Element
    parent: Element | None


class _RecordBuilder:
    """Parser target that collects the elements at `record_depth` and those named in `nested_records`."""

    def __init__(
        self, map_name: Callable[[str, str], str], *, record_depth: int, nested_records: frozenset[str]
    ) -> None:
        self._map_name, self._record_depth, self._nested_records = map_name, record_depth, nested_records
        self.root = ""
        self.open: list[Element] = []
        self.parsed: list[ParsedElement] = []
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
        self._add_size(_START_TAG_LENGTH)

    def data(self, text: str) -> None:
        self.open[-1].parts.append(text)
        self._add_size(len(text))

    def end(self, _tag: str) -> None:
        element = self.open.pop()
        depth = len(self.open)
        if depth == self._record_depth or (depth > self._record_depth and element.name in self._nested_records):
            self.parsed.append(ParsedElement(element, self.open[-1] if self.open else None))
            self._size = 0
        elif depth > self._record_depth:
            self.open[-1].children.append(element)
        for outer in self.open[: self._record_depth]:
            outer.parts.clear()  # text between records

    def _name(self, tag: str) -> str:
        if tag not in self._names:
            namespace, _brace, local = tag.rpartition("}")
            self._names[tag] = self._map_name(namespace, local)
        return self._names[tag]

    def _add_size(self, size: int) -> None:
        self._size += size
        if self._size > MAX_ELEMENT_LENGTH:
            raise InvalidFile(f"an element larger than {MAX_ELEMENT_LENGTH // 1024 // 1024} million characters")


def read_elements(
    path: Path,
    map_name: Callable[[str, str], str],
    *,
    root: str,
    record_depth: int,
    nested_records: frozenset[str] = frozenset(),
    on_progress: Callable[[int], None] = lambda bytes_read: None,
) -> Iterator[ParsedElement]:
    """Yield the elements at `record_depth`, and deeper ones named in `nested_records`, ordered by end tag.

    `map_name` maps a namespace and a local name to a name. `root` is the required name of the root element.
    `on_progress` gets the number of bytes read.

    Raise InvalidFile.
    """
    builder = _RecordBuilder(map_name, record_depth=record_depth, nested_records=nested_records)
    try:
        with path.open("rb") as file:
            yield from _parse(file, builder, root, path, on_progress)
    except OSError as error:
        raise InvalidFile(f"{path} could not be read: {error.strerror}.") from error


def _parse(
    file: BinaryIO, builder: _RecordBuilder, root: str, path: Path, on_progress: Callable[[int], None]
) -> Iterator[ParsedElement]:
    parser = _create_parser(builder)
    chunk, removed_lines = _strip_stray_content(file.read(CHUNK_BYTES), root)
    removed_chars = None if chunk.startswith(_UTF_16) else _CONTROL_CHARS
    parse_error = None
    while parse_error is None:
        try:
            if chunk:
                parser.feed(chunk if removed_chars is None else chunk.translate(None, removed_chars))
            else:
                parser.close()
        except (ParseError, DefusedXmlException, InvalidFile, ValueError, LookupError) as error:
            line = parser.parser.ErrorLineNumber + removed_lines
            parse_error = InvalidFile(
                f"{path}, line {line}, column {parser.parser.ErrorColumnNumber + 1}: {_describe_error(error)}."
            )
            parse_error.__cause__ = error
        if builder.root and builder.root != root:
            raise InvalidFile(
                f"{path} is a different kind of file: it begins with <{builder.root}> instead of <{root}>."
            )
        yield from builder.parsed
        builder.parsed = []
        on_progress(file.tell())
        if not chunk:
            break
        chunk = file.read(CHUNK_BYTES)
    if parse_error:
        raise parse_error


def _create_parser(builder: _RecordBuilder) -> DefusedXMLParser:
    """Return a parser with the protections of defusedxml, but direct handlers, which halves the time."""
    parser = DefusedXMLParser(target=object())
    expat = parser.parser
    expat.StartElementHandler, expat.EndElementHandler = builder.start, builder.end
    expat.CharacterDataHandler, expat.DefaultHandlerExpand = builder.data, None
    return parser


def _strip_stray_content(beginning: bytes, root: str) -> tuple[bytes, int]:
    """Return the first chunk without stray content before the document, and the number of line breaks removed.

    Stray content is a byte order mark, blanks, or a warning of the program that wrote the file.
    """
    if beginning.startswith(_UTF_16):
        return beginning, 0
    positions = (beginning.find(mark) for mark in (b"<?xml", b"<!DOCTYPE", f"<{root}".encode()))
    start = min((start for start in positions if start >= 0), default=max(0, beginning.find(b"<")))
    return beginning[start:], beginning[:start].count(b"\n")


def _describe_error(error: Exception) -> str:
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
