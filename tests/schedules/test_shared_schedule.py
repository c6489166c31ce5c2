"""The whole way of a date: read, changed there or from the chat, told, reminded of; whatever comes, and over the clock."""

import shutil
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions.change_schedule import cancel, move, take_break, undo
from bot.core.quiet_hours import is_quiet
from bot.core.schedule_changes import EARLY
from bot.errors import UserError
from bot.furnishing import furnish
from bot.messages import Lane
from bot.router import Tick
from bot.settings import Settings
from schedules.calendars import read_calendar
from schedules.refresh_schedule import AHEAD, BACK, ask_for_fresh
from tests.handlers.organizing import hears
from tests.support import CONTENT, Chat

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FILE = "lisaa.yaml"


def furnished_in(content):
    """A house that has this calendar and nothing else."""
    shutil.copy(CONTENT / "messages.yaml", content)
    return furnish(Settings(_env_file=None, calendars=(FILE,), content_dir=content))


def chat_in(furnished, now):
    chat = Chat(furnished, now=now)
    chat.make_organizer("tiina")
    return chat


def write(content, *series):
    """Write a calendar of series: id, days, hour."""
    text = "series:\n"
    for name, days, hour in series:
        text += f"  - {{id: {name}, name: {{fi: {name}}}, place: {{fi: Talo}}, duration: PT1H, "
        text += f'time: "{hour}", dates: [{", ".join(map(str, days))}]}}\n'
    (content / FILE).write_text(text, encoding="utf-8")


def reads(chat):
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
    chat.runs_errands()


def rows(chat):
    with chat.transaction() as store:
        return store.refreshing.stored(FILE)


def lets_know(chat, *who):
    with chat.transaction() as store:
        for each in who:
            store.people.set_named(store.people.find(chat.place(each)).id, named=True)


# ---- whatever comes

MONDAY = datetime(2027, 3, 22, 8, tzinfo=HELSINKI).astimezone(UTC)  # the clock goes forward on Sunday
HOURS = {"aamu": ("10:00", "08:30"), "paiva": ("13:00", "15:00"), "ilta": ("18:00", "20:30")}
DAYS = {"aamu": date(2027, 3, 24), "paiva": date(2027, 3, 26), "ilta": date(2027, 3, 28)}
STEADY = ("vakaa", [date(2027, 4, day) for day in range(1, 8)], "12:00")

names = st.sampled_from(sorted(DAYS))
feeds = st.tuples(st.just("feed"), st.tuples(*[st.sampled_from([0, 0, 1, None])] * 3))
acts = st.one_of(
    feeds,
    st.tuples(st.sampled_from(["cancel", "later", "elsewhere"]), names),
    st.tuples(st.just("break"), st.none() | names),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("time"), st.sampled_from([HOUR, 5 * HOUR, 17 * HOUR])),
)


class World:
    """A calendar that somebody edits, an organizer who changes it from the chat, and what a reader knows of it."""

    def __init__(self, furnished):
        self.content = furnished.house.content_dir
        self.edit((0, 0, 0))
        self.chat = chat_in(furnished, MONDAY)
        for name in DAYS:
            hears(self.chat, "anna", of=name)
        lets_know(self.chat, "anna")
        self.chat.ticks()
        self.knows = {row.it.series: self.state(row.it, None) for row in rows(self.chat)}
        self.overrides = []

    def edit(self, chosen):
        series = [
            (name, [DAYS[name]], HOURS[name][which])
            for name, which in zip(sorted(DAYS), chosen, strict=True)
            if which is not None
        ]
        write(self.content, *series, STEADY)

    @staticmethod
    def state(it, known):
        if it.status == "cancelled":
            return ("off", *(known or ("", it.start, it.place["fi"]))[1:])
        return ("on", it.start, it.place["fi"])

    def does(self, act, what):
        """Let one thing happen."""
        chat = self.chat
        if act == "feed":
            self.edit(what)
            reads(chat)
        elif act == "time":
            self.passes(what)
        else:
            try:
                with chat.transaction() as store:
                    self.organizer_does(store, act, what)
            except UserError:
                pass  # it has begun, is cancelled already, holds no more ...

    def organizer_does(self, store, act, what):
        tiina = store.people.find(self.chat.place("tiina"))
        house, now = self.chat.house, self.chat.now
        if act == "undo":
            if what < len(self.overrides):
                undo(store, house, self.overrides[what], tiina, now=now)
            return
        if act == "break":
            today = now.astimezone(HELSINKI).date()
            made = take_break(store, house, what, tiina, first=today, last=today + 3 * DAY, now=now)
        else:
            found = [row for row in store.refreshing.stored(FILE) if row.it.series == what]
            if not found:
                return
            it = found[0].it
            if act == "cancel":
                made = cancel(store, house, found[0].id, tiina, now=now)
            elif act == "later":
                made = move(store, house, found[0].id, tiina, start=it.start + 5 * HOUR, now=now)
            else:
                made = move(store, house, found[0].id, tiina, place={"fi": "Puisto"}, now=now)
        self.overrides.append(made.id)

    def waiting(self):
        with self.chat.transaction() as store:
            return {
                row[0]
                for row in store._cursor.execute(
                    "SELECT occurrence FROM schedule_change WHERE told_with IS NULL"
                )
            }

    def passes(self, lasts):
        """Let time pass; each message tells what waited, is new to the reader, and comes at a good time."""
        chat = self.chat
        until = chat.now + lasts
        while chat.now < until:
            before = self.waiting()
            heard = chat.ticks(to=min(chat.now + HOUR / 2, until))
            told = [each for each in heard if each.who == "anna" and each.lane in (Lane.URGENT, Lane.NOTICE)]
            left = self.waiting()
            learned = [row.it for row in rows(chat) if row.id in before - left] if told else []

            assert len(told) == len(learned)
            for it in learned:
                known, new = self.knows[it.series], self.state(it, self.knows[it.series])
                assert new != known
                if is_quiet(chat.now, chat.house.quiet_hours, HELSINKI):
                    assert min(it.start, known[1]) - EARLY <= chat.now
                self.knows[it.series] = new

    def as_it_should_be(self):
        """The calendar read afresh, with the overrides in force over it."""
        chat = self.chat
        reading = read_calendar(
            (self.content / FILE).read_bytes(),
            source=FILE,
            zone=HELSINKI,
            window=(chat.now - BACK, chat.now + AHEAD),
            language="fi",
            fill={},
        )
        with chat.transaction() as store:
            in_force = store.overrides.in_force({})
        return {
            (it.uid, it.recurrence_id): in_force.over(FILE, it)[0]
            for it in reading.occurrences
            if it.start > chat.now
        }


@pytest.fixture(scope="module")
def furnished(tmp_path_factory):
    return furnished_in(tmp_path_factory.mktemp("content"))


@settings(deadline=None, max_examples=40)
@given(st.lists(acts, min_size=2, max_size=9))
def test_whatever_comes_the_table_is_as_it_should_be_and_the_reader_knows_it(furnished, story):
    world = World(furnished)
    for act, what in story:
        world.does(act, what)
        reads(world.chat)
    world.passes(2 * MINUTE)
    wanted = world.as_it_should_be()
    ahead = {
        (row.said.uid, row.said.recurrence_id): row.it
        for row in rows(world.chat)
        if min(row.said.start, row.it.start) > world.chat.now
    }
    pending = world.waiting()

    for identity, it in wanted.items():
        if identity in ahead:
            assert ahead[identity] == it
    assert {it.status for identity, it in ahead.items() if identity not in wanted} <= {"cancelled"}
    for row in rows(world.chat):
        known = world.knows[row.it.series]
        if min(row.it.start, known[1]) > world.chat.now and row.id not in pending and row.it.series in DAYS:
            assert known == world.state(row.it, known)


# ---- over the clock

CLOCKS = {"spring": date(2027, 3, 28), "autumn": date(2027, 10, 31)}


@pytest.mark.parametrize("season", CLOCKS)
def test_in_the_week_of_the_clock_minute_by_minute_all_is_told_once_and_at_its_time(season, tmp_path):
    """Thirteen is thirteen on both sides of the clock, and the morning after is a morning."""
    sunday = CLOCKS[season]
    days = [sunday + number * DAY for number in (-4, -3, -2, -1, 0, 1, 2)]
    write(tmp_path, ("ryhma", days, "13:00"), ("aamu", [sunday], "09:30"), ("yo", [sunday], "03:30"))
    begin = datetime.combine(days[0] - 2 * DAY, time(12), HELSINKI).astimezone(UTC)
    chat = chat_in(furnished_in(tmp_path), begin)
    for name in ("ryhma", "aamu", "yo"):
        hears(chat, "anna", of=name)
    lets_know(chat, "anna")
    starts = {row.it.start: row.it.series for row in rows(chat)}
    changed = datetime.combine(sunday, time(5), HELSINKI).astimezone(UTC)
    heard, wakes = [], next_due(chat)
    while chat.now < datetime.combine(days[-1], time(14), HELSINKI).astimezone(UTC):
        chat.now += MINUTE
        if chat.now == changed:  # in the night of the clock, somebody falls ill
            with chat.transaction() as store:
                row = next(each for each in store.refreshing.stored(FILE) if each.it.series == "aamu")
                cancel(store, chat.house, row.id, store.people.find(chat.place("tiina")), now=chat.now)
        if chat.now.minute % 15 == 0:
            reads(chat)
            wakes = next_due(chat)
        if chat.now >= wakes:
            heard += [
                (chat.now.astimezone(HELSINKI), each.text) for each in chat.ticks() if each.who == "anna"
            ]
            wakes = next_due(chat)

    told = Counter((at.strftime("%a %H:%M"), text.split("\n")[0].split()[1]) for at, text in heard)
    wall = {start.astimezone(HELSINKI).strftime("%H:%M") for start, name in starts.items() if name == "ryhma"}
    assert wall == {"13:00"}
    assert set(told.values()) == {1}
    assert list(told) == WANTED[season]


def next_due(chat):
    """When would the sweep, the courier or the errands do anything next?"""
    with chat.transaction() as store:
        due = [job.next_due(store) for job in chat.understanding.router.due_jobs]
        due += [store.delivery.next_due(chat.platform), store.errands.next_due()]
    return min((each for each in due if each is not None), default=chat.now + DAY)


# When anna hears what, on the wall.  A day before is 24 hours before: over the clock, at another hour.  What begins in the
# night is told of in the day before; the morning's is cancelled at five, and told of three hours before it.
BEFORE = [("Tue 13:00", "ryhma")] + [
    (f"{day} {hour}", "ryhma") for day in ("Wed", "Thu", "Fri") for hour in ("11:00", "13:00")
]
AFTER = [
    ("Sun 06:30", "aamu"),
    ("Sun 11:00", "ryhma"),
    ("Sun 13:00", "ryhma"),
    ("Mon 11:00", "ryhma"),
    ("Mon 13:00", "ryhma"),
    ("Tue 11:00", "ryhma"),
]
WANTED = {
    "spring": [
        *BEFORE,
        ("Sat 09:00", "yo"),
        ("Sat 09:00", "aamu"),
        ("Sat 11:00", "ryhma"),
        ("Sat 12:00", "ryhma"),
        ("Sat 19:50", "yo"),
        *AFTER,
    ],
    "autumn": [
        *BEFORE,
        ("Sat 09:00", "yo"),
        ("Sat 10:30", "aamu"),
        ("Sat 11:00", "ryhma"),
        ("Sat 14:00", "ryhma"),
        ("Sat 19:50", "yo"),
        *AFTER,
    ],
}
