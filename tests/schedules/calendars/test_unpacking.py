"""What comes packed is unpacked piece by piece, and no more of it than is read (T-22)."""

import gzip
import random
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.calendars.unpacking import PIECE, BadlyPackedError, TooMuchError, Unpacking

PACKERS = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
}


def unpacked(packing, pieces, most=10_000):
    body = Unpacking(packing, most)
    for piece in pieces:
        body.take(piece)
    return body.whole()


@given(st.sampled_from([*PACKERS]), st.binary(max_size=3_000), st.integers(1, 100), st.integers(1, 50))
def test_however_it_is_cut_into_pieces_it_comes_out_as_it_was(packing, data, times, size):
    data = data * min(times, 10_000 // max(len(data), 1))
    packed = PACKERS[packing](data)

    assert unpacked(packing, [packed[i : i + size] for i in range(0, len(packed), size)]) == data


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 100])
@pytest.mark.parametrize("cut", [1, 7, 10**6])
def test_what_is_unpacked_in_several_steps_comes_out_whole(packing, size, cut):
    for data in (bytes(size), b"ab" * (size // 2), random.Random(size).randbytes(size)[: 10 * cut]):
        packed = PACKERS[packing](data)

        pieces = (packed[i : i + cut] for i in range(0, len(packed), cut))
        assert unpacked(packing, pieces, most=size) == data


@pytest.mark.parametrize("size", [1, 2, 3, 1_000])
def test_several_gzip_files_one_after_another_are_one(size):
    packed = gzip.compress(b"a") + gzip.compress(b"b")

    assert unpacked("gzip", [packed[i : i + size] for i in range(0, len(packed), size)]) == b"ab"


def test_what_stands_behind_a_gzip_file_is_left():
    assert unpacked("gzip", [gzip.compress(b"a") + b"\0\0\0"]) == b"a"


@pytest.mark.parametrize("packing", ["gzip", "deflate"])
def test_what_never_ends_behind_it_is_not_kept(packing):
    body = Unpacking(packing, 1_000)
    body.take(PACKERS[packing](b"a"))

    tracemalloc.start()
    for _ in range(50):
        body.take(bytes(PIECE))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert body.whole() == b"a"
    assert most < 4 * PIECE


@pytest.mark.parametrize("packing", [*PACKERS])
def test_as_much_as_is_read_may_come_and_not_a_byte_more(packing):
    assert len(unpacked(packing, [PACKERS[packing](bytes(1_000))], most=1_000)) == 1_000
    with pytest.raises(TooMuchError):
        unpacked(packing, [PACKERS[packing](bytes(1_001))], most=1_000)


@pytest.mark.parametrize("packing", ["br", "zstd", "gzip, gzip", "GZIP", "rot13"])
def test_what_is_packed_in_another_way_is_refused(packing):
    with pytest.raises(BadlyPackedError):
        Unpacking(packing, 10)


@pytest.mark.parametrize(
    "data",
    [
        b"BEGIN:VCALENDAR",
        gzip.compress(b"a" * 5_000)[:-9],
        gzip.compress(b"a")[:-1],
        gzip.compress(b"a")[:5] + b"xxxx",
    ],
    ids=["not packed", "half of it", "all but the last byte", "its head alone"],
)
def test_what_is_not_packed_as_it_says_or_not_whole_is_refused(data):
    with pytest.raises(BadlyPackedError):
        unpacked("gzip", [data])


def test_a_bomb_is_put_down_before_it_has_grown():
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join([*(packer.compress(bytes(2**20)) for _ in range(200)), packer.flush()])
    body = Unpacking("gzip", 2**20)

    tracemalloc.start()
    with pytest.raises(TooMuchError):
        body.take(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(bomb) < 2**20
    assert most < 4 * 2**20
