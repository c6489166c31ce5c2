"""Organizers, readers and groups for a chat, and what a courier might meet on its way."""

from dataclasses import replace
from datetime import timedelta

from bot.router import Tick
from bot.store.delivery import Finished
from bot.store.outbox import FAILED, SENT
from tests.support import Chat, Heard

STOP = "Pysäytä lähetys"
MINUTE = timedelta(minutes=1)


def organized(*organizers: str, now=None, **house: object) -> Chat:
    """A chat with organizers, ``tiina`` if nobody is named, in a house that differs in these things.

    What is due at its start is done.
    """
    chat = Chat() if now is None else Chat(now=now)
    chat.house = replace(chat.house, **house)
    chat.understanding = replace(chat.understanding, house=chat.house)
    for each in organizers or ("tiina",):
        chat.make_organizer(each)
    chat.ticks()
    return chat


def hears(chat: Chat, *who: str, of: str = "ryhma", leads: int = 3) -> None:
    """Let people and groups hear of a series."""
    with chat.transaction() as store:
        for each in who:
            known = store.people.meet(chat.place(each), language="fi", now=chat.now)
            store.subscriptions.add(known.id, of, leads)


def texts(heard: list[Heard], who: str) -> list[str]:
    """What one of them hears."""
    return [each.text for each in heard if each.who == who]


def listeners(heard: list[Heard], text: str) -> list[str]:
    """Who hears a text, in the order they do."""
    return [each.who for each in heard if text in each.text]


def log(chat: Chat) -> list[tuple[str, int | None]]:
    """What the organizers' log says was done, and to how many."""
    with chat.transaction() as store:
        return [(act, audience) for _, _, act, audience in store.organizers.log_rows()]


def step(chat: Chat, job, **tick: object) -> bool:
    """Run one step of a job, and deliver nothing."""
    with chat.transaction() as store:
        return job(Tick(store, chat.now, chat.house, **tick))


def courier_meets(chat: Chat, **reasons: str | None) -> None:
    """Say what is due; to those who are named here it does not arrive, for this reason."""
    with chat.transaction() as store:
        rows = store.delivery.claim(chat.platform, now=chat.now, most=1000)
        store.delivery.finish(
            [
                Finished(row.key, FAILED, reason=reasons[row.place.address])
                if row.place.address in reasons
                else Finished(row.key, SENT, message_id="1")
                for row in rows
            ],
            now=chat.now,
        )


def later(chat: Chat, minutes: int = 1) -> list[Heard]:
    """So many minutes later; give what everybody hears meanwhile."""
    return chat.ticks(to=chat.now + minutes * MINUTE)


def announces(chat: Chat, text: str = "Kahvit on huomenna.", who: str = "tiina") -> list[Heard]:
    """Write news, look at it, and send it."""
    chat.says(who, f"tiedota {text}")
    return chat.presses(who, "Lähetä")


def crowd(chat: Chat, number: int) -> None:
    """Let so many people hear of the group."""
    hears(chat, *(f"p{each:03}" for each in range(number)))
