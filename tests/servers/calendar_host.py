"""Hosts of calendars as tests need them: real servers on loopback, with every vice, and an internet that leads to them.

    internet = Internet()
    cloud = internet.host("cloud.example.org")     # speaks TLS, at a public address of its own
    cloud.says("/ryhmat.ics", answer(ICS, etag='"1"'))
    fetch(..., guard=internet.guard())
    cloud.heard[-1].headers["user-agent"]
    internet.close()

Names are looked up and connections made by the internet (``resolve`` and ``connect_tcp``), and it remembers both, so
that a test sees which address was really connected to.
"""

import contextlib
import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any, Self

import httpcore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schedules.calendars.guarded_http import Guard

YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Heard:
    """One request as it came; the names of headers in small letters."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Wire:
    """What an answer is written to; whoever hung up is no trouble."""

    request: Heard
    _socket: socket.socket
    _closing: threading.Event

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def pause(self, seconds: float) -> None:
        """Wait, but not longer than the host lives."""
        if self._closing.wait(seconds):
            raise ConnectionAbortedError


Answer = Callable[[Wire], None]


class Host:
    """A server that answers each path as it was told to, one answer after another; the last one stays."""

    def __init__(self, certificate: ssl.SSLContext | None) -> None:
        self.heard: list[Heard] = []
        self._certificate = certificate
        self._answers: dict[str, list[Answer]] = {}
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def says(self, path: str, *answers: Answer) -> None:
        self._answers[path] = list(answers)

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            connection.settimeout(30)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._certificate is None:
                self._answer(connection)
            else:
                with self._certificate.wrap_socket(connection, server_side=True) as secured:
                    self._answer(secured)
                    secured.unwrap()

    def _answer(self, connection: socket.socket) -> None:
        request = _read(connection)
        if request is None:
            return
        self.heard.append(request)
        answers = self._answers.get(request.target.partition("?")[0], [answer(status=404)])
        say = answers.pop(0) if len(answers) > 1 else answers[0]
        say(Wire(request, connection, self._closing))


def _read(connection: socket.socket) -> Heard | None:
    with connection.makefile("rb") as said:
        first = said.readline().decode("latin-1").split()
        if len(first) != 3 or not first[2].startswith(
            "HTTP/"
        ):  # the beginning of TLS may look like three words
            return None
        headers: dict[str, str] = {}
        while line := said.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        body = said.read(int(headers.get("content-length", "0")))
    return Heard(first[0], first[1], headers, body)


# What hosts say


def head(status: int, headers: dict[str, str]) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Said",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


def answer(body: bytes | str = b"", *, status: int = 200, **headers: str) -> Answer:
    """Say it all at once."""
    data = body.encode() if isinstance(body, str) else body

    def say(wire: Wire) -> None:
        wire.send(head(status, {"Content_Length": str(len(data))} | headers) + data)

    return say


def redirect(to: str, *, status: int = 302) -> Answer:
    return answer(status=status, Location=to)


def known_by(body: bytes | str, **marks: str) -> Answer:
    """Say it once, and 304 to whoever knows its ETag or Last-Modified."""

    def say(wire: Wire) -> None:
        asked = wire.request.headers
        named = {"ETag": asked.get("if-none-match"), "Last_Modified": asked.get("if-modified-since")}
        knows = any(named.get(name) == mark for name, mark in marks.items())
        (answer(status=304, **marks) if knows else answer(body, **marks))(wire)

    return say


def packed(body: bytes | str, *, by: str = "gzip", **headers: str) -> Answer:
    data = body.encode() if isinstance(body, str) else body
    how: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}
    return answer(how[by](data), Content_Encoding=by, **headers)


def raw(data: bytes) -> Answer:
    """Write this and hang up."""
    return lambda wire: wire.send(data)


def halfway(body: str, *, promised: int | None) -> Answer:
    """Promise so many bytes (None: say nothing of how many), and hang up after these."""
    length = {} if promised is None else {"Content_Length": str(promised)}
    return raw(head(200, length) + body.encode())


def dripping(pieces: Iterable[bytes], *, every: float) -> Answer:
    """Say one piece after another, and never hang up in between."""

    def say(wire: Wire) -> None:
        for piece in pieces:
            wire.send(piece)
            wire.pause(every)

    return say


def pouring(pieces: Iterable[bytes], **headers: str) -> Answer:
    """Say all pieces as fast as they are taken."""

    def say(wire: Wire) -> None:
        wire.send(head(200, headers))
        for piece in pieces:
            wire.send(piece)

    return say


def bomb(mebibytes: int) -> Iterator[bytes]:
    """Give a gzip of so much of nothing, a thousandth of its size."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    for _ in range(mebibytes):
        yield packer.compress(bytes(2**20))
    yield packer.flush()


# Where hosts are


class Authority:
    """Signs certificates for tests, which nobody else trusts."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests")])
        self._certificate = self._signed(self._name, self._key, is_authority=True, names=())

    def trusted(self) -> ssl.SSLContext:
        """Make what a client trusts this authority by."""
        return ssl.create_default_context(
            cadata=self._certificate.public_bytes(serialization.Encoding.PEM).decode()
        )

    def certify(self, *names: str, folder: Any, ended: bool = False) -> ssl.SSLContext:
        """Make what a server proves by that it has these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = self._signed(subject, key, is_authority=False, names=names, ended=ended)
        path = folder / f"{names[0].replace(':', '-')}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        *,
        is_authority: bool,
        names: tuple[str, ...],
        ended: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * YEAR)
            .not_valid_after(now - YEAR if ended else now + YEAR)
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if names:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
        return builder.sign(self._key, hashes.SHA256())


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass
class Internet(httpcore.SyncBackend):
    """Looks names up and carries connections, each public address to a host on loopback.

    ``names`` has for each name the answers to one lookup after another; the last one stays.  ``looked_up`` and
    ``connected`` remember what was asked for.
    """

    folder: Any
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)
    places: dict[tuple[str, int], Host] = field(default_factory=dict)
    authority: Authority = field(default_factory=Authority)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for host in self.places.values():
            host.close()

    def host(
        self, name: str, *, port: int = 443, tls: bool = True, at: str = "", **certificate: bool
    ) -> Host:
        """Put a host into the open internet (or ``at`` an address), under a name."""
        at = at or f"93.184.216.{len(self.places) + 1}"
        host = Host(self.authority.certify(name, folder=self.folder, **certificate) if tls else None)
        self.names.setdefault(name, [[at]])
        self.places[at, port] = host
        return host

    def guard(self, *allowed_hosts: str, monotonic: Callable[[], float] = time.monotonic) -> Guard:
        return Guard(
            allowed_hosts=allowed_hosts,
            resolve=self.resolve,
            certificates=self.authority.trusted,
            network=self,
            monotonic=monotonic,
        )

    def resolve(self, host: str, port: int) -> list[str]:
        self.looked_up.append(host)
        answers = self.names.get(host)
        if answers is None:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        self.connected.append((host, port))
        place = self.places.get((host, port))
        if place is None:
            raise httpcore.ConnectError
        return super().connect_tcp("127.0.0.1", place.port, timeout, local_address, socket_options)
