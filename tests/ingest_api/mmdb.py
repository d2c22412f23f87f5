"""A tiny mmdb file, written after MaxMind's description of the format (version 2.0)."""

from collections.abc import Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = bytes(16)

UINT16, UINT32, UINT64 = (5, 2), (6, 4), (9, 8)
"""Kind and bytes of unsigned numbers; the metadata must have the right ones."""


def _head(kind: int, size: int) -> bytes:
    """Control byte of a field of fewer than 285 units."""
    low = min(size, 29)
    head = bytes([kind << 5 | low]) if kind < 8 else bytes([low, kind - 7])
    return head + (bytes([size - 29]) if size >= 29 else b"")


def _field(value: Any) -> bytes:
    if isinstance(value, str):
        data = value.encode()
        return _head(2, len(data)) + data
    if isinstance(value, bool):
        return _head(14, value)
    if isinstance(value, tuple):
        kind, size, number = value
        return _head(kind, size) + number.to_bytes(size)
    if isinstance(value, int):
        return _field((*UINT32, value))
    if isinstance(value, Mapping):
        return _head(7, len(value)) + b"".join(_field(k) + _field(v) for k, v in value.items())
    return _head(11, len(value)) + b"".join(map(_field, value))


def write_mmdb(path: Path, records: Mapping[str, Any]) -> None:
    """A file with the records of IPv4 networks, none of which lies in another."""
    data = b""
    nodes: list[list[int | None]] = [[None, None]]
    leaves: list[tuple[int, int, int]] = []
    for network, record in records.items():
        parsed = IPv4Network(network)
        bits = [int(bit) for bit in f"{int(parsed.network_address):032b}"[: parsed.prefixlen]]
        at = 0
        for bit in bits[:-1]:
            if nodes[at][bit] is None:
                nodes[at][bit] = len(nodes)
                nodes.append([None, None])
            at = nodes[at][bit] or 0
        leaves.append((at, bits[-1], len(data)))
        data += _field(record)
    for at, bit, offset in leaves:
        nodes[at][bit] = len(nodes) + len(_SEPARATOR) + offset
    tree = b"".join(
        (len(nodes) if value is None else value).to_bytes(3) for node in nodes for value in node
    )
    metadata = {
        "node_count": len(nodes),
        "record_size": (*UINT16, 24),
        "ip_version": (*UINT16, 4),
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": (*UINT16, 2),
        "binary_format_minor_version": (*UINT16, 0),
        "build_epoch": (*UINT64, 1_773_000_000),
        "description": {"en": "Networks of a test"},
    }
    path.write_bytes(tree + _SEPARATOR + data + _MARKER + _field(metadata))
