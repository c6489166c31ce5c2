"""Telegram over real HTTP, against the strict Bot API double."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.errors import Refused, SendError, Silent, Throttled, TransportStopped, Unreachable
from bot.messages import File, Incoming, Outgoing, Pace, Place, ShownButton, ShownPicture
from bot.transports.telegram import BotTexts, Telegram
from bot.transports.telegram_updates import WANTED
from tests.doubles.bot_api import TOKEN, BotApi
from tests.transports import contract
from tests.transports.contract import CANARY, MOMENT, Ears, Heard, expect_no_trace, listening, to
from tests.transports.telegram_world import IMPATIENT, TelegramWorld, telegram_world


@pytest_asyncio.fixture
async def world() -> AsyncIterator[TelegramWorld]:
    async with telegram_world() as world:
        yield world


class TestContract(
    contract.Conversation,
    contract.Network,
    contract.Throttling,
    contract.Silence,
    contract.Groups,
    contract.Moving,
):
    """What every transport does."""


async def ends(running: asyncio.Task[Any]) -> BaseException | None:
    """Wait for it to end by itself; return what it raised."""
    async with asyncio.timeout(contract.PATIENCE):
        await asyncio.wait([running])
    return running.exception()


async def until(holds: Callable[[], bool]) -> None:
    """Wait for something at the double of which it tells nobody."""
    async with asyncio.timeout(contract.PATIENCE):
        while not holds():
            await asyncio.sleep(0.005)


PICTURE = b"\x89PNG\r\n\x1a\n" + b"ovi"


def with_picture(message: Outgoing, folder: Path, content: bytes | None = PICTURE) -> Outgoing:
    """Let a picture go with a message; None: it is not in its folder."""
    path = folder / "ovi.png"
    if content is not None:
        path.write_bytes(content)
    return replace(message, picture=ShownPicture("ovi.png", path, "Kuva ovesta."))


@pytest.mark.asyncio
class TestPolling:
    async def test_a_batch_is_acknowledged_only_when_it_is_kept(self, world: TelegramWorld):
        kept = asyncio.Event()
        taken = asyncio.Event()

        async def accept(_: Sequence[Incoming]) -> None:
            taken.set()
            await kept.wait()

        (await world.person()).there.says("seuraava")
        receiving = asyncio.create_task(world.transport.receive(accept))
        await taken.wait()
        await asyncio.sleep(MOMENT)
        pending_before = world.api.inbox.pending
        kept.set()
        await until(lambda: world.api.ledger.calls["getUpdates"] == 2)
        pending_after = world.api.inbox.pending
        receiving.cancel()
        await asyncio.wait([receiving])

        assert (pending_before, pending_after) == (1, 0)

    async def test_a_malformed_update_is_set_aside_and_the_others_come(self, world: TelegramWorld):
        person = await world.person()
        await person.says("yksi")
        world.api.feeds_malformed()
        world.api.feeds({"message": 5})
        await person.says("kaksi")
        async with listening(world.transport) as ears:
            heard = await ears.hear(2)
            await until(lambda: not world.api.inbox.pending)

        assert [each.text for each in heard] == ["yksi", "kaksi"]
        assert world.transport.set_aside == 2

    async def test_a_press_in_a_malformed_update_is_answered_too(self, world: TelegramWorld):
        person = await world.person()
        press = person.there.presses(person.there.says("?"), data="x")
        world.api.inbox._waiting.clear()
        world.api.feeds({"callback_query": {"id": press.id}})
        async with listening(world.transport):
            await until(lambda: press.answer is not None)

        assert press.answer == ""

    async def test_updates_without_a_number_are_not_asked_for_again_and_again(self, world: TelegramWorld):
        world.api.feeds({"update_id": "?", "message": {}})
        async with listening(world.transport):
            await asyncio.sleep(MOMENT)

        assert 1 < world.api.ledger.calls["getUpdates"] < 50

    async def test_a_webhook_left_behind_is_taken_away(self, world: TelegramWorld):
        await world.transport._bot.set_webhook("https://old.example/hook")
        person = await world.person()
        async with listening(world.transport) as ears:
            await person.says("hei")
            await ears.hear()

        assert world.api.inbox.webhook is None

    async def test_the_kinds_of_updates_are_named_each_time(self, world: TelegramWorld):
        async with listening(world.transport):
            await until(lambda: world.api.ledger.calls["getUpdates"] == 1)

        assert world.api.inbox.listed == list(WANTED)

    @pytest.mark.parametrize(
        "fault",
        [
            {"does": "status", "status": 500},
            {"does": "status", "status": 502},
            {"does": "status", "status": 404},  # a page, not Telegram's own word: a proxy in between
            {"does": "garbage"},
            {"does": "cut"},
            {"does": "cut", "when": "after"},
            {"does": "throttle", "seconds": 0},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("method", ["getMe", "deleteWebhook", "getUpdates"])
    async def test_trouble_of_any_kind_is_waited_out(
        self, world: TelegramWorld, method: str, fault: dict[str, Any]
    ):
        world.api.sets_fault(method=method, times=3, **fault)
        person = await world.person()
        async with listening(world.transport) as ears:
            await person.says("hei")
            heard = await ears.hear()

        assert [each.text for each in heard] == ["hei"]

    async def test_a_second_reader_makes_one_of_them_stop_and_say_so(self, world: TelegramWorld):
        rival = world.opened()
        ears = [Ears(), Ears()]
        both = [
            asyncio.create_task(each.receive(ear.accept))
            for each, ear in zip((world.transport, rival), ears, strict=True)
        ]
        async with asyncio.timeout(contract.PATIENCE):
            (stopped,), (running,) = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        await (await world.person()).says("hei")
        await ears[both.index(running)].hear()
        running.cancel()
        await asyncio.wait([running])
        await rival.close()
        error = stopped.exception()

        assert isinstance(error, TransportStopped)
        assert error.fault.where == "VERTTI_TELEGRAM_TOKEN"
        assert "another program" in error.fault.what

    async def test_a_reader_that_overlaps_for_a_moment_is_borne(self, world: TelegramWorld):
        person = await world.person()
        async with listening(world.transport) as ears:
            for _ in range(2):
                await until(lambda: world.api.inbox._poller is not None)
                await asyncio.sleep(0.05)
                await world.transport._bot.get_updates(timeout=0, offset=-1)
            await person.says("hei")
            await ears.hear()

    async def test_a_revoked_token_stops_it(self, world: TelegramWorld):
        receiving = asyncio.create_task(world.transport.receive(Ears().accept))
        await until(lambda: world.api.ledger.calls["getUpdates"] == 1)
        world.api.token = f"{TOKEN}x"
        await (await world.person()).says("hei")  # ends the wait that is still under way
        error = await ends(receiving)

        assert isinstance(error, TransportStopped)
        assert error.fault.where == "VERTTI_TELEGRAM_TOKEN"

    @pytest.mark.parametrize("token", ["123:unknown", "no-token-at-all"])
    async def test_a_wrong_token_stops_it_at_once(self, world: TelegramWorld, token: str):
        transport = Telegram(token, api_root=world.api.url, patience=IMPATIENT)
        with pytest.raises(TransportStopped) as raised:
            await transport.receive(Ears().accept)
        with pytest.raises(TransportStopped):
            await transport.send(to(await world.person(), "Hei!"))
        await transport.close()

        assert raised.value.fault.where == "VERTTI_TELEGRAM_TOKEN"
        assert token not in str(raised.value.fault)


@pytest.mark.asyncio
class TestPresses:
    async def press(self, world: TelegramWorld) -> Any:
        person = await world.person()
        await world.transport.send(to(person, "Tuletko?", ShownButton("Kyllä", data="k1")))
        return person.there.presses(await person.there.hears(), "Kyllä")

    async def test_a_press_is_answered_when_it_is_kept(self, world: TelegramWorld):
        press = await self.press(world)
        async with listening(world.transport, Ears(broken=True)) as ears:
            await ears.until(lambda ears: len(ears.refused) > 1)
            unanswered = press.answer
            ears.broken = False
            await until(lambda: press.answer is not None)

        assert (unanswered, press.answer) == (None, "")

    async def test_an_answer_that_comes_too_late_is_no_matter(self, world: TelegramWorld):
        await self.press(world)
        world.api.lets_time_pass(3600)
        person = await world.person()
        async with listening(world.transport) as ears:
            await ears.hear()
            await until(lambda: bool(world.api.ledger.refused))
            await person.says("hei")
            heard = await ears.hear(2)

        assert heard[1].text == "hei"

    async def test_an_answer_that_hangs_holds_nothing_up(self, world: TelegramWorld):
        world.api.sets_fault("silence", method="answerCallbackQuery", times=None)
        await self.press(world)
        person = await world.person()
        async with listening(world.transport) as ears:
            await ears.hear()
            await person.says("hei")
            await ears.hear(2)
            await world.transport.send(to(person, "Hei!"))
        async with asyncio.timeout(contract.PATIENCE):
            await world.transport.close()

        assert world.transport._answers == set()


@pytest.mark.asyncio
class TestSending:
    async def test_one_button_stands_in_a_row(self, world: TelegramWorld):
        person = await world.person()
        buttons = [ShownButton("Kyllä", data="k"), ShownButton("Avaa", url="https://www.example.org/")]
        await world.transport.send(to(person, "Tuletko?", *buttons))
        heard = await person.there.hears()

        assert heard.buttons == (
            ({"text": "Kyllä", "callback_data": "k"},),
            ({"text": "Avaa", "url": "https://www.example.org/"},),
        )

    async def test_a_deep_link_leads_into_the_private_chat(self, world: TelegramWorld):
        person = await world.person()
        before = world.transport.deep_link("kysely-1")
        await world.transport.send(to(person, "Kysely", ShownButton("Vastaa", deep_link="kysely-1")))
        shown = await person.hears()
        async with listening(world.transport) as ears:
            person.there.follows(shown.links[0])
            heard = await ears.hear()

        assert before is None  # our name is not known yet
        assert shown.links == ("https://t.me/vertti_test_bot?start=kysely-1",)
        assert world.transport.deep_link("kysely-1") == shown.links[0]
        assert heard[0].text == "/start kysely-1"

    async def test_a_text_too_long_for_a_caption_goes_before_its_file(self, world: TelegramWorld):
        person = await world.person()
        file = File("tiedot.txt", "text/plain", "ä" * 10)
        number = await world.transport.send(
            to(person, "x" * 1025, ShownButton("Alkuun", data="home"), file=file)
        )
        first, second = await world.api.sent_to(person.there, 2)

        assert [(first.method, first.text, first.labels), (second.method, second.text, second.labels)] == [
            ("sendMessage", "x" * 1025, ("Alkuun",)),
            ("sendDocument", "", ()),
        ]
        assert number == str(first.message_id)

    async def test_a_file_carries_the_buttons_with_its_caption(self, world: TelegramWorld):
        person = await world.person()
        file = File("tiedot.json", "application/json", '{"a": 1}')
        await world.transport.send(to(person, "x" * 1024, ShownButton("Alkuun", data="home"), file=file))
        heard = await person.hears()

        assert heard == Heard("x" * 1024, ("Alkuun",), (), file)

    async def test_a_picture_carries_the_text_and_the_buttons(self, world: TelegramWorld, tmp_path: Path):
        person = await world.person()
        await world.transport.send(
            with_picture(to(person, "Ovi", ShownButton("Alkuun", data="home")), tmp_path)
        )
        (sent,) = await world.api.sent_to(person.there, 1)

        assert (sent.method, sent.text, sent.labels) == ("sendPhoto", "Ovi", ("Alkuun",))
        assert (sent.file.name, sent.file.content) == ("ovi.png", PICTURE)

    @pytest.mark.parametrize(
        ("content", "text"),
        [(None, "Ovi"), (b"ei kuva", "Ovi"), (PICTURE, "x" * 1025)],
        ids=["not there", "no picture", "too long a text"],
    )
    async def test_where_a_picture_cannot_be_shown_the_text_goes_alone(
        self, world: TelegramWorld, tmp_path: Path, content: bytes | None, text: str
    ):
        person = await world.person()
        shown = ShownButton("Alkuun", data="home")
        await world.transport.send(with_picture(to(person, text, shown), tmp_path, content))
        (sent,) = await world.api.sent_to(person.there, 1)

        assert (sent.method, sent.text, sent.labels) == ("sendMessage", text, ("Alkuun",))

    async def test_who_blocked_us_gets_no_picture_either(self, world: TelegramWorld, tmp_path: Path):
        person = await world.person()
        person.there.blocks_bot()
        with pytest.raises(Silent):
            await world.transport.send(with_picture(to(person, "Ovi"), tmp_path))

    @pytest.mark.parametrize(
        ("happens", "reason"),
        [("blocks_bot", "blocked"), ("deactivates", "deactivated")],
    )
    async def test_a_person_who_has_gone_is_silent(self, world: TelegramWorld, happens: str, reason: str):
        person = await world.person()
        getattr(person.there, happens)()
        with pytest.raises(Silent) as raised:
            await world.transport.send(to(person, "Hei!"))

        assert raised.value.reason == reason

    async def test_who_never_wrote_is_silent(self, world: TelegramWorld):
        stranger = world.api.person(77)
        with pytest.raises(Silent) as unmet:
            await world.transport.send(to(Place("telegram", str(stranger.id)), "Hei!"))
        with pytest.raises(Silent) as unknown:
            await world.transport.send(to(Place("telegram", "78"), "Hei!"))

        assert (unmet.value.reason, unknown.value.reason) == ("never_started", "not_found")

    @pytest.mark.parametrize("file", [None, File("a.txt", "text/plain", "a")], ids=["text", "file"])
    @pytest.mark.parametrize(
        ("kind", "happens", "reason"),
        [
            ("group", lambda group, by: group.removes_bot(by), "kicked"),
            ("supergroup", lambda group, by: group.removes_bot(by), "kicked"),
            ("channel", lambda group, by: group.removes_bot(by), "kicked"),
            ("supergroup", lambda group, _: group.bot_leaves(), "left"),
            ("group", lambda group, _: group.is_deleted(), "deleted"),
        ],
    )
    async def test_a_group_without_us_is_silent(
        self, world: TelegramWorld, kind: str, happens: Any, reason: str, file: File | None
    ):
        by = (await world.person()).there
        group = world.api.group(-55, kind=kind)
        group.adds_bot(by)
        happens(group, by)
        with pytest.raises(Silent) as raised:
            await world.transport.send(to(Place("telegram", "-55", "group"), "Hei!", file=file))

        assert raised.value.reason == reason

    async def test_where_it_may_not_write_the_message_is_refused(self, world: TelegramWorld):
        by = (await world.person()).there
        group, channel = world.api.group(-55, kind="supergroup"), world.api.channel(-56)
        group.adds_bot(by)
        group.silences_bot(by)
        channel.adds_bot(by, can_post_messages=False)
        for address in ("-55", "-56"):
            with pytest.raises(Refused) as raised:
                await world.transport.send(to(Place("telegram", address, "group"), "Hei!"))

            assert str(raised.value) == "no_rights"

    @pytest.mark.parametrize(
        ("text", "buttons", "reason"),
        [
            ("x" * 4097, (), "too_long"),
            ("", (), "empty"),
            ("Hei!", (ShownButton("Kyllä", data="ä" * 33),), "button"),
        ],
    )
    async def test_a_message_that_is_wrong_itself_is_refused(
        self, world: TelegramWorld, text: str, buttons: tuple[ShownButton, ...], reason: str
    ):
        person = await world.person()
        with pytest.raises(Refused) as raised:
            await world.transport.send(to(person, text, *buttons))

        assert str(raised.value) == reason

    @pytest.mark.parametrize("file", [None, File("a.txt", "text/plain", "a")], ids=["text", "file"])
    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ({"does": "status", "status": 500}, Unreachable),
            ({"does": "status", "status": 504}, Unreachable),
            ({"does": "status", "status": 413}, Refused),
            ({"does": "status", "status": 302}, Unreachable),
            ({"does": "garbage"}, Unreachable),
            ({"does": "cut"}, Unreachable),
            ({"does": "cut", "when": "after"}, Unreachable),
            ({"does": "throttle", "seconds": 7}, Throttled),
        ],
        ids=str,
    )
    async def test_trouble_is_named_and_shows_nothing(  # noqa: PLR0917
        self,
        world: TelegramWorld,
        fault: dict[str, Any],
        kind: type[SendError],
        file: File | None,
        caplog,
        capfd,
    ):
        caplog.set_level(logging.DEBUG)
        person = await world.person()
        world.api.sets_fault(**fault)
        with pytest.raises(SendError) as raised:
            await world.transport.send(to(person, CANARY, ShownButton(CANARY, data="k"), file=file))
        shown = traceback.format_exception(raised.value)

        assert type(raised.value) is kind
        expect_no_trace([CANARY, *world.secrets], caplog, capfd, *shown_without_source(shown))

    async def test_its_pace_is_that_of_the_settings(self):
        assert Telegram(TOKEN, rate=12.5).pace == Pace(per_second=12.5)

    async def test_the_library_is_silenced_however_the_logs_are_set(
        self, world: TelegramWorld, caplog, capfd
    ):
        for name in ("root", "telegram", "httpx", "httpcore"):
            caplog.set_level(logging.DEBUG, logger=name)
        await world.restart()
        person = await world.person()
        await world.transport.send(to(person, CANARY, file=File("k.txt", "text/plain", CANARY)))

        expect_no_trace([CANARY, *world.secrets], caplog, capfd)

    async def test_it_shows_no_token(self, world: TelegramWorld):
        insides = [world.transport, *vars(world.transport).values()]

        assert [each for each in map(repr, insides) if TOKEN.partition(":")[2] in each] == []


def shown_without_source(lines: Sequence[str]) -> list[str]:
    """Leave out the lines of code of a traceback: this file itself names the canary."""
    return [line.splitlines()[0] for line in lines]


@pytest.mark.asyncio
class TestLeaving:
    async def test_a_private_chat_cannot_be_left(self, world: TelegramWorld):
        with pytest.raises(Refused):
            await world.transport.leave((await world.person()).place)

    async def test_trouble_while_leaving_is_told(self, world: TelegramWorld):
        group = await world.group(await world.person())
        await world.goes_down()
        with pytest.raises(Unreachable):
            await world.transport.leave(group.place)


def texts(language: str, **changed: Any) -> BotTexts:
    told = {
        "commands": (("seuraava", f"Seuraava ({language})"), ("apua", f"Apua ({language})")),
        "group_commands": (("seuraava", f"Seuraava ({language})"),),
        "description": f"Vertti kertoo ({language})",
        "short_description": f"Vertti ({language})",
    }
    return BotTexts(**told | changed)


ALL = {language: texts(language) for language in ("fi", "sv", "en")}


def shown(api: BotApi) -> dict[str, Any]:
    """Give what the double shows of the bot, by language ("" is everybody else's)."""
    lists = api.profile["commands"]
    return {
        code: BotTexts(
            *(
                tuple((each["command"], each["description"]) for each in lists[f'{{"type":"{scope}"}}', code])
                for scope in ("all_private_chats", "all_group_chats")
            ),
            api.profile["description"][code],
            api.profile["short_description"][code],
        )
        for code in sorted({code for _, code in lists})
    }


@pytest.mark.asyncio
class TestDescribing:
    async def test_each_language_has_its_own_and_all_others_the_default(self, world: TelegramWorld):
        await world.transport.describe(ALL, "fi")

        assert shown(world.api) == {"": ALL["fi"], **dict(sorted(ALL.items()))}

    async def test_what_stands_there_already_is_not_set_again(self, world: TelegramWorld):
        await world.transport.describe(ALL, "fi")
        calls = world.api.ledger.calls
        calls.clear()
        await world.transport.describe(ALL | {"sv": texts("sv", description="Nytt")}, "fi")

        assert {name: number for name, number in calls.items() if name.startswith("set")} == {
            "setMyDescription": 1
        }
        assert shown(world.api)["sv"].description == "Nytt"

    async def test_trouble_is_waited_out(self, world: TelegramWorld):
        world.api.sets_fault("cut", times=3)
        world.api.sets_fault("throttle", method="setMyCommands", seconds=0)
        await world.transport.describe(ALL, "sv")

        assert shown(world.api)[""] == ALL["sv"]

    async def test_a_name_that_telegram_does_not_take_is_refused(self, world: TelegramWorld):
        with pytest.raises(Refused):
            await world.transport.describe({"fi": texts("fi", commands=(("ryhmä", "?"),))}, "fi")


@pytest.mark.asyncio
class TestChecking:
    async def test_a_sound_account_has_no_fault(self, world: TelegramWorld):
        assert await world.transport.check() is None

    async def test_a_wrong_token_is_named(self, world: TelegramWorld):
        world.api.token = f"{TOKEN}x"
        fault = await world.transport.check()

        assert fault is not None
        assert fault.where == "VERTTI_TELEGRAM_TOKEN"

    async def test_no_answer_is_named(self, world: TelegramWorld):
        await world.goes_down()
        fault = await world.transport.check()

        assert fault is not None
        assert fault.where == "VERTTI_TELEGRAM_API"


@pytest.mark.asyncio
class TestMembers:
    @pytest.mark.parametrize(
        ("kind", "details", "visible"),
        [
            ("group", {}, True),
            ("supergroup", {}, True),
            ("supergroup", {"has_hidden_members": True}, False),
            ("channel", {}, False),
        ],
    )
    async def test_it_is_known_where_members_see_each_other(
        self, world: TelegramWorld, kind: str, details: dict[str, Any], *, visible: bool
    ):
        world.api.group(-55, kind=kind, **details).adds_bot((await world.person()).there)

        assert await world.transport.members_visible(Place("telegram", "-55", "group")) is visible

    async def test_a_private_chat_has_no_members(self, world: TelegramWorld):
        assert await world.transport.members_visible((await world.person()).place) is None

    async def test_where_we_are_not_nothing_is_known(self, world: TelegramWorld):
        person = await world.person()
        group = await world.group(person)
        await group.removes_bot(person)

        assert await world.transport.members_visible(group.place) is None
