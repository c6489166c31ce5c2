"""What the bot sees in groups and polls (PLATFORMS.md 1.4, point 6)."""

import pytest
from telegram import Bot, Update

from tests.doubles.bot_api import BotApi

pytestmark = pytest.mark.asyncio


async def heard(bot: Bot) -> list[str | None]:
    """Return the texts of the messages that came, and confirm them."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    messages = [update.effective_message for update in updates]
    return [message.text for message in messages if message and message.text]


async def test_in_privacy_mode_only_what_is_meant_for_the_bot_arrives(api: BotApi, bot: Bot):
    aino = api.person(7)
    group = api.group(-5)
    group.adds_bot(aino)
    for text in (
        "seuraa ryhma",
        "@vertti_test_bot seuraa",
        "/seuraa ryhma",
        "/seuraa@other_bot",
        "/päivä@vertti_test_bot",
        "no /seuraa@vertti_test_bot",
        "/seuraa@Vertti_Test_Bot ryhma",
    ):
        aino.says(text, into=group)

    assert await heard(bot) == ["/seuraa@Vertti_Test_Bot ryhma"]


async def test_a_bare_command_arrives_when_the_bot_wrote_last(api: BotApi, bot: Bot):
    aino = api.person(7)
    group = api.group(-5)
    group.adds_bot(aino)
    await bot.send_message(-5, "Mitä seurataan?")
    aino.says("/päivä", into=group)  # no command to Telegram
    aino.says("/seuraa a", into=group)
    group.another_bot_writes("moi")
    aino.says("/seuraa b", into=group)

    assert await heard(bot) == ["/seuraa a"]


async def test_a_reply_to_the_bot_arrives_and_one_to_somebody_else_does_not(api: BotApi, bot: Bot):
    aino = api.person(7)
    group = api.group(-5)
    group.adds_bot(aino)
    asked = await bot.send_message(-5, "Mitä seurataan?")
    mine = aino.says("hm", into=group)
    aino.says("ryhma", into=group, reply_to=asked.message_id)
    aino.says("palsta", into=group, reply_to=mine)

    assert await heard(bot) == ["ryhma"]


async def test_an_admin_bot_or_one_without_privacy_mode_hears_all_but_other_bots(api: BotApi, bot: Bot):
    aino = api.person(7)
    group, open_group = api.group(-5), api.group(-6)
    group.adds_bot(aino, can_pin_messages=True)
    open_group.adds_bot(aino)
    aino.says("a", into=group)
    group.another_bot_writes("b")
    aino.says("c", into=open_group)
    api.privacy = False
    aino.says("d", into=open_group)

    assert await heard(bot) == ["a", "d"]
    assert (await bot.get_me()).can_read_all_group_messages


async def test_adding_and_removing_is_told_with_who_did_it(api: BotApi, bot: Bot):
    aino = api.person(7)
    group = api.group(-5)
    group.adds_bot(aino, payload="ryhma")
    group.removes_bot(aino)

    updates = await bot.get_updates()

    assert [what(update) for update in updates] == [
        ("my_chat_member", 7, "left → member"),
        ("new_chat_members", 7, ""),
        ("text", 7, "/start@vertti_test_bot ryhma"),
        ("left_chat_member", 7, ""),
        ("my_chat_member", 7, "member → kicked"),
    ]


def what(update: Update) -> tuple[str, int, str]:
    if change := update.my_chat_member:
        states = f"{change.old_chat_member.status} → {change.new_chat_member.status}"
        return "my_chat_member", change.from_user.id, states
    assert update.message
    assert update.message.from_user
    kinds = ("new_chat_members", "left_chat_member", "text")
    return next(k for k in kinds if update.message[k]), update.message.from_user.id, update.message.text or ""


async def test_a_bot_that_is_out_hears_nothing_more(api: BotApi, bot: Bot):
    aino = api.person(7)
    group = api.group(-5)
    group.adds_bot(aino)
    await bot.leave_chat(-5)
    aino.says("/seuraa@vertti_test_bot", into=group)

    updates = await bot.get_updates()

    assert await heard(bot) == []
    assert updates[-1].my_chat_member
    assert updates[-1].my_chat_member.new_chat_member.status == "left"


async def test_an_anonymous_admin_is_nobody(api: BotApi, bot: Bot):
    group = api.group(-1005, kind="supergroup")
    group.adds_bot(api.person(7))
    group.anonymous_admin_says("/seuraa@vertti_test_bot")

    message = (await bot.get_updates())[-1].message

    assert message
    assert message.sender_chat
    assert message.from_user
    assert (message.sender_chat.id, message.from_user.is_bot) == (-1005, True)


async def test_a_channel_speaks_as_itself_and_anybody_may_press_its_buttons(api: BotApi, bot: Bot):
    channel = api.channel(-1009)
    channel.adds_bot(api.person(7))
    channel.posts("Tervetuloa")

    post = (await bot.get_updates())[-1].channel_post
    sent = await bot.send_message(
        -1009, "Kysely", reply_markup={"inline_keyboard": [[{"text": "Avaa", "callback_data": "a"}]]}
    )
    api.person(8).presses(sent.message_id, "Avaa", into=channel)
    query = (await bot.get_updates())[-1].callback_query

    assert post
    assert (post.text, post.from_user, sent.from_user) == ("Tervetuloa", None, None)
    assert query
    assert (query.from_user.id, query.data) == (8, "a")


async def test_numbers_of_messages_are_a_supergroups_own(api: BotApi, bot: Bot):
    aino = api.person(7, started=True)
    for number in (-1001, -1002):
        api.group(number, kind="channel").adds_bot(aino)

    assert [(await bot.send_message(chat, "a")).message_id for chat in (-1001, -1002, 7, -1001)] == [
        1,
        1,
        1,
        2,
    ]


async def test_hidden_members_can_be_seen_from_the_chat(api: BotApi, bot: Bot):
    api.group(-1001, kind="supergroup", has_hidden_members=True).adds_bot(api.person(7))

    assert (await bot.get_chat(-1001)).has_hidden_members


async def test_an_anonymous_poll_gives_totals_only_and_a_public_one_the_voter(api: BotApi, bot: Bot):
    aino = api.person(7, started=True)
    secret = await bot.send_poll(7, "Mitä?", ["a", "b"])
    public = await bot.send_poll(7, "Mitä?", ["a", "b"], is_anonymous=False)
    aino.votes(aino.message(secret.message_id), 1)
    aino.votes(aino.message(public.message_id), 0)
    aino.votes(aino.message(public.message_id))

    updates = await bot.get_updates()

    assert secret.poll
    assert secret.poll.is_anonymous
    assert [[option.voter_count for option in update.poll.options] for update in updates if update.poll] == [
        [0, 1],
        [1, 0],
        [0, 0],
    ]
    answers = [update.poll_answer for update in updates if update.poll_answer]
    assert [(answer.user and answer.user.id, answer.option_ids) for answer in answers] == [(7, (0,)), (7, ())]


async def test_a_deep_link_starts_the_private_chat(api: BotApi, bot: Bot):
    api.person(7).follows("https://t.me/vertti_test_bot?start=kysely-1")

    assert await heard(bot) == ["/start kysely-1"]
