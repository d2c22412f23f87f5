"""Columns to fields: what is kept as text, what is missing, what is refused."""

import pytest

from tideline.errors import TidelineError
from tideline.importer.mapping import (
    choose_columns,
    event_of_object,
    event_of_row,
    parse_map,
)


def test_map_may_be_repeated_and_separated_by_commas() -> None:
    assert parse_map(["name=event_type, value=price", "properties.variant=arm"]) == {
        "name": "event_type",
        "value": "price",
        "properties.variant": "arm",
    }


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("name", "'name' is not field=column"),
        ("=column", "'=column' is not field=column"),
        ("nane=x", "no field 'nane'; did you mean name?"),
        ("properties.=x", "no field 'properties.'"),
        ("name=a,name=b", "names the field 'name' twice"),
    ],
)
def test_wrong_map_says_what_would_be_right(given: str, message: str) -> None:
    with pytest.raises(TidelineError, match=message):
        parse_map([given])


def test_columns_named_as_fields_are_used_and_others_named() -> None:
    columns = choose_columns(
        ["event_id", "kind", "userId", "received_at"], {"name": "kind", "properties.k": "kind"}
    )
    assert set(columns.used) == {
        ("kind", "name"),
        ("kind", "properties.k"),
        ("event_id", "event_id"),
        ("userId", "userId"),
    }
    assert columns.ignored == ("received_at",)


def test_mapped_field_wins_over_the_column_of_its_own_name() -> None:
    columns = choose_columns(["name", "kind"], {"name": "kind"})
    assert columns.used == (("kind", "name"),)
    assert columns.ignored == ("name",)


def test_missing_column_is_refused_with_those_there_are() -> None:
    with pytest.raises(TidelineError, match="no column 'kind'; it has 'a', 'b'"):
        choose_columns(["a", "b"], {"name": "kind"})


def test_only_the_empty_string_is_missing_and_all_else_is_kept_as_text() -> None:
    columns = choose_columns(["name", "user_id", "session_id", "value", "title", "url"], {})
    row = {
        "name": "page_view",
        "user_id": "NA",
        "session_id": "007",
        "value": "1e3",
        "title": "null",
        "url": "",
    }
    assert event_of_row(row, columns) == {
        "name": "page_view",
        "user_id": "NA",
        "session_id": "007",
        "value": "1e3",
        "title": "null",
    }


def test_properties_come_from_columns_and_from_a_json_column() -> None:
    columns = choose_columns(["properties", "arm"], {"properties.variant": "arm"})
    row = {"properties": '{"a": 1, "variant": "old"}', "arm": "01"}
    assert event_of_row(row, columns) == {"properties": {"a": 1, "variant": "01"}}
    assert event_of_row({"properties": "", "arm": ""}, columns) == {}


@pytest.mark.parametrize(
    ("text", "value"), [("1500", 1500), ("12.5", 12.5), ("soon", "soon"), ("007", 7)]
)
def test_durations_are_numbers_where_they_can_be(text: str, value: object) -> None:
    columns = choose_columns(["duration_ms"], {})
    assert event_of_row({"duration_ms": text}, columns) == {"duration_ms": value}


def test_mapped_keys_of_an_object_are_renamed_and_others_stay() -> None:
    source = {"kind": "click", "id": 7, "properties": {"a": 1}, "arm": "b", "extra": None}
    mapping = {"name": "kind", "properties.variant": "arm", "user_id": "absent"}
    assert event_of_object(source, mapping) == {
        "id": 7,
        "extra": None,
        "name": "click",
        "properties": {"a": 1, "variant": "b"},
    }
