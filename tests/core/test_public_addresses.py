"""Which IP addresses a calendar may be fetched from (T-21)."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.public_addresses import is_inner, is_public

addresses = st.integers(0, 2**32 - 1).map(IPv4Address) | st.integers(0, 2**128 - 1).map(IPv6Address)
# Random IPv6 addresses hardly ever are where anything special is.
near = st.builds(
    lambda prefix, rest: IPv6Address((prefix << 112) | rest),
    st.sampled_from([0, 0x64, 0x100, 0x2000, 0x2001, 0x2002, 0x2606, 0x3FFF, 0x5F00, 0xFC00, 0xFE80, 0xFF02]),
    st.integers(0, 2**112 - 1) | st.integers(0, 2**32 - 1),
)


@pytest.mark.parametrize(
    "written",
    ["8.8.8.8", "93.184.216.34", "1.1.1.1", "172.15.255.255", "172.32.0.0", "192.169.0.1", "100.63.255.255",
     "100.128.0.0", "223.255.255.255", "126.255.255.255", "128.0.0.0", "2606:4700::1111", "2a00:1450:4026::200e",
     "64:ff9b::8.8.8.8"],
)  # fmt: skip
def test_what_stands_in_the_open_is_public(written):
    address = ip_address(written)

    assert (is_public(address), is_inner(address)) == (True, False)


@pytest.mark.parametrize(
    "written",
    ["10.0.0.0", "10.255.255.255", "127.0.0.1", "127.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.1",
     "100.64.0.0", "100.127.255.255", "::1", "fc00::", "fdff:ffff::1"],
)  # fmt: skip
def test_what_lies_behind_walls_is_inner(written):
    address = ip_address(written)

    assert (is_public(address), is_inner(address)) == (False, True)


@pytest.mark.parametrize(
    "written",
    ["0.0.0.0", "0.1.2.3", "169.254.169.254", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1",
     "203.0.113.1", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
     "::", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::a00:1",
     "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1",
     "3fff::1", "5f00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1"],
)  # fmt: skip
def test_what_is_nowhere_is_neither(written):
    address = ip_address(written)

    assert (is_public(address), is_inner(address)) == (False, False)


@given(addresses | near)
def test_no_address_is_both(address):
    assert not (is_public(address) and is_inner(address))


@given(addresses | near)
def test_nothing_is_public_that_python_takes_for_local(address):
    if is_public(address):
        assert address.is_global
