"""Takes in what a host sends piece by piece, and stops as soon as it is too much (T-22)."""

import zlib

PIECE = 64 * 1024  # bytes that are unpacked at once; other threads run in between
GZIP = b"\x1f\x8b"  # how a gzip file begins
_ZLIB_OR_GZIP = zlib.MAX_WBITS | 32


class TooMuchError(Exception):
    """More came than is read."""


class BadlyPackedError(Exception):
    """What came is not packed as its header says, or in a way that was not asked for."""


class Unpacking:
    """The body of one answer.

    Args:
        packing: its Content-Encoding: empty, gzip or deflate.
        most: bytes that are read, unpacked.

    Raises:
        BadlyPackedError: it is packed in another way.
    """

    def __init__(self, packing: str, most: int) -> None:
        if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise BadlyPackedError
        self._packed = packing not in ("", "identity")
        self._unpacker = zlib.decompressobj(_ZLIB_OR_GZIP)
        self._pieces: list[bytes] = []
        self._left = most
        self._over = False  # what comes now is no more of it

    def take(self, data: bytes) -> None:
        """Take what came next.

        Raises:
            TooMuchError: with it there is more than is read.
            BadlyPackedError: it cannot be unpacked.
        """
        if not self._packed:
            self._keep(data)
            return
        if self._over:
            return
        try:
            while data:
                self._keep(self._unpacker.decompress(data, PIECE))
                data = self._unpacker.unconsumed_tail
                if self._unpacker.eof:
                    data = self._behind(self._unpacker.unused_data)
        except zlib.error:
            raise BadlyPackedError from None

    def whole(self) -> bytes:
        """Give all of it.

        Raises:
            BadlyPackedError: its end is missing.
        """
        if self._packed and self._pieces and not self._unpacker.eof:
            raise BadlyPackedError
        return b"".join(self._pieces)

    def _behind(self, data: bytes) -> bytes:
        """Begin the next file, for gzip files may stand one after another; give what is still to be unpacked.

        What is no such file is let go at once: zlib would keep all of it.
        """
        self._over = not GZIP.startswith(data[: len(GZIP)])
        if self._over or len(data) < len(GZIP):  # half of a beginning: zlib keeps it until the rest is there
            return b""
        self._unpacker = zlib.decompressobj(_ZLIB_OR_GZIP)
        return data

    def _keep(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise TooMuchError
        self._pieces.append(piece)
