"""Connections that go where they were told and end when time is up, for httpcore to speak HTTP over."""

import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import httpcore

from bot.core.public_addresses import IpAddress

A_CONNECTION: Final = 3.0  # seconds for one of a host's IP addresses, so that the next one has time left

Resolve = Callable[
    [str, int], Iterable[str]
]  # a host's name and a port -> its IP addresses; OSError: it has none
Checked = Mapping[tuple[str, int], Sequence[IpAddress]]  # a host and a port -> where it may be reached


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the IP addresses of a host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def resolve_within(seconds: float, how: Resolve, host: str, port: int) -> list[str]:
    """Ask for the IP addresses of a host, for so long and no longer: getaddrinfo itself knows no limit.

    Raises:
        OSError: there is no such host (``TimeoutError``: nobody answered in time).
    """
    answer: queue.SimpleQueue[list[str] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(list(how(host, port)))
        except OSError as error:
            answer.put(error)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    try:
        found = answer.get(timeout=max(seconds, 0.0))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(found, OSError):
        raise found
    return found


class PinnedNetwork(httpcore.NetworkBackend):
    """Connects a host's name to the IP addresses that were checked, and to nothing else.

    Args:
        network: what connections are made by.
        checked: where each host may be reached; what is added to it counts from then on.
        left: the seconds that are left, at this moment.
    """

    def __init__(self, network: httpcore.NetworkBackend, checked: Checked, left: Callable[[], float]) -> None:
        self._network = network
        self._checked = checked
        self._left = left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - what counts is what is left of the whole
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of its addresses that answers."""
        failure: Exception = httpcore.ConnectError()
        for address in self._checked[host, port]:
            limit = min(in_time(self._left), A_CONNECTION)
            try:
                stream = self._network.connect_tcp(str(address), port, limit, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._left)
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A stream of which each step may take what is left, so that drop by drop is no way around the limit."""

    def __init__(self, stream: httpcore.NetworkStream, left: Callable[[], float]) -> None:
        self._stream = stream
        self._left = left

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, in_time(self._left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, in_time(self._left))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, in_time(self._left))
        return _TimedStream(secured, self._left)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def in_time(left: Callable[[], float]) -> float:
    """Give the seconds that are left.

    Raises:
        httpcore.TimeoutException: none are.
    """
    seconds = left()
    if seconds <= 0:
        raise httpcore.ReadTimeout
    return seconds
