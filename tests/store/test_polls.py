import itertools
import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.messages import Place
from bot.store.engine import Database
from bot.store.polls import Round, Voted
from bot.store.subscriptions import EVERYTHING
from bot.store.vault import Vault
from tests.support import open_store

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
DAY = timedelta(days=1)


def opened(store, occasion="torstai", poll="hymio", closes=NOW + DAY):
    return store.polls.open(poll, occasion, now=NOW, closes=closes)


def test_an_occasion_opens_one_round(store):
    first = opened(store)

    assert first == Round(first.id, "hymio", NOW, NOW + DAY, None, None, inviting=0)
    assert opened(store) is None
    assert opened(store, "perjantai").id != first.id
    assert store.polls.get(first.id) == first


def test_a_round_can_be_answered_until_it_closes(store):
    asked = opened(store)

    assert store.polls.open_rounds(NOW) == [asked]
    assert store.polls.open_rounds(NOW + DAY) == []
    assert asked.is_open(NOW + DAY - timedelta(seconds=1))
    assert not asked.is_open(NOW + DAY)


def test_a_changed_answer_takes_the_place_of_the_first(store):
    asked = opened(store)
    for answer in ("1", "5", "5"):
        store.polls.vote(asked.id, 7, answer)
    store.polls.vote(asked.id, 8, "5")

    assert store.polls.ballots(asked.id) == 2
    assert store.polls.close(asked.id, now=NOW) == {"5": 2}


def test_who_would_rather_not_say_has_answered_and_is_not_counted(store):
    asked = opened(store)
    store.polls.vote(asked.id, 7, None)

    assert store.polls.has_voted(asked.id, 7)
    assert not store.polls.has_voted(asked.id, 8)
    assert store.polls.close(asked.id, now=NOW) == {}


def test_the_erased_take_their_open_answers_with_them(store):
    asked, other = opened(store), opened(store, "toinen")
    for each in (asked, other):
        store.polls.vote(each.id, 7, "1")
        store.polls.vote(each.id, 8, "2")
    store.polls.withdraw_all(7)

    assert store.polls.close(asked.id, now=NOW) == {"2": 1}
    assert store.polls.close(other.id, now=NOW) == {"2": 1}


def test_a_second_close_changes_nothing(store):
    asked = opened(store)
    store.polls.vote(asked.id, 7, "1")
    store.polls.close(asked.id, now=NOW)

    assert store.polls.close(asked.id, now=NOW + DAY) == {"1": 1}
    assert store.polls.get(asked.id).closed == NOW


def test_what_was_closed_is_found_again_newest_first(store):
    first, second, still_open = opened(store, "1"), opened(store, "2"), opened(store, "3")
    store.polls.close(second.id, now=NOW)
    store.polls.close(first.id, now=NOW + DAY)

    assert [each.id for each in store.polls.latest_closed()] == [first.id, second.id]
    assert store.polls.next_close() == still_open.closes
    assert store.polls.due_to_close(NOW + DAY) == [still_open]


# ---- votes that are edited or taken back

ANNA, BERTTA = Place("matrix", "@anna:a.example"), Place("matrix", "@bertta:a.example")


def met(store, place=ANNA):
    return store.people.meet(place, language="fi", now=NOW).id


def kept_events(store):
    return store.run(text("SELECT count(*) FROM vote_event")).scalar_one()


def test_of_the_updates_by_which_somebody_voted_the_last_stands(store):
    asked, anna = opened(store), met(store)
    store.polls.vote(asked.id, anna, "1", events=["matrix:$a"])
    store.polls.vote(asked.id, anna, None, events=["matrix:$b"])

    assert store.polls.voted_by("matrix:$a", anna) == Voted(asked.id, stands=False)
    assert store.polls.voted_by("matrix:$b", anna) == Voted(asked.id, stands=True)
    assert store.polls.voted_by("matrix:$c", anna) is None


def test_an_edit_and_what_it_edits_stand_together(store):
    asked, anna = opened(store), met(store)
    for answer, events in (("1", ["$a"]), ("2", ["$b"]), ("3", ["$c", "$a"])):
        store.polls.vote(asked.id, anna, answer, events=events)

    stand = [store.polls.voted_by(each, anna).stands for each in ("$a", "$b", "$c")]
    assert stand == [True, False, True]


def test_an_update_votes_in_its_own_round_and_for_who_sent_it_only(store):
    first, second = opened(store, "1"), opened(store, "2")
    anna, bertta = met(store), met(store, BERTTA)
    store.polls.vote(first.id, anna, "1", events=["$a"])
    store.polls.vote(second.id, anna, "1", events=["$b"])
    store.polls.vote(first.id, bertta, "1", events=["$c"])

    assert store.polls.voted_by("$a", anna) == Voted(first.id, stands=True)
    assert store.polls.voted_by("$b", anna) == Voted(second.id, stands=True)
    assert store.polls.voted_by("$a", bertta) is None


def test_a_vote_taken_back_is_as_if_it_had_never_been(store):
    asked, other, anna = opened(store), opened(store, "toinen"), met(store)
    for each in ("$a", "$b"):
        store.polls.vote(asked.id, anna, "1", events=[each])
    store.polls.vote(other.id, anna, "2", events=["$c"])
    store.polls.withdraw(asked.id, anna)

    assert not store.polls.has_voted(asked.id, anna)
    assert [store.polls.voted_by(each, anna) for each in ("$a", "$b")] == [None, None]
    assert store.polls.voted_by("$c", anna) == Voted(other.id, stands=True)
    assert store.polls.close(asked.id, now=NOW) == {}
    assert store.polls.close(other.id, now=NOW) == {"2": 1}


def test_once_a_round_is_closed_no_update_leads_to_it(store):
    asked, other, anna = opened(store), opened(store, "toinen"), met(store)
    store.polls.vote(asked.id, anna, "1", events=["$a"])
    store.polls.vote(other.id, anna, "1", events=["$b"])
    store.polls.close(asked.id, now=NOW)

    assert store.polls.voted_by("$a", anna) is None
    assert store.polls.voted_by("$b", anna) is not None
    assert kept_events(store) == 1


def test_the_erased_leave_no_update_behind(store):
    asked, other, anna, bertta = opened(store), opened(store, "toinen"), met(store), met(store, BERTTA)
    for each in (anna, bertta):
        store.polls.vote(asked.id, each, "1", events=[f"${each}"])
        store.polls.vote(other.id, each, "1", events=[f"$other{each}"])
    store.people.forget(anna)

    assert kept_events(store) == 2
    assert store.polls.voted_by(f"${bertta}", bertta) == Voted(asked.id, stands=True)


def test_where_nothing_can_be_taken_back_nothing_is_kept_of_an_update(store):
    asked, anna = opened(store), met(store)
    store.polls.vote(asked.id, anna, "1")

    assert kept_events(store) == 0


def test_without_the_key_what_is_kept_of_updates_leads_to_no_person_no_update_and_no_ballot(store):
    asked, anna = opened(store), met(store)
    store.polls.vote(asked.id, anna, "kanarialintu", events=["matrix:$tunniste"])
    (ballot,) = store.run(text("SELECT * FROM ballot")).all()
    (row,) = store.run(text("SELECT * FROM vote_event")).all()

    kept = dict(row._mapping)
    hashes = {ballot.voter, kept.pop("voter"), kept.pop("event")}
    assert sorted(map(len, hashes)) == [16, 16, 16]
    assert kept == {"round": asked.id, "stands": True}


steps = st.lists(
    st.tuples(
        st.sampled_from(["vote", "vote", "edit", "edit", "withdraw", "close"]),
        st.sampled_from([ANNA, BERTTA]),
        st.integers(0, 3),  # which of the earlier updates
        st.sampled_from(["1", "2", None]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_in_whatever_order_people_vote_edit_and_take_back_the_ballots_are_what_they_said_last(store, steps):
    anna_and_bertta = {each: met(store, each) for each in (ANNA, BERTTA)}
    asked = opened(store, f"kerta {next(OCCASIONS)}")
    model = Model()
    for number, (what, place, which, answer) in enumerate(steps):
        who, event = anna_and_bertta[place], f"${number}"
        earlier = f"${which}"
        if what == "close":
            store.polls.close(asked.id, now=NOW)
            break
        voted = store.polls.voted_by(earlier, who)
        assert (voted and voted.stands) == model.stands(who, earlier)
        if what == "vote":
            store.polls.vote(asked.id, who, answer, events=[event])
            model.vote(who, answer, event)
        elif what == "edit" and voted:
            store.polls.vote(asked.id, who, answer, events=[event, earlier])
            model.vote(who, answer, event, earlier)
        elif what == "withdraw" and voted and voted.stands:
            store.polls.withdraw(asked.id, who)
            model.withdraw(who)

    assert store.polls.close(asked.id, now=NOW) == model.counts()
    assert kept_events(store) == 0


OCCASIONS = itertools.count()


class Model:
    """What people said last, and by which updates: the simplest thing that could be right."""

    def __init__(self):
        self.ballots, self.events = {}, {}

    def vote(self, who, answer, *events):
        self.ballots[who] = answer
        before = dict.fromkeys(self.events.get(who, {}), False)
        self.events[who] = before | dict.fromkeys(events, True)

    def withdraw(self, who):
        self.ballots.pop(who, None)
        self.events.pop(who, None)

    def stands(self, who, event):
        return self.events.get(who, {}).get(event)

    def counts(self):
        return dict(Counter(answer for answer in self.ballots.values() if answer is not None))


# ---- inviting


def hears(store, name, series, kind="private"):
    who = store.people.meet(Place("telegram", name, kind), language="fi", now=NOW).id
    store.subscriptions.add(who, series)
    return who


def names(store, found):
    return [store.people.get(who).place.address for who, _, _ in found]


def test_a_round_is_told_to_those_who_hear_of_its_series(store):
    anna, talo = hears(store, "anna", "ryhma"), hears(store, "talo", "ryhma", "group")
    store.subscriptions.add(anna, "palsta")
    hears(store, "bertil", "palsta")
    hears(store, "kanava", EVERYTHING, "channel")
    store.people.pause(hears(store, "tauolla", "ryhma"), NOW + DAY)
    store.people.silence(hears(store, "poissa", "ryhma"), "blocked")

    def invited(series, *, in_private=True):
        found = store.polls.invitees(series, in_private=in_private, after=0, most=9, now=NOW)
        return names(store, found)

    assert invited(("ryhma",)) == ["anna", "talo"]
    assert invited(("ryhma", EVERYTHING)) == ["anna", "talo", "kanava"]
    assert invited(None) == ["anna", "talo", "bertil", "kanava"]
    assert invited(None, in_private=False) == ["talo", "kanava"]
    assert talo


def test_inviting_goes_on_where_it_was(store):
    asked = opened(store)
    people = [hears(store, f"p{number}", "ryhma") for number in range(5)]
    met = []
    while (waiting := store.polls.to_invite(NOW)) is not None:
        found = store.polls.invitees(("ryhma",), in_private=True, after=waiting.inviting, most=2, now=NOW)
        met += [who for who, _, _ in found]
        store.polls.invited(asked.id, found[-1][0] if len(found) == 2 else None)

    assert met == people
    assert store.polls.next_to_invite() is None


def test_nobody_is_invited_to_what_is_over(store):
    asked, other = opened(store), opened(store, "toinen", closes=NOW + 2 * DAY)
    store.polls.close(asked.id, now=NOW)

    assert store.polls.to_invite(NOW) == other
    assert store.polls.next_to_invite() == NOW
    assert store.polls.to_invite(NOW + 2 * DAY) is None


# ---- nothing leads back (T-11, T-12)


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(12)), st.integers(0, 2**32))
def test_the_order_of_ballots_says_nothing_of_the_order_of_votes(voters, seed):
    """Two orders of voting leave the very same table."""
    chance = random.Random(seed)
    key, other = chance.randbytes(32), sorted(voters)
    tables = []
    for order in (voters, other):
        store = open_store()
        store.begin()
        asked = opened(store)
        store.polls._keys[asked.id] = key
        for voter in order:
            store.polls.vote(asked.id, voter, str(voter % 5))
        tables.append([tuple(row) for row in store.run(text("SELECT * FROM ballot"))])
        store.rollback()
        store.close()

    assert tables[0] == tables[1]
    assert [len(row) for row in tables[0]] == [3] * 12


ANSWERS = [f"Vastaus-{number}-{'x' * 20}" for number in range(30)]


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def database(folder):
    database = Database(f"sqlite:///{folder / 'vertti.db'}", Vault(bytes(32)))
    database.open()
    yield database
    database.close()


def in_files(folder, words):
    """How often words stand anywhere in the database, its log or its index."""
    return sum(path.read_bytes().count(words.encode()) for path in folder.iterdir())


async def vote_all(database):
    """Thirty people vote, one commit each, as an access log would have it."""
    asked = await database.write(opened)
    for voter, answer in enumerate(ANSWERS):
        await database.write(lambda store, who=voter, what=answer: votes(store, asked, who, what))
    return asked


def votes(store, asked, number, answer):
    """One of many votes, by an update that can be taken back."""
    store.polls.vote(asked.id, number, answer, events=[f"matrix:$p{number}"])


async def test_while_a_round_is_open_its_votes_are_durable(database, folder):
    await vote_all(database)

    assert all(in_files(folder, answer) for answer in ANSWERS)


async def test_once_a_round_is_closed_only_the_counts_are_left_anywhere(database, folder):
    asked = await vote_all(database)
    sealed = await database.write(
        lambda store: store.run(text("SELECT voter_key FROM poll_round")).scalar_one()
    )
    voters = await database.write(lambda store: [store.polls._voter(asked.id, who) for who in range(30)])
    events = await database.write(
        lambda store: [each for row in store.run(text("SELECT voter, event FROM vote_event")) for each in row]
    )
    await database.write(lambda store: store.polls.close(asked.id, now=NOW))
    await database.write(lambda _: None)  # the writer rewrites the file before it takes the next piece

    files = b"".join(path.read_bytes() for path in folder.iterdir())
    assert [files.count(answer.encode()) for answer in ANSWERS] == [1] * 30  # in the counts
    assert len(events) == 60
    assert not any(each in files for each in (*voters, *events))
    assert sealed not in files


async def after_a_poll(path, order):
    """Let thirty vote in an order, one commit each, and close; give what is left of it, and the file's pages."""
    database = Database(f"sqlite:///{path}", Vault(bytes(32)))
    database.open()
    asked = await database.write(opened)
    for turn, voter in enumerate(order):
        await database.write(lambda store, who=voter, what=str(turn % 5): votes(store, asked, who, what))
    await database.write(lambda store: store.polls.close(asked.id, now=NOW))
    await database.write(lambda _: None)
    rows = await database.read(
        lambda store: [
            tuple(row)
            for table in ("ballot", "vote_event", "poll_round")
            for row in store.run(text(f"SELECT * FROM {table}"))
        ]
    )
    database.close()
    return rows, path.read_bytes()[100:]  # its header counts commits


async def test_with_the_counts_alike_the_files_do_not_tell_who_voted_what(folder):
    """Whoever voted what, in whatever order: a copy taken after the close is the same, byte for byte.

    So with the full access log nobody can do better than chance.
    """
    forwards = await after_a_poll(folder / "a.db", range(30))
    backwards = await after_a_poll(folder / "b.db", reversed(range(30)))

    assert forwards == backwards


async def test_a_round_that_closed_before_a_kill_is_scrubbed_at_the_next_start(database, folder):
    asked = await vote_all(database)
    database._scrub = lambda _: None
    await database.write(lambda store: store.polls.close(asked.id, now=NOW))
    killed = folder / "killed"
    killed.mkdir()
    for name in ("vertti.db", "vertti.db-wal"):
        (killed / name).write_bytes((folder / name).read_bytes())
    left_behind = in_files(killed, ANSWERS[0])

    again = Database(f"sqlite:///{killed / 'vertti.db'}", Vault(bytes(32)))
    again.open()
    await again.write(lambda _: None)
    wanted = await again.write(lambda store: store.polls.needs_scrub())
    left = in_files(killed, ANSWERS[0])
    again.close()

    assert left_behind > 1
    assert left == 1
    assert not wanted
