"""What every transport must do, asked of each in the same words.

A platform joins with a ``world`` fixture and one line for each group of tests that applies to it::

    class TestTelegram(contract.Conversation, contract.Network, contract.Silence):
        @pytest_asyncio.fixture
        async def world(self) -> AsyncIterator[World]:
            async with telegram_world() as world:
                yield world

`World` and `Person` say what the fixture must be able to do; both talk to the platform as its own people do,
never to the transport.  `Network`, `Throttling`, `Silence` and `Groups` ask more of the world than
`Conversation` does; what they need stands in their docstrings.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import pytest

from bot.errors import Moved, Silent, StoreError, Throttled, Unreachable
from bot.messages import File, Incoming, Outgoing, Place, ShownButton
from bot.transports import Transport

PATIENCE = 10.0  # seconds in which anything here must happen, on a busy machine too
MOMENT = 0.2  # seconds in which what must not happen would have happened

MARKUP = "<b>Ryhmä</b> & <a href='https://a.example'>x</a> *ti* _ke_ [to](https://b.example) `pe` ||la|| &lt;su&gt; \\n"
CANARY = "Kanarialintu Virtanen"


@dataclass(frozen=True, slots=True)
class Heard:
    """One message as a person sees it: the words, what stands on the buttons, the file that came along."""

    text: str
    labels: tuple[str, ...] = ()
    links: tuple[str, ...] = ()  # where those buttons lead that open a page
    file: File | None = None


class Person(Protocol):
    """Somebody with a private conversation with the bot, already begun."""

    place: Place

    async def says(self, text: str) -> None:
        """Write to the bot; the platform keeps it until the transport has acknowledged it."""
        ...

    async def presses(self, label: str) -> None:
        """Press a button of the message heard last; kept likewise."""
        ...

    async def hears(self) -> Heard:
        """Wait for the next message of the bot that was not heard yet."""
        ...


class World(Protocol):
    """A platform, or a strict double of it, with one bot account."""

    transport: Transport
    secrets: Sequence[str]  # what must stand in no log: tokens, and addresses of people

    async def restart(self) -> None:
        """Close `transport` and put a new one for the same account in its place, as after a crash."""
        ...

    async def person(self) -> Person:
        """Let somebody new come by."""
        ...


@dataclass
class Ears:
    """Stands where dispatch stands: keeps what it takes; ``broken`` refuses everything, like a full disk."""

    taken: list[Incoming] = field(default_factory=list)
    refused: list[Incoming] = field(default_factory=list)
    broken: bool = False
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, batch: Sequence[Incoming]) -> None:
        (self.refused if self.broken else self.taken).extend(batch)
        self._news.set()
        if self.broken:
            raise StoreError

    async def until(self, holds: Callable[["Ears"], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not holds(self):
                self._news.clear()
                await self._news.wait()

    async def hear(self, count: int = 1) -> list[Incoming]:
        """Wait until so many things of concern were taken, and return all of them."""
        await self.until(lambda ears: len(ears.of_concern) >= count)
        return self.of_concern

    @property
    def of_concern(self) -> list[Incoming]:
        return [each for each in self.taken if each.what != "unwanted"]


@contextlib.asynccontextmanager
async def listening(transport: Transport, ears: Ears | None = None) -> AsyncIterator[Ears]:
    """Let the transport receive; afterwards cancel it, and see that it goes at once and in no other way."""
    ears = ears or Ears()
    task = asyncio.create_task(transport.receive(ears.accept))
    try:
        yield ears
    finally:
        if task.done():
            await task
        task.cancel()
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait([task])
        assert task.cancelled()


_keys = iter(range(1, 1_000_000))


def to(person: Person | Place, text: str, *buttons: ShownButton, file: File | None = None) -> Outgoing:
    where = person if isinstance(person, Place) else person.place
    return Outgoing(key=f"contract:{next(_keys)}", where=where, text=text, buttons=buttons, file=file)


def without_id(incoming: Incoming) -> Incoming:
    """Leave out what differs from platform to platform: the id, the language, what people can do there."""
    return replace(incoming, id="", language=None, reachable=False, retractable=False)


@pytest.mark.asyncio
class Conversation:
    """Both ways between one person and the bot, whatever the platform."""

    async def test_what_a_person_types_comes_in_as_theirs(self, world: World):
        person = await world.person()
        async with listening(world.transport) as ears:
            await person.says("seuraava")
            heard = await ears.hear()

        assert [without_id(each) for each in heard] == [
            Incoming(id="", where=person.place, sender=person.place, text="seuraava")
        ]

    async def test_what_one_person_says_comes_in_order_under_ids_of_its_own(self, world: World):
        person = await world.person()
        async with listening(world.transport) as ears:
            for number in range(5):
                await person.says(f"{number}")
            heard = await ears.hear(5)

        assert [each.text for each in heard] == ["0", "1", "2", "3", "4"]
        assert len({each.id for each in heard}) == 5

    async def test_people_are_told_apart(self, world: World):
        one, other = await world.person(), await world.person()
        async with listening(world.transport) as ears:
            await one.says("yksi")
            await other.says("toinen")
            heard = await ears.hear(2)

        assert {(each.where, each.text) for each in heard} == {(one.place, "yksi"), (other.place, "toinen")}

    async def test_a_batch_that_could_not_be_kept_is_handed_over_again(self, world: World):
        person = await world.person()
        async with listening(world.transport, Ears(broken=True)) as ears:
            await person.says("tärkeä")
            await ears.until(lambda ears: bool(ears.refused))
            ears.broken = False
            heard = await ears.hear()

        assert heard[0] == ears.refused[0]
        assert heard[0].text == "tärkeä"

    async def test_what_was_not_kept_before_a_crash_comes_again_with_its_id(self, world: World):
        person = await world.person()
        async with listening(world.transport, Ears(broken=True)) as before:
            await person.says("tärkeä")
            await before.until(lambda ears: bool(ears.refused))
        await world.restart()
        async with listening(world.transport) as after:
            heard = await after.hear()

        assert heard[0] == before.refused[0]

    async def test_receiving_begins_again_after_it_was_cancelled(self, world: World):
        person = await world.person()
        async with listening(world.transport) as ears:
            await person.says("yksi")
            await ears.hear()
        async with listening(world.transport, ears):
            await person.says("kaksi")
            await ears.until(lambda ears: any(each.text == "kaksi" for each in ears.taken))

    async def test_a_message_arrives_under_an_id_of_its_own(self, world: World):
        person = await world.person()
        async with listening(world.transport):
            ids = [await world.transport.send(to(person, text)) for text in ("Hei!", "Hei!")]
            heard = [await person.hears(), await person.hears()]

        assert heard == [Heard("Hei!"), Heard("Hei!")]
        assert ids[0] != ids[1]
        assert all(ids)

    async def test_markup_is_shown_literally(self, world: World):
        person = await world.person()
        async with listening(world.transport):
            await world.transport.send(to(person, MARKUP))
            heard = await person.hears()

        assert heard == Heard(MARKUP)

    async def test_lines_and_letters_of_every_kind_arrive_whole(self, world: World):
        person = await world.person()
        text = "ti 24.11. klo 13–15\n\nÄäkkönen, 漢字, 👩‍👩‍👧 ja \u05e2\u05d1\u05e8\u05d9\u05ea"
        async with listening(world.transport):
            await world.transport.send(to(person, text))
            heard = await person.hears()

        assert heard == Heard(text)

    async def test_a_message_as_long_as_the_platform_allows_arrives_whole(self, world: World):
        person = await world.person()
        text = ("ä" * 99 + "\n") * (world.transport.max_text // 100)
        text += "ö" * (world.transport.max_text - len(text))
        async with listening(world.transport):
            await world.transport.send(to(person, text))
            heard = await person.hears()

        assert heard.text == text

    async def test_a_pressed_button_comes_back_with_its_data(self, world: World):
        person = await world.person()
        shown = [ShownButton("Kyllä", data="k1:aa_-9"), ShownButton("En <b>", data="k2:" + "x" * 61)]
        async with listening(world.transport) as ears:
            await world.transport.send(to(person, "Tuletko?", *shown))
            seen = await person.hears()
            await person.presses("En <b>")
            heard = await ears.hear()

        assert seen == Heard("Tuletko?", ("Kyllä", "En <b>"))
        assert [without_id(each) for each in heard] == [
            Incoming(id="", where=person.place, sender=person.place, what="button", button=shown[1].data)
        ]

    async def test_a_button_with_an_address_opens_it(self, world: World):
        person = await world.person()
        address = "https://www.example.org/ohjelma?a=1&b=2"
        async with listening(world.transport):
            await world.transport.send(to(person, "Ohjelma", ShownButton("Avaa", url=address)))
            heard = await person.hears()

        assert heard == Heard("Ohjelma", ("Avaa",), (address,))

    async def test_a_file_comes_with_its_text(self, world: World):
        person = await world.person()
        file = File("ryhma.ics", "text/calendar", "BEGIN:VCALENDAR\r\nSUMMARY:Ryhmä\r\nEND:VCALENDAR\r\n")
        async with listening(world.transport):
            await world.transport.send(to(person, "Kalenteriin", file=file))
            heard = await person.hears()

        assert heard == Heard("Kalenteriin", file=file)

    async def test_neither_words_nor_addresses_nor_secrets_are_logged(self, world: World, caplog, capfd):
        caplog.set_level(logging.DEBUG)
        person = await world.person()
        async with listening(world.transport) as ears:
            await person.says(f"{CANARY} täällä")
            await ears.hear()
            await world.transport.send(to(person, CANARY, file=File("k.txt", "text/plain", CANARY)))
            await person.hears()
            await world.transport.send(to(person, f"Hei {CANARY}", ShownButton(CANARY, data="d1")))
            await person.hears()
            await person.presses(CANARY)
            await ears.hear(2)
        await world.restart()

        expect_no_trace((CANARY, *world.secrets), caplog, capfd, repr(world.transport))

    async def test_it_says_what_it_is(self, world: World):
        person = await world.person()
        pace = world.transport.pace

        assert world.transport.platform == person.place.platform
        assert world.transport.max_text >= 1000
        assert pace.per_second > 0
        assert pace.in_flight > 0


def expect_no_trace(secrets: Sequence[str], caplog: Any, capfd: Any, *more: str) -> None:
    """See that none of these stands in a log record, its arguments, its traceback, or on the terminal."""
    shown = logging.Formatter("%(name)s %(message)s")
    lines = [f"{shown.format(record)} {record.args!r} {vars(record)!r}" for record in caplog.records]
    everything = "\n".join((*lines, *capfd.readouterr(), *more))

    assert [secret for secret in secrets if secret in everything] == []


@pytest.mark.asyncio
class Network:
    """The way to the platform fails and comes back: the world has ``goes_down()`` and ``comes_back()``."""

    async def test_a_message_that_cannot_be_delivered_is_unreachable(self, world: Any, caplog, capfd):
        caplog.set_level(logging.DEBUG)
        person = await world.person()
        await world.goes_down()
        with pytest.raises(Unreachable) as raised:
            await world.transport.send(to(person, CANARY))
        await world.comes_back()

        expect_no_trace((CANARY, *world.secrets), caplog, capfd, *everything_said_by(raised.value))

    async def test_the_next_message_goes_when_the_way_is_free_again(self, world: Any):
        person = await world.person()
        await world.goes_down()
        with pytest.raises(Unreachable):
            await world.transport.send(to(person, "yksi"))
        await world.comes_back()
        await world.transport.send(to(person, "kaksi"))
        heard = await person.hears()

        assert heard == Heard("kaksi")

    async def test_receiving_waits_for_the_way_to_be_free(self, world: Any):
        person = await world.person()
        async with listening(world.transport) as ears:
            await person.says("ennen")
            await ears.hear()
            await world.goes_down()
            await asyncio.sleep(MOMENT)
            await person.says("välillä")
            await world.comes_back()
            heard = await ears.hear(2)

        assert [each.text for each in heard] == ["ennen", "välillä"]

    async def test_it_starts_before_the_network_does(self, world: Any):
        person = await world.person()
        await world.goes_down()
        async with listening(world.transport) as ears:
            await asyncio.sleep(MOMENT)
            await world.comes_back()
            await person.says("hei")
            heard = await ears.hear()

        assert heard[0].text == "hei"


def everything_said_by(error: BaseException | None) -> list[str]:
    """Give the words of an error and of all that a traceback would show with it."""
    said = []
    while error is not None:
        said.append(f"{error!r} {error}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return said


@pytest.mark.asyncio
class Throttling:
    """The platform asks for slowness: ``throttles(seconds)`` lets it refuse the next message so."""

    async def test_too_fast_says_how_long_to_wait(self, world: Any):
        person = await world.person()
        for seconds in (5, 10_072):
            await world.throttles(seconds)
            with pytest.raises(Throttled) as raised:
                await world.transport.send(to(person, "Hei!"))

            assert raised.value.seconds == seconds


@pytest.mark.asyncio
class Silence:
    """People go: a person has ``leaves()``; ``silence`` of the world is the reason that then stands for it."""

    async def test_who_has_gone_is_written_to_no_more(self, world: Any, caplog, capfd):
        caplog.set_level(logging.DEBUG)
        person = await world.person()
        await person.leaves()
        with pytest.raises(Silent) as raised:
            await world.transport.send(to(person, CANARY))

        assert raised.value.reason == world.silence
        expect_no_trace((CANARY, *world.secrets), caplog, capfd, *everything_said_by(raised.value))


@pytest.mark.asyncio
class Groups:
    """Groups: ``group(by)`` gives one with a ``place``, to which ``by`` adds the bot, with ``hears()`` of its own,
    ``says(by, text)`` to the bot there, ``removes_bot(by)``, ``has_bot`` (is it still in?).
    """

    async def test_who_added_the_bot_is_told(self, world: Any):
        person = await world.person()
        async with listening(world.transport) as ears:
            group = await world.group(person)
            heard = await ears.hear()

        assert [without_id(each) for each in heard] == [
            Incoming(id="", where=group.place, sender=person.place, what="added")
        ]

    async def test_what_is_said_to_it_in_a_group_comes_with_the_private_place_of_who_said_it(
        self, world: Any
    ):
        person = await world.person()
        async with listening(world.transport) as ears:
            group = await world.group(person)
            await group.says(person, "seuraa ryhma")
            heard = (await ears.hear(2))[1]

        assert heard.text[1:] == "seuraa ryhma"  # with the platform's own mark
        assert heard.where == group.place
        assert heard.sender == person.place
        assert heard.addressed

    async def test_a_group_hears_a_message(self, world: Any):
        group = await world.group(await world.person())
        async with listening(world.transport):
            await world.transport.send(to(group.place, "Ryhmä kokoontuu"))
            heard = await group.hears()

        assert heard == Heard("Ryhmä kokoontuu")

    async def test_it_leaves_without_a_word(self, world: Any):
        group = await world.group(await world.person())
        async with listening(world.transport):
            await world.transport.leave(group.place)
            await world.transport.leave(group.place)  # already gone: nothing is left to do

        assert not await group.has_bot()

    async def test_where_it_was_thrown_out_it_hears_of_it_and_is_silent(self, world: Any):
        person = await world.person()
        async with listening(world.transport) as ears:
            group = await world.group(person)
            await group.removes_bot(person)
            heard = (await ears.hear(2))[1]
            with pytest.raises(Silent):
                await world.transport.send(to(group.place, "Hei!"))

        assert (heard.what, heard.where) == ("removed", group.place)


@pytest.mark.asyncio
class Moving:
    """Groups change their address: a group of `Groups` has ``moves()``, which gives the new place."""

    async def test_a_message_to_the_old_address_tells_the_new_one(self, world: Any):
        group = await world.group(await world.person())
        new = await group.moves()
        with pytest.raises(Moved) as raised:
            await world.transport.send(to(group.place, "Hei!"))

        assert raised.value.address == new.address

    async def test_the_move_is_told_once(self, world: Any):
        person = await world.person()
        group = await world.group(person)
        new = await group.moves()
        async with listening(world.transport) as ears:
            await person.says("hei")
            await ears.until(lambda ears: {"hei", new.address} <= {each.text for each in ears.taken})
            await asyncio.sleep(MOMENT)

        moves = [(each.where, each.text) for each in ears.taken if each.what == "moved"]

        assert moves == [(group.place, new.address)]
