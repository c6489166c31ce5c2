from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.core.occurrences import Occurrence
from bot.messages import Phrase, Place, Say
from bot.router import Tick
from bot.store.delivery import Finished
from bot.store.dialogues import Dialogue
from bot.store.models import to_day
from bot.store.outbox import SENT
from bot.store.web_messages import WebMessage
from schedules.retention import forget, router
from tests.support import Chat

NIGHT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)  # 3.30 in Helsinki
DAY = timedelta(days=1)


@pytest.fixture
def chat():
    return Chat(now=NIGHT)


def kept(chat, count, *, made, made_by):
    """Make something so long ago, let the night pass; what is left of it?"""
    with chat.transaction() as store:
        made_by(store, NIGHT - made)
    with chat.transaction() as store:
        forget(Tick(store, NIGHT, chat.house))
    with chat.transaction() as store:
        return count(store)


def table(name):
    return lambda store: store.run(text(f"SELECT count(*) FROM {name}")).scalar_one()


def anna(store):
    return store.people.meet(Place("telegram", "anna"), language="fi", now=NIGHT)


def seen(store, at):
    store.books.first_time("telegram", "1", to_day(at))


def question(store, at):
    store.questions.keep("x", "fi", "Onko kahvia?", to_day(at))


def delivery(store, at):
    store.outbox.push(anna(store), "viesti", Say(Phrase("x")), now=at)
    store.delivery.finish([Finished("viesti", SENT, message_id="1")], now=at)


def page(store, at):
    store.web.add(anna(store).id, "viesti", WebMessage("Hei"), today=to_day(at))


def news(store, at):
    number = store.news.draft(anna(store).id, "Hei!", now=at).id
    store.news.stop(number, now=at)


def dialogue(store, at):
    store.dialogues.put(anna(store).id, Dialogue("kysymys"), now=at)


def log(store, at):
    store.organizers.log(anna(store).id, "announce", now=at)


def code(store, at):
    store.organizers.invite(now=at)


@pytest.mark.parametrize(
    ("made_by", "where", "promise"),
    [
        (seen, "seen", timedelta(days=3)),
        (question, "open_question", timedelta(days=90)),
        (delivery, "outbox", timedelta(days=14)),
        (page, "web_message", timedelta(days=14)),
        (news, "broadcast", timedelta(days=14)),
        (dialogue, "dialogue", timedelta(hours=24)),
        (log, "organizer_log", timedelta(days=365)),
        (code, "invite_code", timedelta(days=7)),
    ],
    ids=lambda each: getattr(each, "__name__", None),
)
def test_everything_is_kept_as_long_as_promised_and_no_longer(made_by, where, promise):
    in_time = kept(Chat(now=NIGHT), table(where), made=promise - timedelta(hours=1), made_by=made_by)
    too_old = kept(Chat(now=NIGHT), table(where), made=promise + DAY, made_by=made_by)

    assert (in_time, too_old) == (1, 0)


@pytest.mark.parametrize(("days", "left"), [(59, 1), (61, 0)])
def test_what_is_over_leaves_the_calendar_after_two_months(chat, days, left):
    start = NIGHT - days * DAY
    over = Occurrence(uid="m", recurrence_id=None, start=start - timedelta(hours=1), end=start)
    with chat.transaction() as store:
        store.refreshing.drop_sources([], now=NIGHT)
        store.refreshing.refresh("test", [over], lambda _: (), now=start)
        forget(Tick(store, NIGHT, chat.house))

    with chat.transaction() as store:
        assert len(store.calendar.coming(start - DAY, most=9)) == left


@pytest.mark.parametrize(("ended", "left"), [(timedelta(minutes=1), 0), (-timedelta(minutes=1), 1)])
def test_who_took_part_in_a_date_is_forgotten_the_night_after(chat, ended, left):
    end = NIGHT - ended
    date = Occurrence(uid="m", recurrence_id=None, start=end - timedelta(hours=1), end=end)
    with chat.transaction() as store:
        store.refreshing.refresh("test", [date], lambda _: (), now=NIGHT - DAY)
        (row,) = store.refreshing.stored("test")
        store.sign_ups.add(row.id, anna(store).id, "coming")
        store.shared_turns.take(row.id, anna(store).id)
        store.newcomers.add(row.id, anna(store).id, due=NIGHT)
        forget(Tick(store, NIGHT, chat.house))

    with chat.transaction() as store:
        assert [table(name)(store) for name in ("sign_up", "shared_turn", "newcomer")] == [left] * 3


def test_the_counts_of_closed_polls_stay(chat):
    with chat.transaction() as store:
        (asked,) = store.polls.open_rounds(NIGHT)
        store.polls.close(asked.id, now=NIGHT)
        forget(Tick(store, NIGHT + 999 * DAY, chat.house))

    with chat.transaction() as store:
        assert store.polls.get(asked.id).counts == {}


def test_whoever_is_leaving_is_gone_by_the_morning(chat):
    with chat.transaction() as store:
        store.people.forget(anna(store).id)
        forget(Tick(store, NIGHT, chat.house))

    assert chat.conversation("anna") is None


def test_who_only_listens_is_not_forgotten(chat):
    with chat.transaction() as store:
        store.subscriptions.add(anna(store).id, "ryhma")
        forget(Tick(store, NIGHT + 999 * DAY, chat.house))

    assert chat.conversation("anna") is not None


def test_it_happens_at_night():
    (job,) = router.daily_jobs

    assert (job.at.hour, job.at.minute) == (3, 30)
