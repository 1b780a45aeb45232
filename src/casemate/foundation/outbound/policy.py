"""Which addresses may be called."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Azure's wire server, global by number; and what older versions of Python take for global (RFC 6890, 9637, 9602).
_INSIDE: tuple[Network, ...] = (
    ipaddress.ip_network("168.63.129.16/32"),
    ipaddress.ip_network("192.0.0.0/24"),
    ipaddress.ip_network("3fff::/20"),
    ipaddress.ip_network("5f00::/16"),
)
# IPv6 ranges that carry an IPv4 address, which a translator or relay would take out again: NAT64 (RFC 6052, RFC 8215),
# IPv4-compatible (RFC 4291), 6to4 (RFC 3056), Teredo (RFC 4380).
_CARRIERS: tuple[Network, ...] = (
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
    ipaddress.ip_network("::/96"),
    ipaddress.ip_network("2002::/16"),
    ipaddress.ip_network("2001::/32"),
)


@dataclass(frozen=True, slots=True)
class OutboundPolicy:
    """What the operator allows.

    - `allowed`: networks that may be called although they are not of the public Internet, by plain HTTP too.
    - `plain_http`: whether plain HTTP may go to public addresses.
    - `connect_timeout`: seconds for one address of a host.
    - `timeout`: seconds for a whole call, resolving included, where the caller gives no other.
    - `answer_bytes`: greatest body of an answer, where the caller gives no other.
    """

    allowed: tuple[Network, ...] = ()
    plain_http: bool = False
    connect_timeout: float = 5.0
    timeout: float = 30.0
    answer_bytes: int = 1_048_576

    def listed(self, address: Address) -> bool:
        """Whether the operator's list names this address."""
        return _within(_unmapped(address), self.allowed)

    def permits(self, address: Address) -> bool:
        """Whether this address may be called: it is listed, or public.

        Public leaves out private, loopback, link-local (and so metadata services), shared, reserved, multicast and
        unspecified addresses, and IPv6 addresses that carry an IPv4 address.
        """
        bare = _unmapped(address)
        return _within(bare, self.allowed) or _public(bare)


def _unmapped(address: Address) -> Address:
    """::ffff:1.2.3.4 is 1.2.3.4 to the kernel."""
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or address
    return address


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


def _public(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not _within(address, _INSIDE + _CARRIERS)
