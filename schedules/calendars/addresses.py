"""The addresses in VERTTI_CALENDARS: what each leads to, and what may be said about it.

An address is a credential (who has it reads the calendar), so all that is ever shown of it is its host.
"""

import hashlib
import re
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Literal
from urllib.parse import SplitResult, quote, unquote, urlsplit

from bot.core.public_addresses import IpAddress
from bot.messages import Phrase
from schedules.calendars.fetch_faults import COPY_ANEW, FetchFault

Kind = Literal["feed", "caldav", "linked_events"]
Scheme = Literal["https", "http"]

PORTS: dict[Scheme, int] = {"https": 443, "http": 80}

_SCHEMES: dict[str, tuple[Kind, Scheme]] = {
    "https": ("feed", "https"),
    "http": ("feed", "http"),
    "webcal": (
        "feed",
        "https",
    ),  # the same address, so that a calendar program opens it; all hosts speak https
    "webcals": ("feed", "https"),
    "caldav": ("caldav", "https"),
    "caldavs": ("caldav", "https"),
    "caldav+https": ("caldav", "https"),
    "caldav+http": ("caldav", "http"),
}
_LIST_OF_EVENTS = re.compile(r".*/v1/event/?")

_UNSEEN = re.compile(r"[\x00-\x20\x7f\\]")  # what programs read in differing ways, to somebody's advantage
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMERIC = re.compile(
    r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)"
)  # what some take for an IPv4 address: 2130706433, 0x7f.1, 010.0.0.1
_QUOTE = Phrase("problem.mend.quote")
_AS_IT_IS = "/%:@!$&'()*+,;=~?[]|"  # all but these, and what is never quoted, is quoted


@dataclass(frozen=True, slots=True)
class Url:
    """Where a request goes; ``host`` is a name or a number in small letters, ``target`` path and query."""

    scheme: Scheme
    host: str
    port: int
    target: str = field(repr=False)

    @property
    def origin(self) -> tuple[Scheme, str, int]:
        """What a user and a password belong to."""
        return self.scheme, self.host, self.port

    @property
    def number(self) -> IpAddress | None:
        """The host as an IP address; None: it is a name."""
        return _ip(self.host)

    @property
    def authority(self) -> str:
        """The host as a request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        """Write it out, to be joined with where a host sends us; never to be shown."""
        return f"{self.scheme}://{self.authority}{self.target}"


@dataclass(frozen=True, slots=True)
class Address:
    """One address of VERTTI_CALENDARS.

    ``label`` is what it is called where people read.  ``user`` and ``password`` are empty where it has none.
    """

    label: str
    kind: Kind
    url: Url
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)


class UnreadableAddressError(ValueError):
    """This is no address that can be fetched: ``what`` is wrong and how to mend it.  Neither repeats the address."""

    def __init__(self, *, what: Phrase, mend: Phrase = COPY_ANEW) -> None:
        super().__init__(what.key)
        self.what = what
        self.mend = mend


def is_address(name: str) -> bool:
    """Tell an address from the name of a file."""
    return "://" in name


def host_of(name: str) -> str:
    """Give the host of an address; empty: it is a file, or the host cannot be told."""
    try:
        _, url, split = _read(name)
    except UnreadableAddressError:
        return ""
    # "https://anna:pa@ss/word@cloud.example.org/", "https://anna:12/34@cloud.example.org/": whoever forgot to quote
    # a password shall not find a part of it shown.
    doubtful = split.username is not None or "." not in url.host
    return "" if doubtful and "@" in split.path + split.query + split.fragment else url.host


def label(name: str, number: int) -> str:
    """Say which calendar is meant: a file by its name, an address by its place in the list and its host.

    Args:
        name: as it stands in VERTTI_CALENDARS.
        number: which it is there, from 1.
    """
    if not is_address(name):
        return name
    host = host_of(name)
    return f"address {number} ({host})" if host else f"address {number}"


def store_key(name: str) -> str:
    """Give what a calendar is known by in the store: a file its name, an address its host and a hash.

    The hash is of all but the password: a new one makes no new calendar, and an old one cannot be guessed from it.
    """
    if not is_address(name):
        return name
    try:
        kind, url, split = _read(name)
        known_by = f"{kind} {split.username or ''}@{url}"
    except UnreadableAddressError:
        known_by = name.rpartition("@")[2]
    return f"{host_of(name)}#{hashlib.sha256(known_by.encode()).hexdigest()[:16]}"


def read_address(name: str, number: int) -> Address:
    """Read an address.

    Args:
        name: as it stands in VERTTI_CALENDARS.
        number: which it is there, from 1.

    Raises:
        FetchFault: it is none that can be fetched.
    """
    called = label(name, number)
    try:
        kind, url, split = _read(name)
    except UnreadableAddressError as error:
        raise FetchFault(called, error.what, error.mend) from None
    return Address(called, kind, url, unquote(split.username or ""), unquote(split.password or ""))


def read_url(text: str) -> Url:
    """Read where a host sends us; a user that it names is left out.

    Raises:
        UnreadableAddressError: it is no address of the web.
    """
    return _read(text)[1]


def _read(text: str) -> tuple[Kind, Url, SplitResult]:
    split = _split(text)
    kind, scheme = _SCHEMES[split.scheme]
    try:
        port = split.port or PORTS[scheme]
    except ValueError:
        raise UnreadableAddressError(what=Phrase("problem.no_port"), mend=_QUOTE) from None
    target = quote(split.path or "/", safe=_AS_IT_IS)
    if split.query:
        target += f"?{quote(split.query, safe=_AS_IT_IS)}"
    if kind == "feed" and _LIST_OF_EVENTS.fullmatch(split.path):
        kind = "linked_events"
    return kind, Url(scheme, _host(split.hostname or ""), port, target), split


def _split(text: str) -> SplitResult:
    if _UNSEEN.search(text):
        raise UnreadableAddressError(what=Phrase("problem.odd_sign"))
    try:
        split = urlsplit(text)
    except ValueError:  # a bracket that is none of an IPv6 address
        raise UnreadableAddressError(what=Phrase("problem.no_address"), mend=_QUOTE) from None
    if split.scheme not in _SCHEMES:
        raise UnreadableAddressError(what=Phrase("problem.no_scheme"))
    return split


def _host(written: str) -> str:
    if ":" in written:
        if (number := _ip(written)) is None:
            raise UnreadableAddressError(what=Phrase("problem.no_ipv6"))
        return str(number)
    try:
        host = written.encode("idna").decode().lower()
    except UnicodeError:
        host = ""
    if host.endswith("."):
        raise UnreadableAddressError(what=Phrase("problem.host_dot"), mend=Phrase("problem.mend.leave_dot"))
    if not _NAME.fullmatch(host):
        raise UnreadableAddressError(what=Phrase("problem.host_name"), mend=_QUOTE)
    if _NUMERIC.fullmatch(host) and _ip(host) is None:
        raise UnreadableAddressError(what=Phrase("problem.host_number"))
    return host


def _ip(host: str) -> IpAddress | None:
    try:
        return IPv4Address(host)
    except AddressValueError:
        pass
    try:
        address = IPv6Address(host)
    except AddressValueError:
        return None
    return None if address.scope_id else address
