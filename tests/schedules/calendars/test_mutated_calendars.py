"""Calendars are damaged at random: nothing hangs, nothing raises, and all other events stay as they were."""

import random
from time import process_time

import pytest

from tests.schedules.calendars.test_installed_calendars import CALENDARS as INSTALLED
from tests.schedules.calendars.test_installed_calendars import read_all
from tests.schedules.calendars.test_real_calendars import CALENDARS, read, read_once

BEGIN, END = b"BEGIN:VEVENT\n", b"END:VEVENT\n"
STRAY = b'\x00\t\n ;:,="\\-+/09TZAa\xc3\xff'  # bytes that mean something to somebody
LONGEST = 5  # seconds of work for one calendar


def drop(lines, dice):
    if len(lines) > 1:
        lines.pop(dice.randrange(len(lines)))


def double(lines, dice):
    lines.insert(dice.randrange(len(lines)), dice.choice(lines))


def swap(lines, dice):
    one, other = dice.randrange(len(lines)), dice.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def scratch(lines, dice):
    number = dice.randrange(len(lines))
    line = lines[number]
    at, until = sorted(dice.randint(0, len(line)) for _ in range(2))
    lines[number] = line[:at] + bytes(dice.choices(STRAY, k=dice.randrange(3))) + line[min(until, at + 8) :]


def swell(lines, dice):
    number = dice.randrange(len(lines))
    at = dice.randint(0, len(lines[number]))
    lines[number] = lines[number][:at] + lines[number][at:-1] * 50 + b"\n"


def damage(lines, dice):
    for _ in range(dice.randint(1, 3)):
        dice.choice([drop, double, swap, scratch, swell])(lines, dice)


def with_a_damaged_event(data, dice):
    """Damage what stands between the first and the last line of one event; give all, and the UID of the event."""
    before, *events = data.split(BEGIN)
    number = dice.randrange(len(events))
    inside, end, after = events[number].partition(END)
    uid = next((line[4:] for line in unfolded(inside) if line.startswith(b"UID:")), b"")
    lines = inside.splitlines(keepends=True)
    damage(lines, dice)
    events[number] = b"".join(lines) + end + after
    return BEGIN.join([before, *events]), uid.decode()


def unfolded(text):
    return text.replace(b"\n ", b"").replace(b"\n\t", b"").splitlines()


@pytest.mark.parametrize("times", [150, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_damaged_event_hides_no_other_and_takes_no_time(times):
    dice = random.Random(times)
    regular = [path for path in CALENDARS if path.stem != "hand_written"]  # its lines are odd enough

    for _ in range(times):
        path = dice.choice(regular)
        data, uid = with_a_damaged_event(path.read_bytes().replace(b"\r\n", b"\n"), dice)
        began = process_time()
        reading = read(path, data=data)

        assert process_time() - began < LONGEST, data
        others = [each for each in read_once(path).occurrences if each.uid != uid]
        assert [each for each in others if each not in reading.occurrences] == [], data


@pytest.mark.parametrize("times", [150, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_calendar_that_is_damaged_anywhere_is_read_in_no_time(times):
    dice = random.Random(times)
    calendars = CALENDARS + INSTALLED

    for _ in range(times):
        path = dice.choice(calendars)
        lines = path.read_bytes().splitlines(keepends=True) or [b"\n"]
        damage(lines, dice)
        began = process_time()
        read_all(path, b"".join(lines))

        assert process_time() - began < LONGEST, path.name
