"""Reads the events of a CSV or NDJSON file, plain or gzipped, with the line each is on."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from tideline.errors import TidelineError
from tideline.importer.mapping import (
    EVENT_ID_FIELDS,
    Columns,
    choose_columns,
    event_of_object,
    event_of_row,
)

Format = Literal["csv", "ndjson"]
LONGEST_FIELD = 1 << 20
SUFFIXES: Mapping[str, Format] = {
    ".csv": "csv", ".tsv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".json": "ndjson",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """What one record of the file gave: an event, or the reason why it is none."""

    number: int
    """Of the record's first line; the file's first line is 1."""
    event: dict[str, Any] | None = None
    problem: str | None = None


@dataclass
class Source:
    """A file of events. `columns` is known once the reading of a CSV file has begun."""

    path: Path
    mapping: Mapping[str, str]
    format: Format
    site: str | None = None
    columns: Columns | None = None
    _raw: BinaryIO | None = field(default=None, repr=False)

    @property
    def bytes_total(self) -> int:
        """The file's size, compressed if it is."""
        return self.path.stat().st_size

    @property
    def bytes_read(self) -> int:
        """How much of the file has been read."""
        if self._raw is None:
            return 0
        return self.bytes_total if self._raw.closed else self._raw.tell()

    def lines(self) -> Iterator[Line]:
        """The records in the file's order, each with a site and an id of its own.

        The id of an event that has none is made from the file's content, the mapping and the
        line, so that importing the same file again counts nothing twice. Raises TidelineError
        when the file as a whole cannot be read.
        """
        digest = self._digest()
        with self._open() as text:
            records = self._csv(text) if self.format == "csv" else self._ndjson(text)
            try:
                for line in records:
                    if line.event is not None:
                        self._complete(line.event, f"import-{digest}-{line.number}")
                    yield line
            except (EOFError, gzip.BadGzipFile, csv.Error) as error:
                raise TidelineError(f"{self.path} cannot be read to its end: {error}") from error

    def _complete(self, event: dict[str, Any], fallback_id: str) -> None:
        if self.site is not None:
            event.setdefault("site_id", self.site)
        if not any(event.get(name) is not None for name in EVENT_ID_FIELDS):
            event["event_id"] = fallback_id

    def _digest(self) -> str:
        digest = hashlib.sha256(repr(sorted(self.mapping.items())).encode())
        with self.path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
        return digest.hexdigest()[:16]

    @contextmanager
    def _open(self) -> Iterator[io.TextIOWrapper]:
        with self.path.open("rb") as raw:
            self._raw = raw
            zipped = raw.read(2) == b"\x1f\x8b"
            raw.seek(0)
            binary = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
            with io.TextIOWrapper(
                binary, "utf-8-sig", errors="surrogateescape", newline=""
            ) as text:
                yield text

    def _csv(self, text: io.TextIOWrapper) -> Iterator[Line]:
        csv.field_size_limit(LONGEST_FIELD)
        first = text.readline()
        rows = csv.reader(chain([first], text), delimiter=delimiter_of(first))
        header = next(rows, None)
        if not header:
            raise TidelineError(f"{self.path} is empty; its first line must name the columns")
        repeated = next((name for name in header if header.count(name) > 1), None)
        if repeated is not None:
            raise TidelineError(f"{self.path} has two columns named {repeated!r}")
        self.columns = choose_columns(header, self.mapping)
        if self.site is None and not self.columns.has_site:
            raise TidelineError(f"no column of {self.path} is the site_id; say which with --site")
        number = rows.line_num + 1
        for row in rows:
            if row:
                yield self._row(number, header, row, self.columns)
            number = rows.line_num + 1

    def _row(self, number: int, header: list[str], row: list[str], columns: Columns) -> Line:
        if len(row) != len(header):
            return Line(number, problem=f"has {len(row)} columns, the header {len(header)}")
        if not is_unicode("".join(row)):
            return Line(number, problem="is not UTF-8")
        return Line(number, event_of_row(dict(zip(header, row, strict=True)), columns))

    def _ndjson(self, text: io.TextIOWrapper) -> Iterator[Line]:
        for number, line in enumerate(text, start=1):
            if not line.strip():
                continue
            if not is_unicode(line):
                yield Line(number, problem="is not UTF-8")
                continue
            try:
                source = json.loads(line, parse_constant=refuse_constant)
            except (ValueError, RecursionError) as error:
                yield Line(number, problem=f"is not JSON ({error})")
                continue
            if isinstance(source, dict):
                yield Line(number, event_of_object(source, self.mapping))
            else:
                yield Line(number, problem="is not a JSON object")


def format_of(path: Path, given: str | None) -> Format:
    """The format asked for, or that of the file's name; raises TidelineError when neither says."""
    if given is not None:
        found = SUFFIXES.get(f".{given.lower()}")
    else:
        suffixes = [suffix for suffix in path.suffixes if suffix != ".gz"]
        found = SUFFIXES.get(suffixes[-1].lower()) if suffixes else None
    if found is None:
        raise TidelineError(f"is {path} csv or ndjson? Say so with --format")
    return found


def delimiter_of(header: str) -> str:
    """What separates the columns: the most frequent of comma, semicolon and tab in the header."""
    return max(",;\t", key=header.count)


def is_unicode(text: str) -> bool:
    """Whether the bytes it was read from were UTF-8."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def refuse_constant(name: str) -> float:
    """NaN and Infinity are not JSON."""
    raise ValueError(f"{name} is not a JSON number")
