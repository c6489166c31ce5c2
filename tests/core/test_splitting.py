"""Tests of bot/core/splitting.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.splitting import split

texts = st.text(alphabet=st.sampled_from("ab. \n!é\u0301👍🏽👩\u200d🌾🇫🇮\u00a0"), max_size=60)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("text", "most", "pieces"),
    [
        ("", 10, ()),
        (" \n ", 2, ()),
        ("      aa", 3, ("aa",)),
        ("Mahtuu.", 7, ("Mahtuu.",)),
        ("Yksi.\nKaksi.\n\nKolme.", 14, ("Yksi.\nKaksi.", "Kolme.")),  # a paragraph before a line
        ("Yksi on.\nKaksi. Kolme.", 16, ("Yksi on.", "Kaksi. Kolme.")),  # a line before a sentence
        ("Yksi on. Kaksi kolme.", 14, ("Yksi on.", "Kaksi kolme.")),  # a sentence before a word
        ("Nähdään ti 24.11. klo 13", 19, ("Nähdään ti 24.11.", "klo 13")),
        ("Tule ti 24.11. klo 13 ok", 18, ("Tule ti 24.11. klo", "13 ok")),  # no sentence ends at a date
        ("yksi kaksi kolme", 10, ("yksi kaksi", "kolme")),
        ("A.\nyksi kaksi kolme neljä", 20, ("A.\nyksi kaksi kolme", "neljä")),  # not where the piece is tiny
        ("kello\u00a013 ja 15", 9, ("kello\u00a013", "ja 15")),  # a space that does not break
        ("aaaaaaaa", 3, ("aaa", "aaa", "aa")),
        ("aae\u0301aa", 3, ("aa", "e\u0301a", "a")),
        ("ab👩\u200d🌾", 4, ("ab", "👩\u200d🌾")),
        ("a🇫🇮🇸🇪", 4, ("a🇫🇮", "🇸🇪")),
        ("a👍🏽", 2, ("a", "👍🏽")),
        ("e\u0301\u0301\u0301\u0301", 3, ("e\u0301\u0301", "\u0301\u0301")),  # longer than a piece
    ],
)
def test_a_text_is_cut_where_a_reader_would_pause(text, most, pieces):
    assert split(text, most) == pieces


def test_an_emoji_counts_twice_in_utf_16():
    assert split("👍👍👍", 4, unit="utf16") == ("👍👍", "👍")


def test_a_text_that_fits_in_utf_16_stays_whole():
    assert split("aä👍", 4, unit="utf16") == ("aä👍",)


def test_less_than_an_emoji_is_refused():
    with pytest.raises(ValueError, match="at least two units"):
        split("a", 1)


@given(texts, st.integers(2, 20), st.sampled_from(["characters", "utf16"]))
def test_nothing_but_white_space_is_lost_and_every_piece_fits(text, most, unit):
    pieces = split(text, most, unit=unit)

    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all((len if unit == "characters" else utf16)(piece) <= most and piece.strip() for piece in pieces)


@given(texts, st.integers(2, 20))
def test_what_fits_comes_back_as_it_is(text, more):
    assert split(text, max(2, len(text)) + more) == ((text,) if text.strip() else ())
