"""Pictures of the content folder."""

from pathlib import Path

import pytest

from bot.content.pictures import media_type_of, read_picture


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("ovi.png", "image/png"),
        ("OVI.JPG", "image/jpeg"),
        ("ovi.jpeg", "image/jpeg"),
        ("ovi.webp", "image/webp"),
        ("ovi.svg", None),
        ("ovi", None),
    ],
)
def test_the_ending_says_what_it_is(name, media_type):
    assert media_type_of(Path(name)) == media_type


def test_what_is_there_and_a_picture_is_read(tmp_path):
    for name in ("ovi.png", "ovi.txt"):
        (tmp_path / name).write_bytes(b"x")

    assert read_picture(tmp_path / "ovi.png") == b"x"
    assert read_picture(tmp_path / "ovi.txt") is None
    assert read_picture(tmp_path / "poissa.png") is None
