"""MMDB files of the operator, read by the real reader; written here by the published format (MaxMind DB 2.0)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address
from pathlib import Path
from typing import Any

import pytest

from casemate.engines.web import RequestView, Resources, Verdict
from casemate.engines.web.data import AddressData, DataFiles, load

MARKER = b"\xab\xcd\xefMaxMind.com"


def encoded(value: Any) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return bytes([2 << 5 | len(raw)]) + raw
    if isinstance(value, int):
        raw = value.to_bytes(4, "big").lstrip(b"\0")
        return bytes([6 << 5 | len(raw)]) + raw
    if isinstance(value, dict):
        body = b"".join(encoded(key) + encoded(item) for key, item in value.items())
        return bytes([7 << 5 | len(value)]) + body
    return bytes([len(value), 11 - 7]) + b"".join(encoded(item) for item in value)


def write(path: Path, networks: dict[str, dict[str, Any]]) -> None:
    nodes: list[list[Any]] = [[None, None]]
    for text, record in networks.items():
        network = IPv4Network(text)
        node = 0
        bits = [int(network.network_address) >> (31 - depth) & 1 for depth in range(network.prefixlen)]
        for bit in bits[:-1]:
            if not isinstance(nodes[node][bit], int):
                nodes.append([None, None])
                nodes[node][bit] = len(nodes) - 1
            node = nodes[node][bit]
        nodes[node][bits[-1]] = record
    data = b""
    tree = b""
    for node in nodes:
        for record in node:
            value = len(nodes) if record is None else record
            if isinstance(record, dict):
                value = len(nodes) + 16 + len(data)
                data += encoded(record)
            tree += value.to_bytes(3, "big")
    facts = {
        "node_count": len(nodes),
        "record_size": 24,
        "ip_version": 4,
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1,
        "description": {"en": "test"},
    }
    path.write_bytes(tree + bytes(16) + data + MARKER + encoded(facts))


@pytest.fixture
def data(tmp_path: Path) -> AddressData:
    write(
        tmp_path / "city.mmdb",
        {
            "198.51.100.0/24": {"country": {"iso_code": "US"}, "subdivisions": [{"iso_code": "OR"}]},
            "192.0.2.0/24": {"registered_country": {"iso_code": "FR"}},
        },
    )
    write(
        tmp_path / "asn.mmdb",
        {
            "198.51.100.0/24": {"autonomous_system_number": 64500},
            "192.0.2.0/24": {"asn": "AS64501"},
        },
    )
    return load(DataFiles(country="city.mmdb", asn="asn.mmdb"), tmp_path)


def test_countries_and_networks_of_mmdb_files(data: AddressData) -> None:
    known = IPv4Address("198.51.100.7")
    assert (data.country(known), data.asn(known)) == (("US", "OR"), 64500)
    other = IPv4Address("192.0.2.1")
    assert (data.country(other), data.asn(other)) == (("FR", ""), 64501)
    for nowhere in (IPv4Address("203.0.113.1"), IPv6Address("2001:db8::1")):
        assert (data.country(nowhere), data.asn(nowhere)) == (("", ""), 0)


def test_geo_match_reads_mmdb(
    data: AddressData, verdict_of: Callable[..., Verdict], view: Callable[..., RequestView]
) -> None:
    statement = {"GeoMatchStatement": {"CountryCodes": ["US"]}}
    verdict = verdict_of(statement, view(client_ip="198.51.100.7"), Resources(data=data))
    assert verdict.blocked
    assert "awswaf:clientip:geo:region:US-OR" in verdict.labels
