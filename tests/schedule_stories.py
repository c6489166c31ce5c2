"""Stories of the shared schedule, told on every platform in the same words.

A platform joins with a ``village`` fixture and one line for each group of stories::

    class TestTelegram(stories.Cancelling, stories.Feeding):
        @pytest_asyncio.fixture
        async def village(self) -> AsyncIterator[Village]:
            ...

The group meets once a week from the third day on: so near that people are told of every change.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import vobject

from bot.app import App
from bot.clock import now
from bot.i18n import Reader, when
from bot.messages import When
from tests.running import has_done_errands, reads_calendars
from tests.servers.calendar_host import Host, answer
from tests.villages import Heard, Person, Village

ZONE = ZoneInfo("Europe/Helsinki")
WEEK = timedelta(days=7)
TODAY = now().astimezone(ZONE).date()
FIRST, SECOND, THIRD, FOURTH, FIFTH = (TODAY + timedelta(days=3) + n * WEEK for n in range(5))
TRIP = TODAY + timedelta(days=5)
SOON = timedelta(seconds=1.5)  # until a change is told: Vertti is gone by then
HOUR = timedelta(hours=1)

SCHEDULE = """
series:
  - id: ryhma
    name: {{fi: Yksinäisyysryhmä, sv: Ensamhetsgruppen, en: Loneliness group}}
    neutral_name: {{fi: Tapaaminen, sv: Träff, en: Meeting}}
    {dates}
    place: {{fi: Esimerkkitalo, sv: Exempelhuset, en: Example house}}
{more}
"""
BY_RULE = "rule: {{freq: weekly, weekday: {weekday}, start: {start}, time: '13:00', duration: PT2H}}"
FROM_CALENDAR = "from: {calendar: 2, title: Ryhmä}"
TURNS = """
    alternate: [keskustelu, toiminta]
    variants:
      keskustelu: {fi: Keskustelukerta, sv: Diskussionsträff, en: Talking meeting}
      toiminta: {fi: Toimintakerta, sv: Aktivitetsträff, en: Activity meeting}
"""
ONE_PLACE = f"""
  - id: retki
    name: {{fi: Retki, sv: Utflykt, en: Trip}}
    dates: [{TRIP}]
    time: '13:00'
    duration: PT2H
    signup: required
    places_limit: 1
"""
WEEKDAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")

EVENT = """BEGIN:VEVENT
UID:ryhma@cloud.example.org
DTSTAMP:20260101T000000Z
{which}
DTSTART;TZID=Europe/Helsinki:{day:%Y%m%d}T{hour:02}0000
DTEND;TZID=Europe/Helsinki:{day:%Y%m%d}T{end:02}0000
SUMMARY:Ryhmä
LOCATION:Esimerkkitalo
END:VEVENT
"""
PATH = "/ryhmat.ics"
DO = "Kyllä, tee näin"
PUSHED = ("Näytä", "Lopeta")
MORE = "Lue lisää: valitse Näytä."
PLACE_SHOWN = "Näet paikan: valitse Näytä."


def at(day: date, hour: int = 13) -> datetime:
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def hours(day: date, hour: int = 13) -> str:
    """Give a meeting's day and hours as people read them."""
    return when(When(at(day, hour), at(day, hour + 2)), Reader("fi", ZONE, now()))


def button_of(day: date) -> str:
    return when(When(at(day), all_day=True), Reader("fi", ZONE, now()))


def writes_schedule(content: Path, more: str = "", *, dates: str = "") -> None:
    """Write the schedule of the group, by a rule unless its dates come from elsewhere, and what there is more."""
    rule = BY_RULE.format(weekday=WEEKDAYS[FIRST.weekday()], start=FIRST)
    text = SCHEDULE.format(dates=dates or rule, more=more)
    (content / "schedule.yaml").write_text(text, encoding="utf-8")


def calendar(*events: str) -> str:
    head = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Nextcloud calendar v4.7.6")
    return "\r\n".join((*head, *events, "END:VCALENDAR", ""))


def weekly() -> str:
    """Write the group's four meetings as an organizer's calendar program does."""
    return EVENT.format(which="RRULE:FREQ=WEEKLY;COUNT=4", day=FIRST, hour=13, end=15)


def one_at(day: date, hour: int) -> str:
    """Write that one of them is at another hour of its day."""
    which = f"RECURRENCE-ID;TZID=Europe/Helsinki:{day:%Y%m%d}T130000"
    return EVENT.format(which=which, day=day, hour=hour, end=hour + 2)


async def cancels(olga: Person, day: date) -> tuple[Heard, Heard]:
    """Let an organizer cancel one date; give what it looks like before it is done."""
    await olga.asks("peruuta")
    await olga.chooses(button_of(day))
    as_read = await olga.chooses("Vain tämä kerta")
    question = await olga.hears()
    await olga.chooses(DO)
    return as_read, question


async def fetched(address: str) -> httpx.Response:
    async with httpx.AsyncClient() as phone:
        return await phone.get(address)


def events_of(calendar: bytes) -> dict[date, vobject.base.Component]:
    """Read a calendar as another program does, by the days of its events."""
    read = vobject.readOne(calendar.decode())
    return {each.dtstart.value.astimezone(ZONE).date(): each for each in read.vevent_list}


class Cancelling:
    """An organizer cancels a date in the chat."""

    async def test_a_cancelled_date_is_told_once_across_a_restart_and_so_is_that_it_takes_place(
        self, village: Village
    ):
        writes_schedule(village.content, TURNS)
        async with village.vertti(undo=SOON) as app:
            anna, olga = await village.subscriber(), await village.organizer(app)
            as_read, question = await cancels(olga, FIRST)
            whose_turn = await olga.hears()
            turns = await olga.chooses("Pidetään kalenteri")
        async with village.vertti():
            cancelled = await anna.hears()
            taken_back = await olga.chooses("Ota takaisin")
            undone = await olga.chooses("Kyllä, ota takaisin")
            after_all = await anna.hears()
        async with village.vertti():
            nothing_more = await anna.asks("seuraava")

        assert as_read.text == f"PERUTTU: Yksinäisyysryhmä\n{hours(FIRST)}\nSeuraava kerta: {hours(SECOND)}"
        assert question.text.startswith("Yllä on viesti siitä.\nSen saavat: ihmisiä 1, ryhmiä 0.\n")
        assert whose_turn.labels == ("Vuoro siirtyy", "Pidetään kalenteri")
        assert turns.text.splitlines()[2:] == [
            f"{hours(SECOND)} Toimintakerta",
            f"{hours(THIRD)} Keskustelukerta",
            f"{hours(FOURTH)} Toimintakerta",
            f"{hours(FIFTH)} Keskustelukerta",
        ]
        assert cancelled == Heard(
            f"PERUTTU: Tapaaminen\n{hours(FIRST)}\nSeuraava kerta: {hours(SECOND)}\n{MORE}", PUSHED
        )
        assert taken_back.text.endswith("Otetaanko tämä takaisin?\nSiitä kerrotaan: ihmisiä 1, ryhmiä 0.")
        assert undone.text.startswith("Muutos on otettu takaisin.")
        assert after_all == Heard(f"PIDETÄÄN SITTENKIN: Tapaaminen\n{hours(FIRST)}\n{MORE}", PUSHED)
        assert nothing_more.text.startswith(f"Yksinäisyysryhmä\n{hours(FIRST)}\nKeskustelukerta\n")

    async def test_the_calendar_of_ones_phone_learns_of_it_until_its_address_is_taken_back(
        self, village: Village
    ):
        writes_schedule(village.content)
        async with village.vertti() as app:
            anna, olga = await village.subscriber(), await village.organizer(app)
            await anna.asks("seuraava")
            await anna.chooses("Lisää kalenteriin")
            alone = events_of(await anna.opens_file())
            await anna.chooses("Kaikki kalenteriin")
            given = await anna.chooses("Tee osoite")
            (address,) = [line for line in given.text.splitlines() if line.startswith("http")]
            before = events_of((await fetched(address)).content)
            guide = await fetched(given.links[0])
            await cancels(olga, FIRST)
            await anna.hears()
            after = events_of((await fetched(address)).content)
            await anna.asks("kalenteriin")
            taken_back = await anna.chooses("Poista osoite")
            gone = await fetched(address)

        assert list(alone) == [FIRST]
        assert alone[FIRST].uid.value == before[FIRST].uid.value
        assert before.keys() == after.keys() > {FIRST, SECOND, THIRD}
        assert [(before[day].summary.value, before[day].status.value) for day in (FIRST, SECOND)] == [
            ("Tapaaminen", "CONFIRMED"),
            ("Tapaaminen", "CONFIRMED"),
        ]
        assert address in guide.text
        assert [(after[day].summary.value, after[day].status.value) for day in (FIRST, SECOND)] == [
            ("PERUTTU: Tapaaminen", "CANCELLED"),
            ("Tapaaminen", "CONFIRMED"),
        ]
        assert after[FIRST].uid.value == before[FIRST].uid.value
        assert int(after[FIRST].sequence.value) > int(before[FIRST].sequence.value)
        assert taken_back.text.startswith("Osoite on poistettu.")
        assert gone.status_code == httpx.codes.NOT_FOUND


class Moving:
    """An organizer moves a date in the chat, and adds one."""

    async def test_a_change_of_a_change_is_one_message_and_a_date_more_is_told(self, village: Village):
        writes_schedule(village.content)
        async with village.vertti(undo=HOUR) as app:
            anna, olga = await village.subscriber(), await village.organizer(app)
            await olga.asks("siirra")
            await olga.chooses(button_of(FIRST))
            await olga.chooses("Muu aika")
            await olga.asks("klo 16")
            await olga.hears()
            await olga.chooses(DO)
        async with village.vertti():
            await olga.asks("siirra")
            await olga.chooses(button_of(FIRST))
            await olga.chooses("Uusi paikka")
            await olga.asks("Kirjasto")
            await olga.hears()
            await olga.chooses(DO)
            moved = await anna.hears()
            await olga.asks("lisaa")
            await olga.chooses("Yksinäisyysryhmä")
            await olga.asks(f"{button_of(TRIP)} klo 13–15")
            await olga.chooses("Sama paikka kuin aina")
            await olga.hears()
            await olga.chooses(DO)
            more = await anna.hears()
            shown = await anna.chooses("Näytä")

        assert moved == Heard(
            "AIKA MUUTTUI, UUSI PAIKKA: Tapaaminen\n"
            f"Uusi aika: {hours(FIRST, 16)}\nVanha aika: {hours(FIRST)}\n{PLACE_SHOWN}",
            PUSHED,
        )
        assert more.text.startswith(f"UUSI KERTA: Tapaaminen\n{hours(TRIP)}\n")
        assert shown.text.startswith(f"Yksinäisyysryhmä\n{hours(TRIP)}\nEsimerkkitalo\n")


class Pausing:
    """The group takes a break, and all of it is typed."""

    async def test_a_break_of_typed_days_is_told_once_and_the_date_after_it_stays(self, village: Village):
        writes_schedule(village.content)
        async with village.vertti() as app:
            anna, olga = await village.subscriber(), await village.organizer(app)
            whose = await olga.asks("tauko")
            await olga.asks("ryhmän tauko")
            await olga.asks("yksinäisyysryhmä")
            as_read = await olga.asks(f"{FIRST.day}.{FIRST.month}.–{SECOND.day}.{SECOND.month}.")
            await olga.hears()
            done = await olga.asks("kyllä")
            told = await anna.hears()
            following = await anna.asks("seuraava")

        dates = f"{hours(FIRST)}\n{hours(SECOND)}\nSeuraava kerta: {hours(THIRD)}"
        assert whose.labels[:2] == ("Tauko muistutuksista", "Ryhmän tauko")
        assert as_read.text == f"PERUTTU: Yksinäisyysryhmä\n{dates}"
        assert done.text.startswith("Muutos on tehty.")
        assert told == Heard(f"PERUTTU: Tapaaminen\n{dates}", PUSHED)
        assert following.text.startswith(f"Yksinäisyysryhmä\n{hours(THIRD)}\n")


class TakingPart:
    """People say that they come."""

    async def test_a_place_that_is_given_back_is_offered_to_who_waits(self, village: Village):
        writes_schedule(village.content, ONE_PLACE)
        async with village.vertti():
            anna, berit = await village.newcomer(), await village.newcomer()
            for each in (anna, berit):
                await each.asks("ilmoittaudu")
                await each.chooses(button_of(TRIP))
            comes = await anna.chooses("Ilmoittaudu")
            waits = await berit.chooses("Ilmoittaudu")  # as it stood there: meanwhile the place is gone
            gives_back = await anna.chooses("Peru paikkani")
            offered = await berit.hears()
            takes = await berit.chooses("Otan paikan")
            too_late = await anna.chooses("Ilmoittaudu")

        assert comes.text.startswith(f"Sinulla on nyt paikka.\nRetki\n{hours(TRIP)}\n")
        assert waits.text.startswith("Paikat ovat nyt täynnä.\nOlet jonossa. Numerosi on 1.\n")
        assert gives_back.text == (
            f"Paikkasi on nyt vapaa muille:\nTapaaminen\n{hours(TRIP)}\nKiitos, että kerroit."
        )
        assert offered.text.startswith(f"Sinulle on vapautunut paikka.\nTapaaminen\n{hours(TRIP)}\n")
        assert offered.labels == ("Otan paikan", "En ota")
        assert takes.text.startswith(f"Sinulla on nyt paikka.\nRetki\n{hours(TRIP)}\n")
        assert too_late.text == waits.text


class Feeding:
    """Organizers keep the group's dates in a calendar of their own."""

    async def test_what_a_feed_changes_is_told_once_and_what_it_loses_is_asked_about(self, village: Village):
        with feed() as (host, address):

            def says(*events: str) -> None:
                host.says(PATH, answer(calendar(*events)))

            says(weekly())
            async with fed_by(village, address) as app:
                anna, olga = await village.subscriber(), await village.organizer(app)
                says(weekly(), one_at(FIRST, 16), one_at(FOURTH, 16))
                await reads_calendars(app)
                moved = await anna.hears()
                says()
                await reads_calendars(app)
                await reads_calendars(app)
                asked = await olga.hears()
                kept = await olga.chooses("Ei, pidä vanhat")
                await reads_calendars(app)
                host.says(PATH, answer("<!doctype html><title>Log in</title>"))
                await reads_calendars(app)
                log_in = await olga.hears()
                says(weekly(), one_at(FIRST, 16))
                await reads_calendars(app)
                mended = await olga.hears()
                nothing_more = [await each.asks("seuraava") for each in (anna, olga)]
                says(weekly(), one_at(FIRST, 17))
                await reads_calendars(app)
                moved_again = await anna.hears()

        assert moved == Heard(
            f"AIKA MUUTTUI: Tapaaminen\nUusi aika: {hours(FIRST, 16)}\nVanha aika: {hours(FIRST)}\n{MORE}",
            PUSHED,
        )
        assert asked.text.endswith(
            " katosi kertoja.\n30 päivän aikana: "
            f"4 (kaikkiaan 4).\nEnsimmäinen: Yksinäisyysryhmä {hours(FIRST, 16)}\n"
            "Onko ne peruttu?\nVanhat tiedot pätevät siihen asti."
        )
        assert asked.labels == ("Ovat, peru ne", "Ei, pidä vanhat")
        assert kept.text.startswith("Selvä. Vanhat tiedot pätevät.")
        assert "127.0.0.1" in log_in.text
        assert PATH not in log_in.text + mended.text
        assert mended.text.endswith(" on nyt kunnossa.")
        assert all(each.text.startswith(f"Yksinäisyysryhmä\n{hours(FIRST, 16)}\n") for each in nothing_more)
        assert moved_again == Heard(
            "AIKA MUUTTUI: Tapaaminen\n"
            f"Uusi aika: {hours(FIRST, 17)}\nVanha aika: {hours(FIRST, 16)}\n{MORE}",
            PUSHED,
        )


@contextmanager
def feed() -> Iterator[tuple[Host, str]]:
    """Let a host serve a calendar, at this address."""
    host = Host(None)
    try:
        yield host, f"http://127.0.0.1:{host.port}{PATH}"
    finally:
        host.close()


@asynccontextmanager
async def fed_by(village: Village, address: str) -> AsyncIterator[App]:
    """Let Vertti have the group's dates from a calendar at an address in the house's own network."""
    writes_schedule(village.content, dates=FROM_CALENDAR)
    calendars = {"calendars": ("schedule.yaml", address), "calendar_hosts": ("127.0.0.1",)}
    async with village.vertti(**calendars) as app:
        await has_done_errands(app)
        yield app
