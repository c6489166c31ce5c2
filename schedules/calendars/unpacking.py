"""Takes in what a host sends piece by piece, and stops as soon as it is too much (T-22)."""

import zlib

PIECE = 64 * 1024  # bytes that are unpacked at once; other threads run in between
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

    def take(self, data: bytes) -> None:
        """Take what came next.

        Raises:
            TooMuchError: with it there is more than is read.
            BadlyPackedError: it cannot be unpacked.
        """
        if not self._packed:
            self._keep(data)
            return
        try:
            while data:
                self._keep(self._unpacker.decompress(data, PIECE))
                data = self._unpacker.unconsumed_tail
                if self._unpacker.eof:  # gzip files may stand one after another
                    data = self._unpacker.unused_data
                    if data.startswith(b"\x1f\x8b"):
                        self._unpacker = zlib.decompressobj(_ZLIB_OR_GZIP)
                    else:
                        data = b""
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

    def _keep(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise TooMuchError
        self._pieces.append(piece)
