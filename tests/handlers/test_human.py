from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from bot.core.opening_hours import OpeningHours
from handlers.human import next_opening
from tests.handlers.houses import HOME, chat_with
from tests.support import Chat

HELSINKI = ZoneInfo("Europe/Helsinki")
MONDAY_TEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
WORKDAYS = OpeningHours(frozenset(range(5)), time(9), time(15))


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

    assert heard.text.splitlines()[:2] == ["Puhelin on nyt kiinni.", "Se aukeaa: ma 23.11. klo 9"]
    assert heard.text.splitlines()[-1] == "Jos olet vaarassa, soita 112."


def test_where_no_hours_are_known_one_may_call_all_the_same(tmp_path):
    hours = '  - {days: [mo, tu, we, th, fr], from: "09:00", to: "15:00"}'
    chat = chat_with(tmp_path, "organization.yaml", (f"hours:\n{hours}", "hours: []"))
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


def test_the_next_opening_is_later_today_before_the_doors_open():
    early = datetime(2026, 11, 23, 6, 59, tzinfo=UTC)

    assert next_opening([WORKDAYS], early, HELSINKI) == datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def test_the_next_opening_is_tomorrow_at_the_very_minute_of_opening():
    opens = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)

    assert next_opening([WORKDAYS], opens, HELSINKI) == datetime(2026, 11, 24, 7, 0, tzinfo=UTC)


def test_hours_of_one_day_a_week_come_again_in_a_week():
    mondays = OpeningHours(frozenset([0]), time(9), time(15))

    assert next_opening([mondays], MONDAY_TEN, HELSINKI) == datetime(2026, 11, 30, 7, 0, tzinfo=UTC)


def test_the_opening_follows_the_clock_on_the_wall_when_it_is_turned():
    before_the_turn = datetime(2027, 3, 26, 14, 0, tzinfo=UTC)  # the Friday before summer time

    assert next_opening([WORKDAYS], before_the_turn, HELSINKI) == datetime(2027, 3, 29, 6, 0, tzinfo=UTC)


def test_without_hours_there_is_no_next_opening():
    assert next_opening([], SATURDAY, HELSINKI) is None
