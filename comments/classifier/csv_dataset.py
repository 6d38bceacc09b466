"""CSV dataset with the columns `text` and `label` and exactly two labels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
import csv
from pathlib import Path
from typing import IO, NamedTuple

COLUMNS = {"text", "label"}
MAX_FIELD_LENGTH = 1_000_000  # characters
MAX_LABELS_SHOWN = 5


class InvalidDataset(Exception):
    """The dataset cannot be used. The message is for the person who supplied the file."""


class LabelledText(NamedTuple):
    number: int
    text: str
    label: str


def read_dataset(path: Path) -> list[LabelledText]:
    """Read the rows with a text; of equal texts, the last. Raise InvalidDataset."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(_read_lines(file))
    except OSError as error:
        raise InvalidDataset(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidDataset(f"{path} is not UTF-8: byte {error.start + 1} or one after it is invalid.") from error
    except csv.Error as error:
        raise InvalidDataset(f"{path} is not CSV: {error}.") from error
    labels = Counter(line.label for line in lines)
    if len(labels) != 2:
        shown = ", ".join(map(repr, list(labels)[:MAX_LABELS_SHOWN])) or "none"
        raise InvalidDataset(f"{path} must have two different labels, and has {len(labels)}: {shown}.")
    return list({" ".join(line.text.casefold().split()): line for line in lines}.values())


def rarer_label(lines: list[LabelledText]) -> str:
    """Return the label with fewer rows; if equal, the second one in alphabetical order."""
    labels = Counter(line.label for line in lines)
    return min(sorted(labels, reverse=True), key=lambda label: labels[label])


def _read_lines(file: IO[str]) -> Iterator[LabelledText]:
    csv.field_size_limit(MAX_FIELD_LENGTH)
    reader = csv.DictReader(file)
    if not COLUMNS.issubset(reader.fieldnames or []):
        found = ", ".join(map(repr, reader.fieldnames or [])) or "nothing"
        raise InvalidDataset(f"The first line must name the columns text and label, and names {found}.")
    for row in reader:
        text, label = (row["text"] or "").strip(), (row["label"] or "").strip()
        if text and not label:
            raise InvalidDataset(f"Line {reader.line_num} has no label.")
        if text:
            yield LabelledText(reader.line_num, text, label)
