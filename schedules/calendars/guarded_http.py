"""The one door out: whatever is fetched from an address that somebody typed goes through here (T-21, T-22).

A host is looked up once, every IP address it has is checked, and the connection goes to a checked one, so that
nothing is gained by a name that leads elsewhere the second time.  httpcore is the bare protocol (HTTP, and TLS for
the host's name): it follows no redirects and knows neither cookies nor proxies nor .netrc (docs/decisions/0026).
"""

import base64
import hashlib
import ssl
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Final, Self
from urllib.parse import urljoin

import httpcore

from bot import clock
from bot.core.public_addresses import IpAddress, is_inner, is_public
from bot.messages import Phrase
from schedules.calendars.addresses import PORTS, Address, UnreadableAddressError, Url, read_url
from schedules.calendars.fetch_faults import COPY_ANEW, WAIT, FetchFault, refused
from schedules.calendars.pinned_network import PinnedNetwork, Resolve, in_time, resolve, resolve_within
from schedules.calendars.unpacking import BadlyPackedError, TooMuchError, Unpacking

MAX_BYTES: Final = 10 * 2**20  # unpacked, of all answers together
MAX_REDIRECTS: Final = 3
A_REQUEST: Final = timedelta(seconds=10)  # with its redirects, until the last byte
LONGEST_MARK: Final = 1024  # characters of an ETag that are kept

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
GOOD: Final = frozenset({200, 207})
NOT_MODIFIED: Final = 304
SEE_OTHER: Final = 303

# What an answer is known by, as plain JSON: ETag, Last-Modified, and a mark of where they came from.
Seen = Mapping[str, str]


@cache
def trusted_certificates() -> ssl.SSLContext:
    """Trust whom the system trusts; reading them takes 20 ms, so it is done once."""
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Guard:
    """What may be reached, and by what means.

    ``allowed_hosts`` are names of hosts, each with a port or for all: only they may lie inside a private network, speak
    plain http, or use another port than 443.  The other fields are the world outside, which tests make themselves.
    """

    allowed_hosts: Collection[str] = ()
    resolve: Resolve = resolve
    certificates: Callable[[], ssl.SSLContext] = trusted_certificates
    network: httpcore.NetworkBackend = field(default_factory=httpcore.SyncBackend)
    monotonic: Callable[[], float] = clock.monotonic

    def lists(self, url: Url) -> bool:
        """Tell whether an operator has listed the host."""
        host = f"[{url.host}]" if ":" in url.host else url.host
        names = {url.host, host, f"{host}:{url.port}"}
        return any(each.lower() in names for each in self.allowed_hosts)


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer of a host; the names of ``headers`` are in small letters.

    ``status`` is 304 where what was seen still holds, and only then.  ``measured``: did the host say how long the body
    is?  Else nothing tells whether all of it came.
    """

    url: Url
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    measured: bool

    @property
    def seen(self) -> Seen:
        """What it will be known by the next time; empty: by nothing."""
        given = {"etag": self.headers.get("etag", ""), "modified": self.headers.get("last-modified", "")}
        kept = {
            name: mark for name, mark in given.items() if mark.isascii() and 0 < len(mark) <= LONGEST_MARK
        }
        return {**kept, "of": _place(self.url)} if kept else {}


class Door:
    """The way to one address, open as long as one fetch of it takes.

    Args:
        guard: what may be reached.
        address: the calendar's.  Its user and password go to its own host and nowhere else.
        now: for a host that says until when it wants to be left alone.
        within: how long all requests together may take.
    """

    def __init__(
        self, guard: Guard, address: Address, *, now: datetime, within: timedelta = A_REQUEST
    ) -> None:
        self.address = address
        self._guard = guard
        self._now = now
        self._ends = self._request_ends = guard.monotonic() + within.total_seconds()
        self._bytes_left = MAX_BYTES
        self._checked: dict[tuple[str, int], Sequence[IpAddress]] = {}
        self._pool: httpcore.ConnectionPool | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.close()

    def get(self, url: Url, *, accept: str, seen: Seen | None = None) -> Answer:
        """Get what is no web page, or the news that it is as it was.

        Raises:
            FetchFault: it cannot be had, or is nothing, or is a web page.
        """
        answer = self.ask(url, headers={"Accept": accept}, seen=seen)
        start = answer.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if answer.status != NOT_MODIFIED and not start:
            raise self.fault(what=Phrase("problem.sends_nothing"), mend=WAIT, retry=True)
        if start == b"<":
            what = Phrase("problem.web_page")
            mend = Phrase("problem.mend.share_or_export")
            raise self.fault(what=what, mend=mend)
        return answer

    def ask(
        self,
        url: Url,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        seen: Seen | None = None,
    ) -> Answer:
        """Make one request, and follow where it leads.

        Another host may lead on what is a GET and nothing else.

        Raises:
            FetchFault: it must not be asked, or what it answered is nothing good.
        """
        self._request_ends = min(self._ends, self._guard.monotonic() + A_REQUEST.total_seconds())
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._once(url, method, headers or {}, body, seen or {})
            if answer.status not in REDIRECTS:
                return answer
            url = self._led_to(answer, stays=method != "GET")
        raise self.fault(what=Phrase("problem.endless"), mend=COPY_ANEW)

    def fault(self, *, what: Phrase, mend: Phrase, retry: bool = False) -> FetchFault:
        """Word what is wrong with this address."""
        return FetchFault(self.address.label, what, mend, retry=retry)

    # One request

    def _once(self, url: Url, method: str, headers: Mapping[str, str], body: bytes, seen: Seen) -> Answer:
        self._check(url)
        conditions = _conditions(seen, url)
        all_headers = {
            "Host": url.authority,
            "User-Agent": "Vertti",
            "Accept-Encoding": "gzip",
            **headers,
            **self._credentials(url),
            **conditions,
        }
        try:
            with self._opened().stream(
                method, _spelt(url), headers=list(all_headers.items()), content=body or None
            ) as response:
                return self._taken(response, url, conditional=bool(conditions))
        except httpcore.TimeoutException:
            raise self.fault(what=Phrase("problem.host_slow"), mend=WAIT, retry=True) from None
        except httpcore.ConnectError as error:
            raise self._unconnected(*error.args[:1]) from None
        except (httpcore.NetworkError, httpcore.ProtocolError):
            raise self.fault(what=Phrase("problem.no_whole_answer"), mend=WAIT, retry=True) from None

    def _taken(self, response: httpcore.Response, url: Url, *, conditional: bool) -> Answer:
        status, headers = response.status, _by_name(response.headers)
        if status in REDIRECTS or (status == NOT_MODIFIED and conditional):
            return Answer(url, status, headers, b"", measured=True)
        if status not in GOOD:
            asked_with = bool(self._credentials(url))
            raise refused(status, headers, label=self.address.label, with_password=asked_with, now=self._now)
        measured = "content-length" in headers or "transfer-encoding" in headers
        return Answer(url, status, headers, self._read(response, headers), measured)

    def _read(self, response: httpcore.Response, headers: Mapping[str, str]) -> bytes:
        try:
            unpacking = Unpacking(headers.get("content-encoding", "").strip().lower(), self._bytes_left)
            for piece in response.iter_stream():
                in_time(self._left)
                unpacking.take(piece)
            body = unpacking.whole()
        except TooMuchError:
            what = Phrase("problem.too_large", {"raja": MAX_BYTES // 2**20})
            raise self.fault(what=what, mend=Phrase("problem.mend.own_calendar")) from None
        except BadlyPackedError:
            raise self.fault(what=Phrase("problem.badly_packed"), mend=WAIT, retry=True) from None
        self._bytes_left -= len(body)
        return body

    def _opened(self) -> httpcore.ConnectionPool:
        if self._pool is None:
            network = PinnedNetwork(self._guard.network, self._checked, self._left)
            self._pool = httpcore.ConnectionPool(
                ssl_context=self._guard.certificates(),
                network_backend=network,
                max_connections=MAX_REDIRECTS + 1,
            )
        return self._pool

    def _left(self) -> float:
        return self._request_ends - self._guard.monotonic()

    def _credentials(self, url: Url) -> dict[str, str]:
        address = self.address
        if url.origin != address.url.origin or not (address.user or address.password):
            return {}
        both = f"{address.user}:{address.password}".encode()
        return {"Authorization": f"Basic {base64.b64encode(both).decode()}"}

    # What is let through

    def _check(self, url: Url) -> None:
        """Look a host up and let it through, or not.

        Raises:
            FetchFault: it must not be asked, or there is no such host.
        """
        # Whoever is led to a listed host from outside must not reach more of it than anybody else.
        listed = self._guard.lists(url) and self._guard.lists(self.address.url)
        if not listed and url.scheme != "https":
            raise self._forbidden(url, Phrase("problem.plain_http"), Phrase("problem.mend.https_or_list"))
        if not listed and url.port != PORTS[url.scheme]:
            raise self._forbidden(url, Phrase("problem.own_port"), _LIST_IT)
        key = url.host, url.port
        if key not in self._checked:
            found = self._looked_up(url)
            if not all(is_public(each) or is_inner(each) for each in found):
                raise self._forbidden(
                    url, Phrase("problem.no_place"), Phrase("problem.mend.check_host_and_name")
                )
            if not listed and any(map(is_inner, found)):
                raise self._forbidden(url, Phrase("problem.private_network"), _LIST_IT)
            self._checked[key] = found

    def _forbidden(self, url: Url, what: Phrase, mend: Phrase) -> FetchFault:
        """Word why a place is not asked, and whether we were led there."""
        led_on = url.origin != self.address.url.origin
        return self.fault(what=Phrase("problem.led_on", {"vika": what}) if led_on else what, mend=mend)

    def _looked_up(self, url: Url) -> Sequence[IpAddress]:
        if url.number is not None:
            return (url.number,)
        try:
            found = resolve_within(self._left(), self._guard.resolve, url.host, url.port)
        except OSError:
            found = []
        if not found:
            what = Phrase("problem.no_host")
            raise self.fault(what=what, mend=Phrase("problem.mend.check_host"), retry=True)
        return tuple(map(ip_address, found))

    def _led_to(self, answer: Answer, *, stays: bool) -> Url:
        try:
            url = read_url(urljoin(str(answer.url), answer.headers.get("location", "")))
        except (UnreadableAddressError, ValueError):
            raise self.fault(what=Phrase("problem.leads_nowhere"), mend=COPY_ANEW) from None
        if stays and (url.origin != answer.url.origin or answer.status == SEE_OTHER):
            raise self.fault(what=Phrase("problem.leads_elsewhere"), mend=Phrase("problem.mend.that_address"))
        return url

    def _unconnected(self, cause: object = None) -> FetchFault:
        if isinstance(cause, ssl.SSLCertVerificationError):
            what = Phrase("problem.certificate")
            mend = Phrase("problem.mend.renew")
            return self.fault(what=what, mend=mend)
        if isinstance(cause, ssl.SSLError):
            mend = Phrase("problem.mend.check_port")
            return self.fault(what=Phrase("problem.no_https"), mend=mend, retry=True)
        return self.fault(what=Phrase("problem.no_answer"), mend=WAIT, retry=True)


_LIST_IT: Final = Phrase("problem.mend.list_it")


def _by_name(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Give headers by their names in small letters; what comes more than once, as the list that it is."""
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("ascii").lower(), value.decode(errors="replace")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _spelt(url: Url) -> httpcore.URL:
    return httpcore.URL(
        scheme=url.scheme.encode(), host=url.host.encode(), port=url.port, target=url.target.encode()
    )


def _place(url: Url) -> str:
    """Mark a place, so that an ETag goes back to where it came from and says nothing of it in the store."""
    return hashlib.sha256(str(url).encode()).hexdigest()[:16]


def _conditions(seen: Seen, url: Url) -> dict[str, str]:
    if seen.get("of") != _place(url):
        return {}
    names = {"If-None-Match": "etag", "If-Modified-Since": "modified"}
    return {header: seen[name] for header, name in names.items() if name in seen}
