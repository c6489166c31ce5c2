"""What the double takes, what it answers, and what it refuses to send (PLATFORMS.md 1.4, points 1 and 4)."""

import aiohttp
import pytest
from telegram import Bot, BotCommand, Message
from telegram.error import BadRequest, InvalidToken

from tests.doubles.bot_api import BotApi, File
from tests.doubles.bot_api.formatting import parse_html
from tests.doubles.conftest import Call
from tests.doubles.samples import CALENDAR, data_button, keyboard, markup, refusal

pytestmark = pytest.mark.asyncio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


# 1. Real shapes, however the call comes.


async def test_a_call_may_come_as_query_form_multipart_or_json(api: BotApi, session: aiohttp.ClientSession):
    api.person(7, started=True)
    address = f"{api.url}/bot{api.token}/sendMessage"
    multipart = aiohttp.FormData({"chat_id": "7", "text": "moi"})
    multipart.add_field("extra", b"x", filename="x")

    for call in (
        session.get(f"{address}?chat_id=7&text=moi"),
        session.post(address, data={"chat_id": 7, "text": "moi"}),
        session.post(address, data=multipart),
    ):
        async with call as answer:
            assert answer.status == 200, await answer.text()

    assert [sent.text for sent in api.ledger.sent] == ["moi", "moi", "moi"]


async def test_python_telegram_bot_understands_every_answer(api: BotApi, bot: Bot):
    api.sets_limits(None)
    aino = api.person(7, started=True)
    group = api.group(-1005, kind="supergroup")
    group.adds_bot(aino, can_pin_messages=True)

    sent = await bot.send_message(7, "<b>moi</b>", parse_mode="HTML", reply_markup=markup("Lisää", "a"))
    edited = await bot.edit_message_text("hei", 7, sent.message_id, reply_markup=markup("Lisää", "b"))
    shorn = await bot.edit_message_reply_markup(7, sent.message_id)
    file = await bot.send_document(7, CALENDAR, filename="ryhma.ics", caption="Kalenteri")
    picture = await bot.send_photo(7, PNG)
    poll = await bot.send_poll(7, "Mitä tehdään?", ["Keskustellaan", "Kuljetaan"])
    posted = await bot.send_message(-1005, "Tervetuloa")

    assert isinstance(edited, Message)
    assert isinstance(shorn, Message)
    assert (sent.text, sent.entities[0].type, edited.text, shorn.reply_markup) == ("moi", "bold", "hei", None)
    assert file.document
    assert (file.document.file_name, file.document.file_size, file.caption) == (
        "ryhma.ics",
        len(CALENDAR),
        "Kalenteri",
    )
    assert picture.photo
    assert poll.poll
    assert [option.text for option in poll.poll.options] == ["Keskustellaan", "Kuljetaan"]
    assert (await bot.stop_poll(7, poll.message_id)).is_closed
    assert await bot.pin_chat_message(-1005, posted.message_id)
    assert await bot.send_chat_action(7, "typing")
    assert (await bot.get_chat(-1005)).title == "Ryhmä"
    assert (await bot.get_chat(7)).first_name == "Aino"
    assert (await bot.get_chat_member(-1005, 7)).status == "creator"
    assert (await bot.get_chat_member(-1005, bot.id)).status == "administrator"
    assert [each.status for each in await bot.get_chat_administrators(-1005)] == ["creator", "administrator"]
    assert await bot.get_chat_member_count(-1005) == 2
    assert await bot.delete_message(7, picture.message_id)
    assert await bot.leave_chat(-1005)
    assert [entry.method for entry in api.ledger.accepted] == [
        "sendMessage",
        "editMessageText",
        "editMessageReplyMarkup",
        "sendDocument",
        "sendPhoto",
        "sendPoll",
        "sendMessage",
        "deleteMessage",
    ]
    assert api.ledger.accepted[3].file == File("ryhma.ics", "text/calendar", CALENDAR)


async def test_aiogram_understands_the_answers_too(api: BotApi):
    # 4 s, and each process that runs tests would import it with this module.
    from aiogram import Bot as AiogramBot  # noqa: PLC0415
    from aiogram.client.session.aiohttp import AiohttpSession  # noqa: PLC0415
    from aiogram.client.telegram import TelegramAPIServer  # noqa: PLC0415
    from aiogram.types import BufferedInputFile  # noqa: PLC0415

    server = TelegramAPIServer.from_base(api.url)
    async with AiogramBot(api.token, session=AiohttpSession(api=server)) as bot:
        api.person(7).says("/start")
        [update] = await bot.get_updates(timeout=1)
        me = await bot.get_me()
        sent = await bot.send_message(7, "moi")
        file = await bot.send_document(7, BufferedInputFile(CALENDAR, "ryhma.ics"))

    assert update.message
    assert (update.message.text, me.username, sent.text) == ("/start", "vertti_test_bot", "moi")
    assert file.document
    assert file.document.file_name == "ryhma.ics"


async def test_what_the_bot_shows_of_itself_is_kept_for_each_language(api: BotApi, bot: Bot):
    await bot.set_my_commands([BotCommand("seuraava", "Seuraava tapaaminen")], language_code="fi")
    await bot.set_my_commands([BotCommand("next", "Next meeting")])
    await bot.set_my_description("Ryhmän kaveri", language_code="fi")
    await bot.set_my_short_description("Kaveri")
    await bot.set_my_name("Vertti")
    kept = await bot.get_my_commands(language_code="fi")
    await bot.delete_my_commands()

    assert kept == (BotCommand("seuraava", "Seuraava tapaaminen"),)
    assert api.commands("fi") == [{"command": "seuraava", "description": "Seuraava tapaaminen"}]
    assert api.commands() == []
    assert api.profile["description"] == {"fi": "Ryhmän kaveri"}


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"commands": [{"command": "päivä", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a-b", "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a" * 33, "description": "x"}]}, "BOT_COMMAND_INVALID"),
        ({"commands": [{"command": "a", "description": ""}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x" * 257}]}, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ({"commands": [{"command": "a", "description": "x"}] * 101}, "BOT_COMMANDS_TOO_MUCH"),
        ({"commands": [], "language_code": "fin"}, "invalid language code specified"),
        (
            {"commands": [], "scope": {"type": "all"}},
            "can't parse BotCommandScope: Unsupported type specified",
        ),
    ],
)
async def test_commands_that_telegram_would_not_list_are_refused(call: Call, parameters, what):
    assert await call("setMyCommands", **parameters) == refusal(what)


async def test_descriptions_have_their_lengths(call: Call):
    assert (await call("setMyDescription", description="x" * 512))["ok"]
    assert not (await call("setMyDescription", description="x" * 513))["ok"]
    assert (await call("setMyShortDescription", short_description="x" * 120))["ok"]
    assert not (await call("setMyShortDescription", short_description="x" * 121))["ok"]


async def test_a_wrong_token_or_method_is_not_served(api: BotApi, call: Call):
    assert await call("sendMesage") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }
    for token in ("700000001:some-other-secret", "no-token"):
        with pytest.raises(InvalidToken):
            async with Bot(token, base_url=f"{api.url}/bot"):
                pass

    assert [(each.code, each.description) for each in api.ledger.refused] == [
        (404, "Not Found: method not found"),
        (401, "Unauthorized"),
        (404, "Not Found"),
    ]


# 4. Checks after entity parsing.


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({}, "message text is empty"),
        ({"text": ""}, "message text is empty"),
        ({"text": " \n"}, "text must be non-empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "x", "parse_mode": "MarkdownV2"}, "unsupported parse_mode"),
        ({"text": "a", "reply_markup": []}, "object expected as reply markup"),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": 1}},
            'field "inline_keyboard" must be of type Array',
        ),
        ({"text": "a", "reply_markup": keyboard(data_button("ä" * 33))}, "BUTTON_DATA_INVALID"),
        (
            {"text": "a", "reply_markup": keyboard({"text": "a"})},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "a", "reply_markup": keyboard({"callback_data": "a"})},
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (
            {"text": "a", "reply_markup": keyboard({**data_button("a"), "url": "https://a.fi"})},
            "can't parse inline keyboard button: More than one action",
        ),
        (
            {"text": "a", "reply_markup": keyboard({"text": "a", "url": "http://localhost:8080/"})},
            "inline keyboard button URL 'http://localhost:8080/' is invalid: Wrong HTTP URL",
        ),
        (
            {"text": "a", "reply_markup": keyboard({"text": "a", "url": "ftp://example.com"})},
            "inline keyboard button URL 'ftp://example.com' is invalid: Unsupported URL protocol",
        ),
        ({"text": "a", "reply_markup": keyboard(*[data_button("a")] * 101)}, "reply markup is too long"),
        (
            {"text": "a", "link_preview_options": {"is_disabled": "yes"}},
            'field "is_disabled" must be of type Boolean',
        ),
        ({"text": "a", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "a", "allow_paid_broadcast": True}, "FLOODSKIP_NOT_ALLOWED"),
        ({"text": "a", "parsemode": "HTML"}, "sendMessage knows no parameter 'parsemode'"),
        ({"text": "a", "chat_id": ""}, "chat_id is empty"),
        ({"text": "a", "chat_id": 8}, "chat not found"),
        ({"text": "a", "chat_id": "@nobody"}, "chat not found"),
        ({"text": "a", "chat_id": -1}, "chat not found"),
    ],
)
async def test_a_message_that_telegram_would_refuse_is_refused(api: BotApi, call: Call, parameters, what):
    api.person(7, started=True)

    assert await call("sendMessage", **{"chat_id": 7, **parameters}) == refusal(what)
    assert api.ledger.accepted == []
    assert api.ledger.refused[0].description == f"Bad Request: {what}"


@pytest.mark.parametrize(
    "parameters",
    [
        {"text": "x" * 4096},
        {"text": "😀" * 4096},
        {"text": f"<b>{'x' * 4096}</b>", "parse_mode": "html"},
        {"text": "a", "reply_markup": keyboard(data_button("ä" * 32))},
        {
            "text": "a",
            "reply_markup": keyboard({"text": "Avaa", "url": "https://t.me/vertti_test_bot?start=a"}),
        },
        {"text": "a", "reply_markup": {"force_reply": True}},
        {"text": "a", "link_preview_options": {"is_disabled": True}},
        {"text": "a", "reply_parameters": {"message_id": 99, "allow_sending_without_reply": True}},
        {"text": "😀a", "entities": [{"type": "bold", "offset": 2, "length": 1}]},
    ],
)
async def test_a_message_that_just_fits_is_sent(api: BotApi, call: Call, parameters):
    api.person(7, started=True)

    assert (await call("sendMessage", chat_id=7, **parameters))["ok"]


@pytest.mark.parametrize(
    ("entity", "what"),
    [
        ({"offset": 1, "length": 2}, "entity begins in a middle of a UTF-16 symbol at UTF-16 offset 1"),
        (
            {"offset": 0, "length": 1},
            "entity beginning at UTF-16 offset 0 ends in a middle of a UTF-16 symbol at UTF-16 offset 1",
        ),
        (
            {"offset": 2, "length": 2},
            "entity beginning at UTF-16 offset 2 ends after the end of the text at UTF-16 offset 4",
        ),
        ({"offset": 4, "length": 1}, "entity begins after the end of the text at UTF-16 offset 4"),
        ({"offset": -1, "length": 1}, "receive an entity with incorrect offset -1"),
        ({"offset": 0, "length": 2, "type": "loud"}, "can't parse MessageEntity: Unsupported type specified"),
        (
            {"offset": 0, "length": 2, "type": "text_link"},
            "can't parse MessageEntity: Can't find field \"url\"",
        ),
    ],
)
async def test_entities_are_counted_in_utf16_units(api: BotApi, call: Call, entity, what):
    api.person(7, started=True)

    answer = await call("sendMessage", chat_id=7, text="😀a", entities=[{"type": "bold", **entity}])

    assert answer == refusal(what)


@pytest.mark.parametrize(
    ("markup", "what"),
    [
        ("🏟 🏟&lt;<abac>", 'Unsupported start tag "abac" at byte offset 13'),
        ("🏟 🏟&lt;<abacaba", "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;<i   =aba>", 'Empty attribute name in the tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba>", 'Can\'t find end tag corresponding to start tag "i"'),
        ("🏟 🏟&lt;<i    aba  =  ", 'Unclosed start tag "i" at byte offset 13'),
        ("🏟 🏟&lt;<i    aba  =  190azAz-.,", "Unexpected end of name token at byte offset 27"),
        ('🏟 🏟&lt;<i    aba  =  "&lt;&gt;&quot;>', "Unclosed start tag at byte offset 13"),
        ("🏟 🏟&lt;</", "Unexpected end tag at byte offset 13"),
        ("🏟 🏟&lt;<i>a</i   ", "Unclosed end tag at byte offset 17"),
        ("<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("klo 13 < 15", 'Unsupported start tag "" at byte offset 7'),
        ('<span class="x">a</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            "&#57311;",
            "Text contains invalid Unicode characters after decoding HTML entities, check for unmatched surrogate code units",
        ),
    ],
)
async def test_bad_html_is_refused_with_the_place_in_bytes(api: BotApi, call: Call, markup, what):
    api.person(7, started=True)

    answer = await call("sendMessage", chat_id=7, text=markup, parse_mode="HTML")

    assert answer == refusal(f"can't parse entities: {what}")


@pytest.mark.parametrize(
    ("markup", "plain", "entities"),
    [
        ("&ge;&lt;&gt;&amp;&quot;&laquo;&#12345678;", '&ge;<>&"&laquo;&#12345678;', []),
        ("🏟 🏟<i>🏟 &lt🏟</i>", "🏟 🏟🏟 <🏟", [{"type": "italic", "offset": 5, "length": 6}]),
        (
            "🏟 🏟<i>🏟 &gt;<b aba   =   caba>&lt🏟</b></i>",
            "🏟 🏟🏟 ><🏟",
            [{"type": "italic", "offset": 5, "length": 7}, {"type": "bold", "offset": 9, "length": 3}],
        ),
        ("<b></b>a</", None, None),
        (
            "<a href='https://a.fi/?a=1&amp;b'>a</a>",
            "a",
            [{"type": "text_link", "offset": 0, "length": 1, "url": "https://a.fi/?a=1&b"}],
        ),
        (
            "<blockquote expandable>a</>",
            "a",
            [{"type": "expandable_blockquote", "offset": 0, "length": 1}],
        ),
        (
            '<tg-emoji emoji-id="54321">👍</tg-emoji>',
            "👍",
            [{"type": "custom_emoji", "offset": 0, "length": 2, "custom_emoji_id": "54321"}],
        ),
    ],
)
async def test_html_is_read_as_telegram_reads_it(markup, plain, entities):
    if plain is None:
        with pytest.raises(Exception, match="Unexpected end tag at byte offset 8"):
            parse_html(markup)
        return

    assert parse_html(markup) == (plain, entities)


async def test_white_space_around_a_text_is_taken_away_and_its_entities_move(api: BotApi, call: Call):
    api.person(7, started=True)

    answer = await call("sendMessage", chat_id=7, text="\n <b> moi </b> ", parse_mode="HTML")

    assert answer["result"]["text"] == "moi"
    assert answer["result"]["entities"] == [{"type": "bold", "offset": 0, "length": 3}]


@pytest.mark.parametrize(
    ("method", "parameters", "what"),
    [
        ("sendDocument", {}, "there is no document in the request"),
        ("sendDocument", {"document": "https://a.fi/a.ics"}, "wrong file identifier/HTTP URL specified"),
        ("sendPhoto", {}, "there is no photo in the request"),
        ("sendPoll", {"question": "", "options": ["a"]}, "poll question must be non-empty"),
        (
            "sendPoll",
            {"question": "x" * 301, "options": ["a"]},
            "poll question length must not exceed 300",
        ),
        ("sendPoll", {"question": "a", "options": []}, "poll must have at least 1 option"),
        ("sendPoll", {"question": "a", "options": ["a"] * 13}, "poll can't have more than 12 options"),
        (
            "sendPoll",
            {"question": "a", "options": ["x" * 101]},
            "poll options length must not exceed 100",
        ),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
    ],
)
async def test_other_things_have_their_limits_too(api: BotApi, call: Call, method, parameters, what):
    api.person(7, started=True)
    chat = {} if method == "answerCallbackQuery" else {"chat_id": 7}

    assert await call(method, **chat, **parameters) == refusal(what)


async def test_files_are_checked_for_size_and_captions_for_length(api: BotApi, bot: Bot):
    api.person(7, started=True)

    with pytest.raises(BadRequest, match="File must be non-empty"):
        await bot.send_document(7, b"", filename="a.ics")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await bot.send_document(7, CALENDAR, caption="x" * 1025)
    with pytest.raises(BadRequest, match="Image_process_failed"):
        await bot.send_photo(7, CALENDAR)
    with pytest.raises(BadRequest, match="bytes is too big for a photo"):
        await bot.send_photo(7, PNG + bytes(10_000_000))

    sent = await bot.send_document(
        7, CALENDAR, filename="a.ics", caption=f"<b>{'x' * 1024}</b>", parse_mode="HTML"
    )
    assert sent.document
    again = await bot.send_document(7, sent.document.file_id)
    assert again.document
    assert again.document.file_name == "a.ics"
