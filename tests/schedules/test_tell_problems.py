"""What is wrong in a calendar is told to each organizer in their own language, once."""

import orjson
import pytest

from bot.messages import Phrase
from bot.router import Tick
from schedules.calendars import Problem
from schedules.tell_problems import TOLD, tell_problems
from tests.handlers.organizing import MINUTE, organized, texts

NO_START = Phrase("problem.of", {"mikä": "kahvit", "vika": Phrase("problem.no_start")})


def no_start(line=12):
    return Problem("a.ics", NO_START, line, Phrase("problem.mend.day_and_hour"))


def no_date(written):
    return Problem("a.ics", Phrase("problem.no_date", {"arvo": written}), 3, Phrase("problem.mend.date"))


def tells(chat, *problems, **how):
    """Tell of all that is wrong now; give what everybody hears of it."""
    start = len(chat.heard)
    with chat.transaction() as store:
        assert tell_problems(Tick(store, chat.now, chat.house), "a.ics", "a.ics", problems, **how)
    chat.deliver()
    return chat.heard[start:]


WORDED = {
    "suomi": """\
Kalenterissa a.ics on korjattavaa:
Rivi 12: kahvit: tapahtumalla ei ole alkuaikaa (DTSTART). Lisää kalenteriin päivä ja kellonaika.
Voit lähettää tämän viestin tekniselle tuelle.""",
    "ruotsi": """\
Något behöver rättas i kalendern a.ics:
Rad 12: kahvit: evenemanget har ingen starttid (DTSTART). Lägg till dag och klockslag i kalendern.
Du kan skicka det här meddelandet till den tekniska hjälpen.""",
    "englanti": """\
Something needs mending in the calendar a.ics:
Line 12: kahvit: it has no start (DTSTART). Give it a day and an hour.
You can send this message to your technical support.""",
}


@pytest.mark.parametrize("language", WORDED)
def test_an_organizer_reads_it_in_their_own_language(language):
    chat = organized()
    chat.says("tiina", f"kieli {language}")

    assert texts(tells(chat, no_start()), "tiina") == [WORDED[language]]


def test_a_problem_that_has_moved_to_another_line_is_the_same():
    chat = organized()
    tells(chat, no_start(12))
    chat.now += MINUTE

    assert tells(chat, no_start(14)) == []


def test_the_same_fault_with_another_value_is_another_problem():
    chat = organized()
    tells(chat, no_date("'2026-13-01'"))
    chat.now += MINUTE
    (told,) = texts(tells(chat, no_date("'2026-13-01'"), no_date("'2026-14-01'")), "tiina")

    assert (
        told
        == "Kalenterissa a.ics on korjattavaa:\nRivi 3: päivää '2026-14-01' ei ole. Kirjoita päivä näin: 2026-11-26."
        "\nVoit lähettää tämän viestin tekniselle tuelle."
    )


def test_whoever_was_told_hears_once_that_it_is_mended():
    chat = organized()
    tells(chat, no_start(), no_date("'2026-13-01'"))
    chat.make_organizer("olli")
    heard = []
    for problems in ([no_start()], [], []):
        chat.now += MINUTE
        heard.append([(each.who, each.text) for each in tells(chat, *problems)])

    assert heard == [[], [("tiina", "Kalenteri a.ics on nyt kunnossa.")], []]


def test_problems_that_an_earlier_version_told_of_are_known():
    chat = organized()
    tells(chat, no_start())
    bookmark = TOLD.format("a.ics")
    with chat.transaction() as store:
        marks, _ = orjson.loads(store.books.bookmark(bookmark))
        store.books.set_bookmark(bookmark, orjson.dumps(marks).decode())
    chat.now += MINUTE

    assert tells(chat, no_start()) == []
    assert tells(chat) == []
