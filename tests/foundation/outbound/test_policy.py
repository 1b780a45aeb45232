from __future__ import annotations

import ipaddress

import pytest

from casemate.foundation.outbound import OutboundPolicy, UrlRefusedError, parse_url


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "169.254.170.2",
        "100.64.0.1",
        "100.100.100.200",
        "192.0.0.192",
        "192.0.2.1",
        "198.18.0.1",
        "168.63.129.16",
        "224.0.0.1",
        "239.1.2.3",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "ff0e::1",
        "2001:db8::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "2002:a9fe:a9fe::",
        "2001:0:53aa:64c:0:0:5601:5601",
        "::7f00:1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_address_of_the_inside_is_refused(address: str) -> None:
    assert not OutboundPolicy().permits(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public_address_is_permitted_and_not_listed(address: str) -> None:
    assert OutboundPolicy().permits(ipaddress.ip_address(address))
    assert not OutboundPolicy().listed(ipaddress.ip_address(address))


def test_allowed_network_is_permitted_in_both_notations_and_nothing_beside_it() -> None:
    policy = OutboundPolicy(allowed=(ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/64")))
    for address in ("10.1.2.3", "::ffff:10.1.2.3", "fd00::5"):
        assert policy.permits(ipaddress.ip_address(address))
        assert policy.listed(ipaddress.ip_address(address))
    for address in ("10.2.0.1", "fd00:0:0:1::", "169.254.169.254"):
        assert not policy.permits(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", (True, "example.com", 443, "/")),
        ("http://example.com:8080/a/../b?c=%20d", (False, "example.com", 8080, "/a/../b?c=%20d")),
        ("https://[2001:db8::1]:8443/x", (True, "2001:db8::1", 8443, "/x")),
        ("https://example.com?x", (True, "example.com", 443, "/?x")),
        ("https://1.2.3.4/", (True, "1.2.3.4", 443, "/")),
    ],
)
def test_url_is_read(url: str, target: tuple[bool, str, int, str]) -> None:
    assert parse_url(url) == target


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://a/", "a"),
        ("https://a:443/", "a"),
        ("http://a:443/", "a:443"),
        ("http://[::1]:81/", "[::1]:81"),
        ("https://[::1]/", "[::1]"),
    ],
)
def test_authority_leaves_out_the_default_port(url: str, authority: str) -> None:
    assert parse_url(url).authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_x",
        "https://",
        "https:///path",
        "https://user@example.com/",
        "https://user:password@example.com/",
        "https://example.com\\@127.0.0.1/",
        "https://example.com#@127.0.0.1/",
        "https://example.com/a b",
        "https://example.com/a\r\nHost: b",
        "https://example.com/a\n",
        "https://exam\tple.com/",
        "https://exämple.com/",
        "https://example.com:0/",
        "https://example.com:65536/",
        "https://example.com:x/",
        "https://[::1%25eth0]/",
        "https://[::1/",
        "https://example.com/" + "x" * 9000,
        " https://example.com/",
    ],
)
def test_url_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(UrlRefusedError) as refusal:
        parse_url(url)
    assert "password" not in str(refusal.value)
