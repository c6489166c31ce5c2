"""What Telegram's updates mean, told by updates as Telegram writes them (tests/data/telegram)."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Incoming, Place
from bot.transports.telegram_updates import MALFORMED, WANTED, Me, number_of, pressed, to_incoming

PAYLOADS = Path(__file__).parents[1] / "data" / "telegram"
ME = Me(700000001, "Vertti_Test_Bot")

AINO = Place("telegram", "5100000001")
JOHN = Place("telegram", "5100000002")
OLGA = Place("telegram", "5100000003")
OTHER_BOT = Place("telegram", "700000099")
GROUP = Place("telegram", "-4100000001", "group")
SUPERGROUP = Place("telegram", "-1002100000001", "group")
CHANNEL = Place("telegram", "-1003100000001", "channel")


def payloads(name: str) -> dict[str, Any]:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


def every_payload() -> list[dict[str, Any]]:
    return [update for file in sorted(PAYLOADS.glob("*.json")) for update in payloads(file.stem).values()]


def means(where: Place, sender: Place | None = None, **more: Any) -> Incoming:
    """Say what is expected; the id is the update's own."""
    return Incoming(id="", where=where, sender=sender, **more)


def aino(text: str = "", **more: Any) -> Incoming:
    return means(AINO, AINO, text=text, language="fi", **more)


def unwanted(where: Place) -> Incoming:
    return means(where, what="unwanted")


PRIVATE = {
    "plain words": aino("Milloin ryhmä kokoontuu?"),
    "a command": aino("/seuraava"),
    "a command with our name in another case": means(JOHN, JOHN, text="/kieli englanti", language="en"),
    "a command with the name of another bot": aino("/seuraava"),
    "start": means(JOHN, JOHN, text="/start", language="en"),
    "a deep link": aino("/start kysely-12"),
    "a command with Finnish letters": aino("/äänestä"),
    "a language that is not ours": means(OLGA, OLGA, text="hei"),
    "a forwarded text": aino("Tervetuloa!"),
    "a reply to an older message": aino("2"),
    "a text with a preview": aino("https://www.example.org"),
    "a voice message": aino(what="unreadable"),
    "a picture with words": aino(what="unreadable", text="Onko tämä oikea talo?"),
    "a sticker": aino(what="unreadable"),
    "a document": aino(what="unreadable"),
    "a place on the map": aino(what="unreadable"),
    "a contact": aino(what="unreadable"),
    "a round video": aino(what="unreadable"),
    "a poll": aino(what="unreadable"),
    "a die": aino(what="unreadable"),
    "a pinned message": unwanted(AINO),
    "a timer for deletion": unwanted(AINO),
    "leave to write": unwanted(AINO),
    "words by way of another bot": unwanted(AINO),
    "another bot": unwanted(OTHER_BOT),
    "an edited message": unwanted(AINO),
}

GROUPS = {
    "a command with our name": means(SUPERGROUP, AINO, text="/seuraa ryhma", language="fi"),
    "a bare command": means(GROUP, AINO, text="/seuraava", language="fi"),
    "a command for another bot": unwanted(SUPERGROUP),
    "a reply to us": means(SUPERGROUP, AINO, text="Kiitos!", language="fi"),
    "a reply to somebody": means(SUPERGROUP, AINO, text="Joo", language="fi", addressed=False),
    "talk": means(SUPERGROUP, JOHN, text="Who is coming?", language="en", addressed=False),
    "an anonymous administrator": means(SUPERGROUP, text="/seuraa kaikki"),
    "a person who writes as a channel": means(SUPERGROUP, text="/seuraava"),
    "a post of the linked channel": unwanted(SUPERGROUP),
    "a picture": unwanted(SUPERGROUP),
    "a voice message in reply to us": unwanted(SUPERGROUP),
    "somebody joins": unwanted(SUPERGROUP),
    "the bot joins": unwanted(GROUP),
    "the group becomes a supergroup": means(GROUP, what="moved", text=SUPERGROUP.address),
    "the supergroup was a group": unwanted(SUPERGROUP),
    "the group becomes a supergroup by nobody's name": means(GROUP, what="moved", text=SUPERGROUP.address),
    "a new title": unwanted(SUPERGROUP),
    "another bot": unwanted(SUPERGROUP),
    "a post in a channel": unwanted(CHANNEL),
    "an edited post in a channel": unwanted(CHANNEL),
}

BUTTONS = {
    "in private": aino(what="button", button="a1.Zm9v"),
    "in a group": means(SUPERGROUP, JOHN, what="button", button="a1.Zm9v", language="en"),
    "in a channel": means(CHANNEL, AINO, what="button", button="a1.Zm9v", language="fi"),
    "on a message too old to be shown": aino(what="button", button="a1.Zm9v"),
    "without a message": aino(what="button", button="a1.Zm9v"),
    "of a game": unwanted(AINO),
}

MEMBERSHIP = {
    "blocked": means(AINO, AINO, what="removed"),
    "unblocked": means(AINO, AINO, what="returned"),
    "added to a group": means(GROUP, AINO, what="added", language="fi"),
    "added to a supergroup as administrator": means(SUPERGROUP, JOHN, what="added", language="en"),
    "added to a channel": means(CHANNEL, AINO, what="added", language="fi"),
    "added by an anonymous administrator": means(SUPERGROUP, what="added"),
    "let in again with restrictions": means(SUPERGROUP, AINO, what="added", language="fi"),
    "thrown out of a group": means(GROUP, AINO, what="removed", language="fi"),
    "taken out of a channel": means(CHANNEL, AINO, what="removed", language="fi"),
    "left by itself": means(SUPERGROUP, what="removed"),
    "restricted and gone": means(SUPERGROUP, AINO, what="removed", language="fi"),
    "made an administrator": unwanted(SUPERGROUP),
    "silenced": unwanted(SUPERGROUP),
    "banned where it was not": unwanted(SUPERGROUP),
}

OTHER: dict[str, Incoming | None] = {
    "a vote in a native poll": None,
    "an inline query": None,
    "something of next year": None,
}

TOLD = {
    "private": PRIVATE,
    "groups": GROUPS,
    "buttons": BUTTONS,
    "membership": MEMBERSHIP,
    "other": OTHER,
}


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file, told in TOLD.items() for name in told], ids=str
)
def test_an_update_means(file: str, name: str):
    update = payloads(file)[name]
    expected = TOLD[file][name]

    assert to_incoming(update, ME) == (expected and replace(expected, id=str(update["update_id"])))


@pytest.mark.parametrize("file", TOLD)
def test_every_payload_is_told(file: str):
    assert set(payloads(file)) == set(TOLD[file])


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("/seuraa@vertti_test_bot\nryhma", "/seuraa\nryhma"),
        ("/seuraa@Vertti_Test_Bot", "/seuraa"),
        ("/seuraa @Vertti_Test_Bot", "/seuraa @Vertti_Test_Bot"),
        ("seuraa@Vertti_Test_Bot", "seuraa@Vertti_Test_Bot"),
        ("/", "/"),
        ("/@Vertti_Test_Bot", "/@Vertti_Test_Bot"),
        ("//seuraa@Vertti_Test_Bot", "//seuraa@Vertti_Test_Bot"),
        ("/seuraa@Vertti_Test_Bot.", "/seuraa@Vertti_Test_Bot."),
        ("/ENSI@VERTTI_TEST_BOT x", "/ENSI x"),
    ],
)
def test_only_our_name_after_a_command_is_taken_away(said: str, understood: str):
    update = deepcopy(payloads("private")["a command"])
    update["message"]["text"] = said

    heard = to_incoming(update, ME)

    assert heard is not None
    assert heard.text == understood


def test_a_press_waits_for_an_answer_whatever_it_means():
    updates = payloads("buttons").values()

    assert [pressed(update) for update in updates] == [update["callback_query"]["id"] for update in updates]


def test_nothing_else_waits_for_an_answer():
    assert {pressed(update) for update in payloads("private").values()} == {None}


def test_what_is_asked_for_is_understood():
    assert set(WANTED) == {"message", "callback_query", "my_chat_member"}


@pytest.mark.parametrize(
    "damage",
    [
        {"message": None},
        {"message": []},
        {"message": {"message_id": 1, "text": "?"}},
        {"message": {"chat": {"id": "1", "type": "private"}, "text": "?"}},
        {"message": {"chat": {"id": True, "type": "private"}, "text": "?"}},
        {"message": {"chat": {"id": 1, "type": "salon"}, "text": "?"}},
        {"message": {"chat": {"id": 1, "type": "private"}, "from": {"id": 1}, "text": 5}},
        {"message": {"chat": {"id": 1, "type": "private"}, "from": {"id": 1}, "text": "\ud83d"}},
        {"callback_query": {"id": "1", "data": "x"}},
        {"callback_query": {"id": "1", "from": {"id": 1}, "data": ["x"]}},
        {"my_chat_member": {"chat": {"id": 1, "type": "private"}, "from": {"id": 1}}},
    ],
)
def test_what_is_not_as_telegram_writes_it_is_malformed(damage: dict[str, Any]):
    with pytest.raises(MALFORMED):
        to_incoming({"update_id": 1, **damage}, ME)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


def places_within(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to each value inside, the whole left out."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, inner in inside for way in ((*path, key), *places_within(inner, (*path, key)))]


@given(st.data())
def test_a_damaged_update_is_understood_or_malformed_and_never_anything_else(data: st.DataObject):
    update = deepcopy(data.draw(st.sampled_from(every_payload())))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(st.sampled_from(places_within(update)))
        holder = update
        for key in way:
            holder = holder[key]
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[last]
        else:
            holder[last] = data.draw(JUNK)
        if not update:
            break
    assert isinstance(number_of(update), int)
    assert isinstance(pressed(update), str | None)
    try:
        heard = to_incoming(update, ME)
    except MALFORMED:
        return

    assert heard is None or all(
        isinstance(value, str)
        for value in (heard.id, heard.text, heard.button, heard.where.address, heard.where.kind)
    )


@given(JUNK)
def test_junk_is_malformed_or_of_no_concern(junk: Any):
    try:
        heard = to_incoming(junk, ME)
    except MALFORMED:
        heard = None

    assert (heard, number_of(junk), pressed(junk)) == (None, 0, None)
