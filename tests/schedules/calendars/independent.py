"""Another way to count dates, which the calendars in tests/data/calendars are held against.

Each day is asked whether the group meets on it.  No rule is parsed and no library of calendars is used: there are
only days, the wall clock and the zone.
"""

import calendar
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

HELSINKI, STOCKHOLM = ZoneInfo("Europe/Helsinki"), ZoneInfo("Europe/Stockholm")
FIRST, AFTER = date(2026, 11, 1), date(2028, 1, 1)  # the window: from the first day until before the second
WINDOW = tuple(datetime.combine(day, time(), HELSINKI).astimezone(UTC) for day in (FIRST, AFTER))
DAYS = [FIRST + timedelta(days=number) for number in range((AFTER - FIRST).days)]

MO, TU, WE, TH, FR, SA, SU = range(7)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Meets:
    """When a series is held, before anybody moves one of its dates."""

    on: Callable[[date], bool]
    at: time | None = None  # on the wall clock of its zone; None: all day
    lasts: timedelta = DAY
    zone: tzinfo = HELSINKI

    def times(self) -> list[tuple[str, str]]:
        """Give start and end of each date in the window, in order, as ``vertti schedule --json`` writes them."""
        spans = [self._span(day) for day in (FIRST - DAY, *DAYS) if self.on(day)]
        return [(start.isoformat(), end.isoformat()) for start, end in spans if self._is_listed(end)]

    def _span(self, day: date) -> tuple[date, date]:
        if self.at is None:
            return day, day + self.lasts
        start = datetime.combine(day, self.at, self.zone).astimezone(UTC)
        return start.astimezone(HELSINKI), (start + self.lasts).astimezone(HELSINKI)

    def _is_listed(self, end: date) -> bool:
        return end > (WINDOW[0] if isinstance(end, datetime) else FIRST)


def day(written: str) -> date:
    """Read a day as it is written in a calendar, 20261224."""
    return date.fromisoformat(written)


def every(
    *weekdays: int, weeks: int = 1, since: str, until: str = "20271231", out: str = ""
) -> Callable[[date], bool]:
    """Hold it on these days of every so many weeks, a week beginning on Monday; but not on those that are out."""
    first, last, skipped = day(since), day(until), {day(each) for each in out.split()}
    monday = first - first.weekday() * DAY

    def on(each: date) -> bool:
        in_turn = (each - monday).days // 7 % weeks == 0
        return first <= each <= last and in_turn and each.weekday() in weekdays and each not in skipped

    return on


def nth(weekday: int, number: int, *, months: Collection[int] = range(1, 13)) -> Callable[[date], bool]:
    """Hold it on the nth such day of these months; -1 is the last."""

    def on(each: date) -> bool:
        if each.weekday() != weekday or each.month not in months:
            return False
        return each.day > days_of_month(each) - 7 if number < 0 else (each.day - 1) // 7 + 1 == number

    return on


def last_workday(each: date) -> bool:
    """Is it the last day from Monday to Friday of its month?"""
    rest = [each.replace(day=number) for number in range(each.day + 1, days_of_month(each) + 1)]
    return each.weekday() < SA and all(later.weekday() >= SA for later in rest)


def last_day(each: date) -> bool:
    """Is it the last of its month?"""
    return each.day == days_of_month(each)


def days_of_month(each: date) -> int:
    """Give how many days its month has."""
    return calendar.monthrange(each.year, each.month)[1]


# By calendar, and by the title that a series has; some of its dates may have another.
SERIES = {
    "google_weekly_group": {
        "Yksinäisyysryhmä": Meets(every(TH, since="20261105", out="20261224 20261231"), time(13), 2 * HOUR),
    },
    "google_this_and_following": {
        "Olohuone": Meets(
            every(TU, since="20261103", until="20270111", out="20261222 20261229"), time(12), 2 * HOUR
        ),
        "Olohuone iltapäivällä": Meets(
            every(TU, since="20270112", until="20270531", out="20270330"), time(14), 2 * HOUR
        ),
    },
    "google_whole_days": {
        "Kirpputorin keräyspäivä": Meets(every(MO, since="20270201", until="20270301")),
        "Talo kiinni: itsenäisyyspäivä": Meets(lambda each: (each.month, each.day) == (12, 6)),
    },
    "google_until": {
        "Digiapu": Meets(every(TH, since="20261203", until="20261217"), time(13), HOUR),
        "Kirjallisuuspiiri": Meets(every(TH, since="20270107", until="20270128"), time(13), HOUR),
        "Kevätkävely": Meets(every(TH, since="20270318", until="20270401"), time(13), HOUR),
        "Neulekerho": Meets(every(FR, since="20270205", until="20270218"), time(10), 1.5 * HOUR),
        "Ulkopelit": Meets(every(TU, since="20270504", until="20270525"), time(18), 1.5 * HOUR),
    },
    "google_over_midnight": {
        "Puhelinrinki": Meets(every(SA, since="20270102", until="20270116"), time(23, 30), HOUR),
        "Yökirppis": Meets(every(SU, since="20270110", until="20270124", out="20270117"), time(0, 30), HOUR),
    },
    "google_clocks_2027": {
        "Torstairyhmä": Meets(every(TH, since="20270318", until="20270408"), time(13), 2 * HOUR),
        "Torstairyhmä syksyllä": Meets(every(TH, since="20271021", until="20271111"), time(13), 2 * HOUR),
        "Yövuoro": Meets(every(SU, since="20270321", until="20270404"), time(3, 30), HOUR),
        "Yövuoro syksyllä": Meets(every(SU, since="20271024", until="20271107"), time(3, 30), HOUR),
    },
    "outlook_bus_stops": {
        "Yhteisöbussi: Raatihuoneentori": Meets(
            every(MO, weeks=2, since="20261102", out="20261228 20270712"), time(10), 1.5 * HOUR
        ),
        "Yhteisöbussi: Lohtajan ostari": Meets(every(MO, weeks=2, since="20261109"), time(12), 1.5 * HOUR),
        "Yhteisöbussi: Otanmäki": Meets(nth(TU, 2), time(14), 1.5 * HOUR),
    },
    "outlook_client_panel": {
        "Kuukauden viimeinen aamukahvi": Meets(
            lambda each: last_workday(each) and each < date(2027, 11, 1), time(9), HOUR
        ),
        "Asiakasraadin syyskokous": Meets(nth(TH, 1, months=(9,)), time(17), 2 * HOUR),
    },
    "outlook_whole_days": {
        "Suunnittelupäivä": Meets(every(TH, since="20270304", until="20270325", out="20270318")),
    },
    "exchange_published": {
        "Torstairyhmä": Meets(
            every(TH, since="20261105", until="20270527", out="20261224 20261231 20270506"),
            time(13),
            2 * HOUR,
        ),
        "Avoin sunnuntai": Meets(every(SU, since="20270103", until="20270131", out="20270117")),
        "Kesän avajaiset": Meets(every(SU, since="20270613", until="20270627")),
        "Siivouspäivä": Meets(every(MO, since="20271108", until="20271206", out="20271122")),
    },
    "exchange_customized_zone": {
        "Kirjapiiri": Meets(every(WE, since="20270310", until="20270407"), time(13), 2 * HOUR),
    },
    "exchange_other_customized_zone": {
        "Yhteinen kirjapiiri": Meets(
            every(WE, since="20270310", until="20270407"), time(13), 2 * HOUR, STOCKHOLM
        ),
    },
    "apple_weekly_group": {
        "Kädentaitojen ryhmä": Meets(
            every(WE, since="20261104", out="20261223 20261230 20270106 20270707 20270714 20270721 20270728"),
            time(10, 30),
            2 * HOUR,
        ),
    },
    "apple_future_events_split": {
        "Maanantaikahvila": Meets(
            every(MO, since="20270104", until="20270215", out="20270118"), time(12), 2 * HOUR
        ),
        "Maanantaikahvila (uusi aika)": Meets(
            every(MO, since="20270222", until="20270426", out="20270329"), time(13), 2 * HOUR
        ),
    },
    "ios_whole_days": {
        "Palstan kevätsiivous": Meets(every(SA, since="20270501", until="20270529", out="20270515")),
    },
    "nextcloud_garden_plot": {
        "Kumppanuuspalsta": Meets(
            every(WE, SA, since="20270505", until="20270828", out="20270623 20270626"), time(17), 2 * HOUR
        ),
    },
    "nextcloud_export": {
        "Retkikerho": Meets(
            every(TU, weeks=2, since="20270202", until="20270608", out="20270330 20270413"),
            time(12),
            2 * HOUR,
        ),
    },
    "thunderbird_weekly_group": {
        "Perjantaiaamu": Meets(
            every(FR, since="20261106", until="20270528", out="20261225 20270101 20270514"),
            time(10),
            2 * HOUR,
        ),
    },
    "thunderbird_theme_week": {
        "Aamujooga": Meets(every(MO, TU, WE, TH, FR, since="20270913", until="20270917"), time(9), HOUR / 2),
        "Keittolounas": Meets(every(MO, WE, FR, since="20270913", until="20270917"), time(12), HOUR),
    },
    "evolution_this_and_future": {
        "Maanantaipaja": Meets(every(MO, since="20270111", until="20270215"), time(10), 2 * HOUR),
        "Lauluilta": Meets(every(WE, since="20270310", until="20270407"), time(18), 2 * HOUR),
    },
    "zimbra_open_doors": {
        "Avoimet ovet": Meets(
            lambda each: nth(SA, 1)(each) and each not in (date(2027, 1, 2), date(2027, 7, 3)),
            time(11),
            3 * HOUR,
        ),
        "Vuokra-aamu": Meets(
            lambda each: each.day == 15 and each.month in (1, 3, 5, 7) and each.year == 2027, time(10), HOUR
        ),
    },
    "horde_extra_dates": {
        "Lukupiiri": Meets(
            lambda each: (
                every(MO, TH, since="20270405", until="20270422", out="20270419")(each)
                or each == date(2027, 4, 16)
            ),
            time(15),
            HOUR,
        ),
    },
    "month_ends": {
        "Kuun viimeinen tanssi": Meets(
            lambda each: each.day == 31 and each >= date(2026, 12, 1), time(18), 2 * HOUR
        ),
        "Laskupäivä": Meets(last_day, time(10), HOUR),
    },
    "talk_and_activity": {
        "Yksinäisyysryhmä: keskustelu": Meets(
            every(TH, weeks=2, since="20261126", until="20270610", out="20261224"), time(13), 2 * HOUR
        ),
        "Yksinäisyysryhmä: toiminta": Meets(
            every(TH, weeks=2, since="20261203", until="20270610", out="20270506"), time(13), 2 * HOUR
        ),
    },
    "weekly_in_utc": {
        "Tilavaraus: torstairyhmä": Meets(
            every(TH, since="20261112", out="20261224"), time(11), 2 * HOUR, UTC
        ),
    },
    "year_wheel": {
        "Äitienpäiväkahvit": Meets(nth(SU, 2, months=(5,)), time(12), 2 * HOUR),
        "Isänpäivä": Meets(nth(SU, 2, months=(11,))),
        "Älä osta mitään -päivä": Meets(nth(FR, -1, months=(11,)), time(10), 6 * HOUR),
        "Juhannuspäivä: talo kiinni": Meets(
            lambda each: each.weekday() == SA and each.month == 6 and 20 <= each.day <= 26
        ),
        "Hiihtolomaviikko": Meets(lambda each: each.isocalendar()[1:] == (9, 1), lasts=7 * DAY),
        "Neljännesvuosikokous": Meets(nth(MO, 1, months=(1, 4, 7, 10)), time(13), 2 * HOUR),
        "Joka toinen kuukausi, kaksi kertaa": Meets(
            lambda each: each.month % 2 == 1 and each.day in (1, 15), time(12), HOUR
        ),
        "Uinti kymmenen päivän välein": Meets(
            lambda each: (each - FIRST).days % 10 == 0 and (each - FIRST).days <= 80, time(8), HOUR / 2
        ),
    },
    "old_and_far": {
        "Aamunavaus": Meets(
            every(MO, TU, WE, TH, FR, since="20261102", until="20261106"), time(8, 30), HOUR / 2
        ),
        "Päiväkahvi": Meets(lambda each: (each - date(1970, 1, 1)).days % 100 == 0, time(9), HOUR / 4),
    },
}
