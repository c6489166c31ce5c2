"""Which IP addresses stand in the open, and which lie inside somebody's walls (T-21).

The tables are those of IANA's registries of special-purpose addresses and not ``ipaddress.is_global``, whose
answer changes from one Python to the next.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IpAddress = IPv4Address | IPv6Address
_Network = IPv4Network | IPv6Network

# Inside walls: nothing goes there but where an operator says so.
_INNER: tuple[_Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("100.64.0.0/10"),  # behind a provider's translation
    IPv4Network("127.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
)

# Nobody's calendar lives there, whatever an operator says.
_NOWHERE: tuple[_Network, ...] = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("169.254.0.0/16"),  # among them where clouds keep a machine's secrets
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.0.2.0/24"),  # in documents
    IPv4Network("192.88.99.0/24"),  # 6to4
    IPv4Network("198.18.0.0/15"),
    IPv4Network("198.51.100.0/24"),  # in documents
    IPv4Network("203.0.113.0/24"),  # in documents
    IPv4Network("224.0.0.0/4"),
    IPv4Network("240.0.0.0/4"),
    IPv6Network("2001::/23"),  # Teredo and others
    IPv6Network("2001:db8::/32"),  # in documents
    IPv6Network("2002::/16"),  # 6to4: another address inside
    IPv6Network("3fff::/20"),  # in documents
)

# All else that IPv6 has are other names for IPv4, links, groups, and what is not given out yet.
_IPV6_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network(
    "64:ff9b::/96"
)  # RFC 6052: how a network without IPv4 reaches it, the address in the last 32 bits


def is_public(address: IpAddress) -> bool:
    """Tell whether one machine in the open internet has this address."""
    if address in _NAT64:
        address = IPv4Address(address.packed[-4:])
    if isinstance(address, IPv6Address) and address not in _IPV6_UNICAST:
        return False
    return not is_inner(address) and not any(address in each for each in _NOWHERE)


def is_inner(address: IpAddress) -> bool:
    """Tell whether the address is this machine's own or of a network behind walls."""
    return any(address in each for each in _INNER)
