from datetime import UTC, date, datetime, timedelta

import pytest

from bot.actions.change_schedule import cancel, take_break, undo
from bot.actions.shift_turns import shift_turns, turns_ahead
from bot.errors import UserError
from tests.handlers.organizing import log, organized

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TALK, ACT = "keskustelu", "toiminta"


@pytest.fixture
def chat():
    return organized()


def does(chat, act, *args, **how):
    with chat.transaction() as store:
        tiina = store.people.find(chat.place("tiina"))
        return act(store, chat.house, *args, tiina, now=chat.now, **how)


def dates(chat):
    with chat.transaction() as store:
        return store.calendar.coming(chat.now, series="ryhma", most=8)


def turns(chat):
    """The variants of what takes place, and None for what is cancelled."""
    return [None if each.it.status == "cancelled" else each.it.variant for each in dates(chat)]


def shown(chat, **how):
    with chat.transaction() as store:
        return [each.it.variant for each in turns_ahead(store, chat.house, "ryhma", now=chat.now, **how)]


def test_a_turn_that_is_skipped_is_lost_unless_it_is_shifted(chat):
    before = turns(chat)
    skipped = does(chat, cancel, dates(chat)[1].id)
    lost = turns(chat)
    (shift,) = does(chat, shift_turns, skipped.id)

    assert before == [TALK, ACT] * 4
    assert lost == [TALK, None, TALK, ACT, TALK, ACT, TALK, ACT]
    assert turns(chat) == [TALK, None, ACT, TALK, ACT, TALK, ACT, TALK]
    assert (shift.kind, shift.series, shift.shift) == ("turns", "ryhma", -1)
    assert log(chat)[-1][0] == "schedule.turns"


def test_the_next_four_are_shown_both_ways_before_it_is_done(chat):
    skipped = does(chat, cancel, dates(chat)[1].id)
    table = dates(chat)

    assert shown(chat) == [TALK, TALK, ACT, TALK]
    assert shown(chat, skipped=skipped.id) == [TALK, ACT, TALK, ACT]
    assert shown(chat, skipped=skipped.id, most=2) == [TALK, ACT]
    assert dates(chat) == table


def test_of_a_date_far_ahead_those_after_it_are_shown(chat):
    skipped = does(chat, cancel, dates(chat)[6].id)
    since = dates(chat)[6].it.start

    assert turns(chat)[6:] == [None, ACT]
    assert shown(chat, skipped=skipped.id)[0] == TALK
    assert shown(chat, since=since)[0] == ACT


def test_a_break_shifts_by_as_many_as_it_skips(chat):
    skipped = does(chat, take_break, "ryhma", first=date(2026, 12, 3), last=date(2026, 12, 17))
    lost = turns(chat)
    (shift,) = does(chat, shift_turns, skipped.id)

    assert lost[:5] == [TALK, None, None, None, TALK]
    assert shift.shift == -3
    assert turns(chat)[:6] == [TALK, None, None, None, ACT, TALK]


def test_a_break_of_as_many_dates_as_there_are_turns_shifts_none(chat):
    skipped = does(chat, take_break, "ryhma", first=date(2026, 12, 3), last=date(2026, 12, 10))

    assert turns(chat)[:5] == [TALK, None, None, ACT, TALK]
    with pytest.raises(UserError) as refused:
        does(chat, shift_turns, skipped.id)
    assert refused.value.phrase.key == "override.same"


def test_undoing_the_skip_shifts_the_turns_back(chat):
    before = dates(chat)
    skipped = does(chat, cancel, before[1].id)
    does(chat, shift_turns, skipped.id)
    with chat.transaction() as store:
        undo(store, chat.house, skipped.id, store.people.find(chat.place("tiina")), now=chat.now)

    assert dates(chat) == before


def test_a_refresh_leaves_shifted_turns_as_they_are(chat):
    skipped = does(chat, cancel, dates(chat)[1].id)
    does(chat, shift_turns, skipped.id)
    before = turns(chat)
    chat.now += DAY
    chat.starts()

    assert turns(chat) == before


def test_nobody_is_told_of_shifted_turns(chat):
    skipped = does(chat, cancel, dates(chat)[4].id)
    chat.ticks(to=chat.now + HOUR)
    does(chat, shift_turns, skipped.id)
    with chat.transaction() as store:
        waiting = store.changes.next_due()

    assert waiting is None


def test_what_skips_no_turn_shifts_none(chat):
    with chat.transaction() as store:
        (baking,) = store.calendar.coming(chat.now, series="piparit")
    one = does(chat, cancel, baking.id)
    onwards = does(chat, cancel, dates(chat)[3].id, onwards=True)

    for override in (one, onwards):
        with pytest.raises(UserError) as refused:
            does(chat, shift_turns, override.id)
        assert refused.value.phrase.key == "override.same"


def test_what_is_undone_shifts_nothing(chat):
    skipped = does(chat, cancel, dates(chat)[1].id)
    with chat.transaction() as store:
        undo(store, chat.house, skipped.id, store.people.find(chat.place("tiina")), now=chat.now)

    with pytest.raises(UserError) as refused:
        does(chat, shift_turns, skipped.id)
    assert refused.value.phrase.key == "override.undone"


def test_of_a_series_that_does_not_alternate_nothing_is_shown_otherwise():
    chat = organized(now=datetime(2027, 5, 1, 10, tzinfo=UTC))
    with chat.transaction() as store:
        found = turns_ahead(store, chat.house, "palsta", now=chat.now, most=2)

    assert [each.it.variant for each in found] == [None, None]
