"""Which hosts a text leads to, and which of them it may (DOMAIN.md, T-08)."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

# What a platform makes a link of without being asked: a scheme, or a name that ends like a domain.
_ADDRESS: Final = re.compile(r"(?<![\w+.-])([a-z][a-z0-9+.-]*)://(\S*)", re.IGNORECASE)
_NAME: Final = re.compile(r"(?<!\w)(?:\w(?:[\w-]*\w)?\.)+(?:xn--[a-z0-9-]+|[^\W\d_]{2,})(?![\w-])")
_NUMBER: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")  # an IPv4 address
_ACCOUNT: Final = re.compile(r"(?<![\w@])@[a-z]\w{4,}", re.IGNORECASE | re.ASCII)  # of Telegram
_END_OF_HOST: Final = re.compile(r"[/?#\\]")
_PORT: Final = re.compile(r":\d*$")

# All countries' domains have two letters.  Of the longer ones these are taken for what they are; any longer word
# would make a link of "Tervetuloa.Kahvi on ilmaista".
_LONGER: Final = (
    "com net org info biz edu gov int mil mobi name pro app dev page web site online website store shop blog club live"
    " world today news media social link click top xyz icu vip work zone email chat cloud digital global group life"
    " space tech team wiki community foundation art bank health help support events love fun win bid loan men party"
    " review science stream trade date download racing accountant cricket faith host press eus cat"
)
_LONGER_ENDS: Final = frozenset(_LONGER.split())


def foreign_hosts(text: str, *, allowed: Iterable[str]) -> tuple[str, ...]:
    """Name the hosts that a text leads to and must not, each once, in order.

    A name of an account (``@joku``) counts as one: a platform makes a link of it.
    What is no plain web address (``tg://``, or one that hides its host behind an @ or a backslash) is always
    foreign, and named as far as it can be.

    Args:
        text: as it would be sent.
        allowed: hosts, in small letters; their subdomains are allowed with them.
    """
    known = tuple(host.removeprefix("www.") for host in allowed)
    found = dict.fromkeys(host for host, plain in _found(text) if not (plain and _is_under(host, known)))
    return tuple(found)


def hosts_in(text: str) -> frozenset[str]:
    """Give the hosts of all plain web addresses, and names of hosts, in a text."""
    return frozenset(host for host, plain in _found(text) if plain)


def _found(text: str) -> Iterator[tuple[str, bool]]:
    """Give each host with whether one may trust that it is the one."""
    shown = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")  # no invisible joint
    plain = unicodedata.normalize("NFKC", shown).replace("\u3002", ".")
    yield from ((_host(found), _is_plain(found)) for found in _ADDRESS.finditer(plain))
    plain = _ADDRESS.sub(" ", plain)
    for shape in (_NUMBER, _ACCOUNT):
        yield from ((found[0].casefold(), True) for found in shape.finditer(plain))
    for found in _NAME.finditer(plain):
        name = found[0].casefold()
        end = name.rpartition(".")[2]
        if len(end) == 2 or end in _LONGER_ENDS or end.startswith("xn--"):  # noqa: PLR2004 - letters
            yield name, True


def _host(address: re.Match[str]) -> str:
    scheme, rest = address[1].casefold(), address[2]
    authority = _END_OF_HOST.split(rest, maxsplit=1)[0].rpartition("@")[2]
    host = _PORT.sub("", authority).casefold().strip(".,;!)\"'")
    return host if scheme in {"http", "https"} and host else f"{scheme}://{host}"


def _is_plain(address: re.Match[str]) -> bool:
    authority = re.split(r"[/?#]", address[2], maxsplit=1)[0]
    return address[1].casefold() in {"http", "https"} and "@" not in authority and "\\" not in address[2]


def _is_under(host: str, allowed: tuple[str, ...]) -> bool:
    return any(host == each or host.endswith(f".{each}") for each in allowed)
