import pytest

from bot.core.plain_text import clean, single_line


@pytest.mark.parametrize(
    "unseen",
    [
        "\u202a",
        "\u202e",
        "\u2066",
        "\u2069",
        "\u200b",
        "\u200e",
        "\u200f",
        "\u2060",
        "\ufeff",
        "\u00ad",
        "\x00",
        "\x7f",
    ],
)
def test_what_nobody_sees_is_removed(unseen):
    assert clean(f"klo 1{unseen}3") == "klo 13"


def test_a_lone_surrogate_is_removed_so_that_the_text_can_be_stored():
    assert clean("hei\ud83d!").encode() == b"hei!"


def test_letters_emoji_and_lines_stay():
    text = "Ystävänpäivä 💛\n\tkahvit ☕️ – klo 13"

    assert clean(text) == text


def test_every_line_end_becomes_a_line_feed():
    assert clean("a\r\nb\rc\u2028d\u0085e") == "a\nb\nc\nd\ne"


def test_a_title_is_one_line_with_single_spaces():
    assert single_line("  Ryhmä:\r\n  keskustelu\u00a0\u202eatrek ") == "Ryhmä: keskustelu atrek"
