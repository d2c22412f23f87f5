"""Files of events: formats, line numbers, and lines that are none."""

import gzip
import json
from pathlib import Path

import pytest

from tideline.errors import TidelineError
from tideline.importer.batches import Batch, batches
from tideline.importer.reader import Format, Line, Source, format_of


def read(path: Path, content: bytes, format: Format = "csv", **options: object) -> list[Line]:
    path.write_bytes(content)
    source = Source(path, {}, format, **{"site": "shop", **options})  # type: ignore[arg-type]
    return list(source.lines())


@pytest.mark.parametrize(
    ("name", "given", "format"),
    [
        ("a.csv", None, "csv"),
        ("a.CSV.gz", None, "csv"),
        ("a.jsonl", None, "ndjson"),
        ("a.ndjson.gz", None, "ndjson"),
        ("a.txt", "jsonl", "ndjson"),
    ],
)
def test_format_is_told_by_the_name_or_the_option(
    name: str, given: str | None, format: Format
) -> None:
    assert format_of(Path(name), given) == format


def test_unknown_format_is_asked_for() -> None:
    with pytest.raises(TidelineError, match="Say so with --format"):
        format_of(Path("events.gz"), None)


def test_rows_become_events_with_their_first_line_and_the_default_site(tmp_path: Path) -> None:
    content = (
        b"\xef\xbb\xbfevent_id,site_id,name,title\r\n"
        b'e1,,page_view,"two\r\nlines"\r\n'
        b"\r\n"
        b"e2,other,click,\r\n"
    )
    assert read(tmp_path / "a.csv", content) == [
        Line(
            2,
            {"event_id": "e1", "name": "page_view", "title": "two\r\nlines", "site_id": "shop"},
        ),
        Line(5, {"event_id": "e2", "site_id": "other", "name": "click"}),
    ]


@pytest.mark.parametrize("separator", [b";", b"\t"])
def test_other_separators_are_recognised(tmp_path: Path, separator: bytes) -> None:
    content = separator.join([b"event_id", b"name"]) + b"\n" + separator.join([b"1", b"a,b"])
    events = [line.event for line in read(tmp_path / "a.csv", content)]
    assert events == [{"event_id": "1", "name": "a,b", "site_id": "shop"}]


def test_rows_that_do_not_fit_the_header_or_utf8_are_named(tmp_path: Path) -> None:
    content = b"event_id,name\n1\n2,a,b\n3,\xff\n4,fine\n"
    assert read(tmp_path / "a.csv", content) == [
        Line(2, problem="has 1 columns, the header 2"),
        Line(3, problem="has 3 columns, the header 2"),
        Line(4, problem="is not UTF-8"),
        Line(5, {"event_id": "4", "name": "fine", "site_id": "shop"}),
    ]


def test_json_lines_that_are_no_objects_are_named(tmp_path: Path) -> None:
    content = b'{"eventId": "1", "value": 99.99}\n\n[1]\n{"value": NaN}\n{oops\n'
    lines = read(tmp_path / "a.ndjson", content, "ndjson")
    assert lines[0] == Line(1, {"eventId": "1", "value": 99.99, "site_id": "shop"})
    assert [(line.number, line.event) for line in lines[1:]] == [(3, None), (4, None), (5, None)]
    assert lines[1].problem == "is not a JSON object"
    assert lines[2].problem == "is not JSON (NaN is not a JSON number)"


def test_events_without_an_id_get_the_same_one_at_every_reading(tmp_path: Path) -> None:
    content = b"name\nclick\nclick\n"
    (tmp_path / "z.csv.gz").write_bytes(gzip.compress(b"name\nclick\n"))
    first, again = (
        [line.event["event_id"] for line in read(tmp_path / name, content) if line.event]
        for name in ("a.csv", "b.csv")
    )
    assert first == again
    assert len(set(first)) == 2
    assert first[0].endswith("-2")
    assert read(tmp_path / "c.csv", content + b"open\n")[0].event != {"event_id": first[0]}


def test_gzipped_file_is_recognised_by_its_content(tmp_path: Path) -> None:
    lines = read(tmp_path / "a.csv", gzip.compress(b"event_id,name\n1,click\n"))
    assert [line.event for line in lines] == [{"event_id": "1", "name": "click", "site_id": "shop"}]


def test_gzipped_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    content = gzip.compress(b"event_id,name\n" + b"1,click\n" * 100)
    with pytest.raises(TidelineError, match="cannot be read to its end"):
        read(tmp_path / "a.csv", content[:-6])


@pytest.mark.parametrize(
    ("content", "site", "message"),
    [
        (b"", "shop", "is empty; its first line must name the columns"),
        (b"name,name\n", "shop", "two columns named 'name'"),
        (b"name\nclick\n", None, "say which with --site"),
    ],
)
def test_files_that_cannot_be_imported(
    tmp_path: Path, content: bytes, site: str | None, message: str
) -> None:
    with pytest.raises(TidelineError, match=message):
        read(tmp_path / "a.csv", content, site=site)


def bodies(lines: list[Line]) -> list[Batch]:
    return [item for item in batches(lines) if isinstance(item, Batch)]


def test_batches_have_at_most_2500_events_in_order() -> None:
    found = bodies([Line(number, {"n": number}) for number in range(2, 5003)])
    assert [len(batch.lines) for batch in found] == [2500, 2500, 1]
    assert [batch.lines[0] for batch in found] == [2, 2502, 5002]
    assert json.loads(found[2].body) == {"events": [{"n": 5002}]}


def test_batches_have_at_most_a_mebibyte() -> None:
    found = bodies([Line(number, {"title": "x" * 30_000}) for number in range(70)])
    assert [len(batch.lines) for batch in found] == [34, 34, 2]
    assert max(len(batch.body) for batch in found) <= 1048576


def test_event_larger_than_a_request_is_left_out() -> None:
    (item,) = batches([Line(9, {"title": "x" * 1048576})])
    assert isinstance(item, Line)
    assert item.number == 9
    assert item.problem == "has 1048588 bytes, more than an event may have"
