"""The egress rules, target by target."""

from ipaddress import ip_address

import pytest

from shared.domain.addresses import EgressPolicy, check_address, check_url, is_localhost_name, public_address

STRICT = EgressPolicy()
HTTPS_ONLY = EgressPolicy(allow_http=False)
WITH_LOOPBACK = EgressPolicy(allow_loopback=True)

REFUSED_ADDRESSES = [
    ("0.0.0.0", "this network"),
    ("0.1.2.3", "this network"),
    ("10.0.0.1", "private"),
    ("10.255.255.255", "private"),
    ("100.64.0.1", "carrier-grade NAT"),
    ("100.127.255.254", "carrier-grade NAT"),
    ("100.100.100.200", "cloud metadata"),
    ("127.0.0.1", "loopback"),
    ("127.8.9.10", "loopback"),
    ("168.63.129.16", "cloud metadata"),
    ("169.254.169.254", "cloud metadata"),
    ("169.254.170.2", "cloud metadata"),
    ("169.254.0.7", "link-local"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.8", "protocol assignments"),
    ("192.0.0.192", "cloud metadata"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4 relay"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmarking"),
    ("198.19.255.255", "benchmarking"),
    ("198.51.100.9", "documentation"),
    ("203.0.113.77", "documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::127.0.0.1", "IPv4-compatible"),
    ("::ffff:127.0.0.1", "IPv4-mapped"),
    ("::ffff:8.8.8.8", "IPv4-mapped"),
    ("::ffff:0:169.254.169.254", "IPv4-translated"),
    ("64:ff9b::7f00:1", "NAT64"),
    ("64:ff9b::808:808", "NAT64"),
    ("64:ff9b:1::1", "NAT64"),
    ("100::1", "discard-only"),
    ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "Teredo"),
    ("2001:2::1", "protocol assignments"),
    ("2001:10::1", "protocol assignments"),
    ("2001:20::1", "protocol assignments"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::", "6to4"),
    ("2002:808:808::1", "6to4"),
    ("2600:1f18::5efe:7f00:1", "ISATAP"),
    ("2600:1f18::200:5efe:7f00:1", "ISATAP"),
    ("3fff::1", "documentation"),
    ("3fff:fff:ffff::1", "documentation"),
    ("5f00::1", "segment routing"),
    ("4000::1", "not global unicast"),
    ("fc00::1", "unique local"),
    ("fd00:ec2::254", "cloud metadata"),
    ("fd20:ce::254", "cloud metadata"),
    ("fd12:3456::1", "unique local"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "site-local"),
    ("ff02::1", "multicast"),
]

PUBLIC_ADDRESSES = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "168.63.129.17",
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.88.98.1",
    "198.17.255.255",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700:4700::1111",
    "2a00:1450:4001::8a",
    "3ffe::1",
]


@pytest.mark.parametrize(("address", "why"), REFUSED_ADDRESSES)
def test_addresses_that_are_not_public_are_refused_with_the_reason(address: str, why: str) -> None:
    verdict = public_address(ip_address(address))
    assert not verdict.allowed
    assert verdict.why == why


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_public_addresses_are_allowed(address: str) -> None:
    assert public_address(ip_address(address)).allowed


@pytest.mark.parametrize(
    ("address", "port", "policy", "allowed"),
    [
        ("8.8.8.8", 443, STRICT, True),
        ("8.8.8.8", 22, STRICT, False),
        ("8.8.8.8", 22, EgressPolicy(allowed_ports=None), True),
        ("127.0.0.1", 41234, STRICT, False),
        ("127.0.0.1", 41234, WITH_LOOPBACK, True),
        ("::1", 41234, WITH_LOOPBACK, True),
        ("::ffff:127.0.0.1", 41234, WITH_LOOPBACK, False),
        ("10.0.0.1", 443, WITH_LOOPBACK, False),
        ("8.8.8.8", 41234, WITH_LOOPBACK, False),
    ],
)
def test_the_check_at_connect_time(address: str, port: int, policy: EgressPolicy, allowed: bool) -> None:
    assert check_address(ip_address(address), port, policy).allowed is allowed


@pytest.mark.parametrize(
    ("url", "policy"),
    [
        ("https://example.com/terms?x=1#part", STRICT),
        ("http://example.com/", STRICT),
        ("https://example.com:8443/", STRICT),
        ("https://EXAMPLE.com./", STRICT),
        ("https://bücher.example/agb", STRICT),
        ("https://8.8.8.8/", STRICT),
        ("https://[2606:4700:4700::1111]/", STRICT),
        ("https://example.com/", HTTPS_ONLY),
        ("http://localhost:41234/", WITH_LOOPBACK),
        ("http://shop.localhost:41234/", WITH_LOOPBACK),
        ("http://127.0.0.1:41234/", WITH_LOOPBACK),
        ("http://[::1]:41234/", WITH_LOOPBACK),
        ("https://1.example.com/", STRICT),
    ],
)
def test_urls_that_may_be_asked_for(url: str, policy: EgressPolicy) -> None:
    assert check_url(url, policy).allowed


@pytest.mark.parametrize(
    ("url", "policy"),
    [
        ("", STRICT),
        ("example.com", STRICT),
        ("//example.com/", STRICT),
        ("ftp://example.com/", STRICT),
        ("file:///etc/passwd", STRICT),
        ("gopher://example.com/", STRICT),
        ("javascript:alert(1)", STRICT),
        ("https:///path", STRICT),
        ("https://user@example.com/", STRICT),
        ("https://user:word@example.com/", STRICT),
        ("https://@example.com/", STRICT),
        ("https://example.com:22/", STRICT),
        ("https://example.com:0/", STRICT),
        ("https://example.com:99999/", STRICT),
        ("https://example.com:x/", STRICT),
        ("http://example.com/", HTTPS_ONLY),
        ("http://localhost/", STRICT),
        ("http://LOCALHOST./", STRICT),
        ("http://a.b.localhost/", STRICT),
        ("http://127.0.0.1/", STRICT),
        ("http://127.0.0.1./", STRICT),
        ("http://2130706433/", STRICT),
        ("http://2130706433/", WITH_LOOPBACK),
        ("http://0177.0.0.1/", STRICT),
        ("http://0x7f.0.0.1/", STRICT),
        ("http://0x7f000001/", STRICT),
        ("http://127.1/", STRICT),
        ("http://127.0.1/", STRICT),
        ("http://1.2.3.4.5/", STRICT),
        ("http://example.123/", STRICT),
        ("http://１２７.0.0.1/", STRICT),
        ("http://127。0。0。1/", STRICT),
        ("http://[::1]/", STRICT),
        ("http://[::ffff:169.254.169.254]/", STRICT),
        ("http://[fd00:ec2::254]/", STRICT),
        ("http://[::1/", STRICT),
        ("http://169.254.169.254/latest/meta-data/", STRICT),
        ("http://exa mple.com/", STRICT),
        ("http://example.com\\@127.0.0.1/", STRICT),
        ("http://example.com/\r\nX: y", STRICT),
        ("http://exam\x00ple.com/", STRICT),
        ("http://a..b/", STRICT),
        ("http://" + "a" * 64 + ".example/", STRICT),
        ("https://example.com/" + "a" * 5000, STRICT),
    ],
)
def test_urls_that_may_not(url: str, policy: EgressPolicy) -> None:
    verdict = check_url(url, policy)
    assert not verdict.allowed
    assert verdict.why


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("A.LocalHost.", True),
        ("notlocalhost", False),
        ("localhost.io", False),
    ],
)
def test_localhost_names(host: str, expected: bool) -> None:
    assert is_localhost_name(host) is expected


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://localhost:7001/hook", True),
        ("http://lumenforge.localhost:7001/", True),
        ("http://127.0.0.1:7001/", True),
        ("http://[::1]:7001/", True),
        ("http://localhost:7002/", False),
        ("http://127.0.0.1:6379/", False),
        ("http://example.com/", False),
        ("https://example.com/", True),
    ],
)
def test_loopback_may_be_opened_for_single_ports_and_plain_http_there(url: str, allowed: bool) -> None:
    policy = EgressPolicy(allow_http=False, allow_loopback=True, loopback_ports=frozenset({7001}))
    assert check_url(url, policy).allowed is allowed
