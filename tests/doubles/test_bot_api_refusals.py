"""What the double refuses on order, and what becomes of messages later (PLATFORMS.md 1.4, point 5)."""

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden

from tests.doubles.bot_api import BotApi
from tests.doubles.conftest import Call
from tests.doubles.samples import CALENDAR, data_button, keyboard, markup, refusal

pytestmark = pytest.mark.asyncio

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as "
    "a current content and reply markup of the message"
)
QUERY_TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


async def test_nobody_is_written_to_who_has_not_written_first(api: BotApi, bot: Bot):
    aino = api.person(7)

    with pytest.raises(Forbidden, match=r"^Forbidden: bot can't initiate conversation with a user$"):
        await bot.send_message(7, "moi")
    aino.says("moi")

    assert (await bot.send_message(7, "moi")).text == "moi"


async def test_who_blocked_the_bot_or_is_gone_hears_nothing(api: BotApi, bot: Bot):
    aino = api.person(7, started=True)

    aino.blocks_bot()
    with pytest.raises(Forbidden, match=r"^Forbidden: bot was blocked by the user$"):
        await bot.send_message(7, "moi")
    aino.unblocks_bot()
    await bot.send_message(7, "moi")
    aino.deactivates()
    with pytest.raises(Forbidden, match=r"^Forbidden: user is deactivated$"):
        await bot.send_message(7, "moi")

    changes = [update.my_chat_member for update in await bot.get_updates()]
    assert [change and change.new_chat_member.status for change in changes] == ["kicked", "member"]
    assert [entry.text for entry in api.ledger.sent] == ["moi"]


@pytest.mark.parametrize("kind", ["group", "supergroup", "channel"])
async def test_a_chat_that_threw_the_bot_out_or_never_had_it_says_so(api: BotApi, bot: Bot, kind):
    group = api.group(-5, kind=kind)
    aino = api.person(7)

    with pytest.raises(Forbidden, match=f"^Forbidden: bot is not a member of the {kind} chat$"):
        await bot.send_message(-5, "moi")
    group.adds_bot(aino)
    await bot.send_message(-5, "moi")
    group.removes_bot(aino)
    with pytest.raises(Forbidden, match=f"^Forbidden: bot was kicked from the {kind} chat$"):
        await bot.send_message(-5, "moi")


async def test_rights_are_asked_for(api: BotApi, bot: Bot):
    aino = api.person(7)
    channel, group, gone = api.channel(-10), api.group(-11, kind="supergroup"), api.group(-12)
    for chat in (channel, group, gone):
        chat.adds_bot(aino)
    posted = await bot.send_message(-11, "moi")

    channel.promotes_bot(aino, can_post_messages=False)
    with pytest.raises(BadRequest, match=r"^Need administrator rights in the channel chat$"):
        await bot.send_message(-10, "moi")
    with pytest.raises(BadRequest, match=r"^Not enough rights to manage pinned messages in the chat$"):
        await bot.pin_chat_message(-11, posted.message_id)
    group.silences_bot(aino)
    with pytest.raises(BadRequest, match=r"^Not enough rights to send text messages to the chat$"):
        await bot.send_message(-11, "moi")
    with pytest.raises(BadRequest, match=r"^Not enough rights to send documents to the chat$"):
        await bot.send_document(-11, CALENDAR)
    gone.is_deleted()
    with pytest.raises(Forbidden, match=r"^Forbidden: the group chat was deleted$"):
        await bot.send_message(-12, "moi")


async def test_a_migrated_group_tells_its_new_address(api: BotApi, bot: Bot, call: Call):
    group = api.group(-5)
    group.adds_bot(api.person(7))

    new = group.migrates(-1005)

    assert await call("sendMessage", chat_id=-5, text="moi") == refusal(
        "group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1005
    )
    with pytest.raises(ChatMigrated) as told:
        await bot.send_message(-5, "moi")
    assert told.value.new_chat_id == -1005
    await bot.send_message(-1005, "moi")
    assert new.sees() == ["moi"]
    messages = [update.message for update in await bot.get_updates() if update.message]
    assert [(each.migrate_to_chat_id, each.migrate_from_chat_id) for each in messages[-2:]] == [
        (-1005, None),
        (None, -5),
    ]


async def test_an_edit_changes_what_is_seen_but_not_twice_the_same(api: BotApi, call: Call):
    aino = api.person(7, started=True)
    theirs = aino.says("moi")
    button = keyboard(data_button("a"))
    number = (await call("sendMessage", chat_id=7, text="Klo 13", reply_markup=button))["result"][
        "message_id"
    ]
    message = {"chat_id": 7, "message_id": number}

    assert await call("editMessageText", **message, text=" Klo 13", reply_markup=button) == refusal(
        NOT_MODIFIED
    )
    assert (await call("editMessageText", **message, text="Klo 14"))["ok"]
    assert await call("editMessageReplyMarkup", **message) == refusal(NOT_MODIFIED)
    assert (await call("editMessageReplyMarkup", **message, reply_markup=button))["ok"]
    assert await call("editMessageText", chat_id=7, message_id=999, text="a") == refusal(
        "message to edit not found"
    )
    assert await call("editMessageText", chat_id=7, message_id=theirs["message_id"], text="a") == refusal(
        "message can't be edited"
    )
    assert await call("editMessageText", **message, text="x" * 4097) == refusal("MESSAGE_TOO_LONG")
    assert aino.sees() == ["Klo 14"]
    assert [(each.method, each.text, each.labels) for each in api.ledger.accepted] == [
        ("sendMessage", "Klo 13", ("Muistuta",)),
        ("editMessageText", "Klo 14", ()),
        ("editMessageReplyMarkup", "Klo 14", ("Muistuta",)),
    ]


async def test_a_message_can_be_taken_back_for_two_days(api: BotApi, call: Call):
    aino = api.person(7, started=True)
    old, young = [(await call("sendMessage", chat_id=7, text=text))["result"]["message_id"] for text in "ab"]

    api.lets_time_pass(47 * 3600)
    assert (await call("deleteMessage", chat_id=7, message_id=young))["ok"]
    assert await call("deleteMessage", chat_id=7, message_id=young) == refusal("message to delete not found")
    api.lets_time_pass(3600)

    assert await call("deleteMessage", chat_id=7, message_id=old) == refusal(
        "message can't be deleted for everyone"
    )
    assert (await call("editMessageText", chat_id=7, message_id=old, text="c"))["ok"]
    assert aino.sees() == ["c"]


async def test_a_pressed_button_is_answered_once_and_soon(api: BotApi, bot: Bot):
    aino = api.person(7, started=True)
    await bot.send_message(7, "moi", reply_markup=markup("Lisää", "more"))
    message = await aino.hears()
    quick, slow = aino.presses(message, "Lisää"), aino.presses(message, data="forged")

    first, second = [update.callback_query for update in await bot.get_updates()]
    assert first
    assert second
    assert (first.data, second.data) == ("more", "forged")
    await bot.answer_callback_query(first.id, "Hetki")
    with pytest.raises(
        BadRequest, match=r"^Query is too old and response timeout expired or query id is invalid$"
    ):
        await bot.answer_callback_query(first.id)
    api.lets_time_pass(api.query_life + 1)
    with pytest.raises(BadRequest, match=r"^Query is too old"):
        await bot.answer_callback_query(second.id)

    assert (await api.answered(quick), slow.answer) == ("Hetki", None)
    assert [each.description for each in api.ledger.refused] == [QUERY_TOO_OLD, QUERY_TOO_OLD]


async def test_only_a_button_that_is_there_can_be_pressed(api: BotApi, bot: Bot):
    aino = api.person(7, started=True)
    await bot.send_message(7, "moi", reply_markup=markup("Lisää", "more"))

    with pytest.raises(LookupError, match="no button 'Vähemmän'"):
        aino.presses(await aino.hears(), "Vähemmän")


async def test_a_message_too_old_to_show_is_inaccessible(api: BotApi, bot: Bot):
    aino = api.person(7, started=True)
    await bot.send_message(7, "moi", reply_markup=markup("Lisää", "more"))
    aino.presses(await aino.hears(), "Lisää", inaccessible=True)

    [update] = await bot.get_updates()

    assert update.callback_query
    assert update.callback_query.message
    assert not update.callback_query.message.is_accessible
