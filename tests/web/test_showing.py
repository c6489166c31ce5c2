"""What pages show, as values."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.i18n import Reader
from bot.messages import File, ShownButton
from bot.store.web_messages import Waiting, WebMessage
from bot.web.showing import Event, event, message, pieces
from tests.support import sample_house
from tests.web.house import NOW, ZONE, occurrence

WORDING = sample_house().wording


@pytest.mark.parametrize(
    ("number", "address"),
    [
        ("112", "tel:112"),
        ("116 117", "tel:116117"),
        ("014 000 0000", "tel:0140000000"),
        ("040-1234567", "tel:0401234567"),
        ("09 2525 0111", "tel:0925250111"),
        ("+358 40 123 4567", "tel:+358401234567"),
    ],
)
def test_a_phone_number_can_be_called(number: str, address: str):
    assert pieces(f"Soita {number}.\nHeti!") == [["Soita "], [number, address], [".\nHeti!"]]


@pytest.mark.parametrize(
    "text",
    [
        "to 26.11. klo 13–15", "klo 9.30–11", "2026-11-24", "24.12.2026", "12 €", "1 000 000", "010190-123A",
        "11200", "0,50 €", "<b>tel:</b>", "",
    ],
)  # fmt: skip
def test_other_numbers_are_words(text: str):
    assert pieces(text) == ([[text]] if text else [])


def test_a_text_is_whole_when_its_pieces_are_put_together():
    text = "112 tai 014 000 0000\nma–pe klo 9–15"

    assert "".join(piece[0] for piece in pieces(text)) == text


def test_a_message_is_plain_values():
    shown = WebMessage(
        "Hei <b>",
        "ma 23.11. klo 12.05",
        (
            ShownButton("Näytä", data="d1"),
            ShownButton("Avaa", url="https://www.example.org/"),
            ShownButton("Kirjoita minulle", deep_link="kysely-12"),
            ShownButton("Ei mihinkään", url="javascript:alert(1)"),
        ),
        File("a.txt", "text/plain", "ä"),
        ("kuvat/ovi.png", "Kuva ovesta."),
        goodbye=True,
        language="sv",
    )

    assert message(Waiting(7, "m7", shown)) == {
        "id": 7,
        "mark": "m7",
        "text": [["Hei <b>"]],
        "when": "ma 23.11. klo 12.05",
        "buttons": [
            {"label": "Näytä", "button": "d1"},
            {"label": "Avaa", "url": "https://www.example.org/"},
            {"label": "Kirjoita minulle", "say": "/start kysely-12"},
            {"label": "Ei mihinkään", "button": ""},
        ],
        "file": {"name": "a.txt", "address": "data:text/plain;charset=utf-8;base64,w6Q="},
        "picture": {"address": "/picture/kuvat/ovi.png", "words": "Kuva ovesta."},
        "goodbye": True,
        "language": "sv",
    }


def test_an_event_is_worded_in_the_readers_language():
    it = occurrence(
        "a",
        datetime(2026, 11, 24, 11, 0, tzinfo=UTC),
        series="ryhma",
        variant="keskustelu",
        title={"fi": "Yksinäisyysryhmä", "sv": "Ensamhetsgruppen"},
        place={"fi": "Esimerkkitalo"},
        signup=True,
    )

    assert event(it, WORDING, Reader("sv", ZONE, NOW), "fi") == Event(
        when="ti 24.11 kl. 13–15",
        day="i morgon",
        starts="2026-11-24T13:00+02:00",
        title="Ensamhetsgruppen",
        variant="Diskussionsträff",
        place="Esimerkkitalo",
        cancelled=False,
        tentative=False,
        signup=True,
    )


def test_an_event_of_whole_days_names_its_days():
    start = datetime(2027, 4, 18, 21, 0, tzinfo=UTC)
    it = occurrence(
        "v", start, end=start + timedelta(days=5), all_day=True, title={"en": "Week"}, variant="x"
    )
    shown = event(it, WORDING, Reader("fi", ZONE, NOW), "fi")

    assert (shown.when, shown.starts, shown.title, shown.variant) == (
        "ma 19.4.–pe 23.4.",
        "2027-04-19",
        "Week",
        "",
    )
