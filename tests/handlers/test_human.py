from datetime import UTC, datetime

import pytest

from tests.handlers.houses import HOME, chat_with
from tests.support import Chat

MONDAY_TEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HOURS = ('hours:\n  - {days: [mo, tu, we, th, fr], from: "09:00", to: "15:00"}', "hours: []")


def test_while_somebody_answers_the_phone_one_is_told_so():
    (heard,) = Chat(now=MONDAY_TEN).says("anna", "ihminen")

    assert heard.text == (
        "Voit soittaa nyt.\n"
        "Puhelin: 014 000 0000\n"
        "Auki: ma–pe klo 9–15\n"
        "Osoite: Esimerkkikatu 1, Jyväskylä\n"
        "Jos olet vaarassa, soita 112."
    )
    assert heard.buttons == (HOME,)


def test_when_nobody_answers_one_is_told_when_somebody_will():
    (heard,) = Chat(now=SATURDAY).says("anna", "ihminen")

    assert heard.text.splitlines()[0] == "Puhelin on nyt kiinni. Se aukeaa: ma 23.11. klo 9"
    assert heard.text.splitlines()[-2:] == [
        "Osoite: Esimerkkikatu 1, Jyväskylä",
        "Jos olet vaarassa, soita 112.",
    ]


def test_where_no_hours_are_known_one_may_call_all_the_same(tmp_path):
    chat = chat_with(tmp_path, "organization.yaml", HOURS)
    (heard,) = chat.says("anna", "ihminen")

    assert heard.text.splitlines()[0] == "Voit soittaa työntekijälle."


def test_where_there_is_no_phone_one_is_told_where_to_come(tmp_path):
    chat = chat_with(tmp_path, "organization.yaml", ("puhelin: 014 000 0000", 'puhelin: ""'))
    (heard,) = chat.says("anna", "ihminen")

    assert heard.text == (
        "Puhu työntekijän kanssa.\n"
        "Auki: ma–pe klo 9–15\n"
        "Osoite: Esimerkkikatu 1, Jyväskylä\n"
        "Jos olet vaarassa, soita 112."
    )


# ---- holidays


def first_lines(now, *changes, folder=None, language="fi"):
    """The first lines of the answer at an instant."""
    chat = Chat(now=now) if folder is None else chat_with(folder, "organization.yaml", *changes)
    chat.now = now
    (heard,) = chat.says("anna", "ihminen", language=language)
    return heard.text.splitlines()


@pytest.mark.parametrize(
    ("language", "first"),
    [
        ("fi", "Tänään suljettu (pyhäpäivä). Aukeaa: ma 28.12. klo 9"),
        ("sv", "Stängt i dag (helgdag). Öppnar: må 28.12 kl. 9"),
        ("en", "Closed today (public holiday). Opens: Mon 28 Dec, 9"),
    ],
)
def test_on_a_public_holiday_nobody_answers_and_the_next_working_day_is_told(language, first):
    christmas_eve = datetime(2026, 12, 24, 8, 0, tzinfo=UTC)  # a Thursday, ten o'clock

    assert first_lines(christmas_eve, language=language)[0] == first


def test_at_the_end_of_the_year_the_holidays_of_the_next_one_count(tmp_path):
    new_years_eve = datetime(2026, 12, 31, 14, 0, tzinfo=UTC)
    wednesdays = ("[mo, tu, we, th, fr]", "[we]")  # Epiphany is one

    assert (
        first_lines(new_years_eve, wednesdays, folder=tmp_path)[0]
        == "Puhelin on nyt kiinni. Se aukeaa: ke 13.1. klo 9"
    )


def test_the_holiday_is_one_of_the_houses_own_day():
    still_the_day_before = datetime(2026, 12, 5, 21, 59, tzinfo=UTC)  # Saturday; Sunday is Independence Day

    assert first_lines(still_the_day_before)[0] == "Puhelin on nyt kiinni. Se aukeaa: ma 7.12. klo 9"


def test_a_phone_that_is_answered_on_holidays_too_is_not_said_to_be_closed(tmp_path):
    christmas_eve = datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
    always = ('to: "15:00"}', 'to: "15:00", on_holidays: true}')

    assert first_lines(christmas_eve, always, folder=tmp_path)[0] == "Voit soittaa nyt."


def test_where_there_is_no_phone_a_holiday_is_told_all_the_same(tmp_path):
    christmas_eve = datetime(2026, 12, 24, 8, 0, tzinfo=UTC)
    no_phone = ("puhelin: 014 000 0000", 'puhelin: ""')

    assert first_lines(christmas_eve, no_phone, folder=tmp_path)[:2] == [
        "Tänään suljettu (pyhäpäivä). Aukeaa: ma 28.12. klo 9",
        "Auki: ma–pe klo 9–15",
    ]


# ---- when nobody answers

URGENT = ('sosiaalipaivystys: ""', "sosiaalipaivystys: 014 111 1111")


@pytest.mark.parametrize(
    "now",
    [SATURDAY, datetime(2026, 11, 24, 20, 0, tzinfo=UTC), datetime(2026, 12, 24, 8, 0, tzinfo=UTC)],
    ids=["weekend", "night", "holiday"],
)
def test_when_nobody_answers_the_number_for_urgent_matters_is_given_where_it_is_known(tmp_path, now):
    lines = first_lines(now, URGENT, folder=tmp_path)

    assert lines[-2:] == ["Kiireellinen sosiaaliasia: 014 111 1111", "Jos olet vaarassa, soita 112."]
    assert len(lines) == 6


def test_while_somebody_answers_it_is_not_needed(tmp_path):
    assert "014 111 1111" not in "".join(first_lines(MONDAY_TEN, URGENT, folder=tmp_path))


@pytest.mark.parametrize("missing", [HOURS, ("puhelin: 014 000 0000", 'puhelin: ""')])
def test_where_nobody_can_know_whether_somebody_answers_it_is_given_too(tmp_path, missing):
    assert "Kiireellinen sosiaaliasia: 014 111 1111" in first_lines(
        SATURDAY, URGENT, missing, folder=tmp_path
    )
