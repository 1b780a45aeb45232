"""Addresses, countries and networks from files that the operator supplies: MMDB, CSV, plain lists."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.engines.web.errors import InvalidParameter, WebAclError
from casemate.engines.web.inspection import Address

ADDRESS_LISTS: Final = (
    "reputation",
    "reconnaissance",
    "ddos",
    "anonymous",
    "hosting",
    "bot_data_centers",
    "verified_bots",
)
"""Lists that managed rules ask for."""
LARGEST_LIST: Final = 64 << 20


class DataFileError(WebAclError):
    """A file of addresses, countries or networks that can't be read."""


class AddressSet:
    """A set of networks of both versions; membership costs one look-up for each prefix length in it."""

    __slots__ = ("_by_length", "size")

    def __init__(self, networks: Iterable[IPv4Network | IPv6Network]) -> None:
        lengths: dict[tuple[int, int], set[int]] = {}
        size = 0
        for network in networks:
            size += 1
            shift = network.max_prefixlen - network.prefixlen
            lengths.setdefault((network.version, shift), set()).add(int(network.network_address) >> shift)
        self.size = size
        self._by_length = {
            version: [(shift, frozenset(members)) for (v, shift), members in lengths.items() if v == version]
            for version in (4, 6)
        }

    def __contains__(self, address: Address) -> bool:
        number = int(address)
        return any(number >> shift in members for shift, members in self._by_length[address.version])


class _Ranges:
    """Networks with a value each; the longest prefix wins."""

    __slots__ = ("_tables",)

    def __init__(self, entries: Iterable[tuple[IPv4Network | IPv6Network, Any]]) -> None:
        tables: dict[tuple[int, int], dict[int, Any]] = {}
        for network, value in entries:
            shift = network.max_prefixlen - network.prefixlen
            tables.setdefault((network.version, shift), {})[int(network.network_address) >> shift] = value
        self._tables = {
            version: sorted((shift, table) for (v, shift), table in tables.items() if v == version)
            for version in (4, 6)
        }

    def find(self, address: Address) -> Any:
        """The value of the longest prefix, or None."""
        number = int(address)
        for shift, table in self._tables[address.version]:
            value = table.get(number >> shift)
            if value is not None:
                return value
        return None


class DataFiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `Data` member of an ACL file: paths, relative to it.

    `country` and `asn` are MMDB files (country: or city's), or CSV with the columns network,country[,region] and
    network,asn; `lists` are plain lists of addresses and networks, one a line, `#` begins a comment.
    """

    country: str = ""
    asn: str = ""
    lists: dict[str, str] = {}


class AddressData:
    """What is known about addresses. Empty data is fine: then nothing is known, and `missing` says what for."""

    __slots__ = ("_asn", "_country", "lists")

    def __init__(self, country: Any = None, asn: Any = None, lists: Mapping[str, AddressSet] | None = None) -> None:
        self._country = country
        self._asn = asn
        self.lists: Mapping[str, AddressSet] = lists or {}

    @property
    def has_countries(self) -> bool:
        """Whether countries can be told."""
        return self._country is not None

    @property
    def has_networks(self) -> bool:
        """Whether autonomous system numbers can be told."""
        return self._asn is not None

    def country(self, address: Address) -> tuple[str, str]:
        """(ISO 3166 country, ISO 3166-2 region without the country); empty where not known."""
        record = _look_up(self._country, address)
        if isinstance(record, tuple):
            return record[0], record[1]
        if not isinstance(record, Mapping):
            return "", ""
        country = record.get("country") or record.get("registered_country")
        if isinstance(country, str):
            return country, ""
        code = country.get("iso_code", "") if isinstance(country, Mapping) else record.get("country_code", "")
        regions = record.get("subdivisions") or ()
        region = regions[0].get("iso_code", "") if regions and isinstance(regions[0], Mapping) else ""
        return str(code), str(region)

    def asn(self, address: Address) -> int:
        """The autonomous system number; 0 where not known."""
        record = _look_up(self._asn, address)
        if isinstance(record, int):
            return record
        if isinstance(record, Mapping):
            number = record.get("autonomous_system_number") or record.get("asn") or 0
            return int(str(number).removeprefix("AS") or 0) if str(number).removeprefix("AS").isdigit() else 0
        return 0


def _look_up(source: Any, address: Address) -> Any:
    if source is None:
        return None
    if isinstance(source, _Ranges):
        return source.find(address)
    try:
        return source.get(address)
    except (ValueError, KeyError):
        return None  # an IPv6 address and a database of IPv4


def parse_networks(lines: Iterable[str], where: str) -> list[IPv4Network | IPv6Network]:
    """Networks, one a line. Raises DataFileError naming the line that is none."""
    found = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if text:
            try:
                found.append(ip_network(text, strict=False))
            except ValueError:
                raise DataFileError(f"{where}, line {number}: '{text[:80]}' is no address or network") from None
    return found


def ip_set(addresses: Iterable[str], path: str = "", version: str | None = None) -> AddressSet:
    """An IPSet's Addresses, all of its IPAddressVersion where it says one. Raises InvalidParameter as AWS words it."""
    from casemate.engines.web.errors import NOT_VALID  # noqa: PLC0415 - only a wording

    networks = []
    for text in addresses:
        try:
            if "/" not in text:
                raise ValueError("no prefix length")  # noqa: TRY301 - one way out for both
            network = ip_network(text, strict=False)
            if network.prefixlen == 0:
                raise ValueError("AWS WAF takes every range but /0")  # noqa: TRY301 - as above
            if version not in {None, f"IPV{network.version}"}:
                raise ValueError(f"the IP set is one of {version}")  # noqa: TRY301 - as above
            networks.append(network)
        except ValueError as error:
            raise InvalidParameter("IP_ADDRESS", str(text), NOT_VALID, path=path, detail=str(error)) from None
    return AddressSet(networks)


def load(files: DataFiles, folder: Path) -> AddressData:
    """Read the operator's files. Raises DataFileError for one that is missing or broken."""
    lists = {}
    for name, file in files.lists.items():
        if name not in ADDRESS_LISTS:
            raise DataFileError(f"Data.lists: '{name}' is none of {', '.join(ADDRESS_LISTS)}")
        lists[name] = AddressSet(parse_networks(_text(folder / file).splitlines(), file))
    return AddressData(_source(files.country, folder, _country_row), _source(files.asn, folder, _asn_row), lists)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST_LIST:
            raise DataFileError(f"{path}: larger than {LARGEST_LIST >> 20} MB")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: {error}") from None


def _source(name: str, folder: Path, row: Any) -> Any:
    if not name:
        return None
    path = folder / name
    if path.suffix == ".mmdb":
        import maxminddb  # noqa: PLC0415 - only where an operator supplies such a file

        try:
            return maxminddb.open_database(path, maxminddb.MODE_MMAP)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise DataFileError(f"{path}: {error}") from None
    entries = []
    for number, cells in enumerate(csv.reader(_text(path).splitlines()), 1):
        if not cells or cells[0].strip().lower() in {"network", "cidr"} or cells[0].startswith("#"):
            continue
        try:
            entries.append((ip_network(cells[0].strip(), strict=False), row([cell.strip() for cell in cells[1:]])))
        except (ValueError, IndexError):
            raise DataFileError(f"{path}, line {number}: '{','.join(cells)[:80]}' can't be read") from None
    return _Ranges(entries)


def _country_row(cells: list[str]) -> tuple[str, str]:
    region = cells[1].upper().removeprefix(cells[0].upper() + "-") if len(cells) > 1 else ""
    return cells[0].upper(), region


def _asn_row(cells: list[str]) -> int:
    return int(cells[0].upper().removeprefix("AS"))
