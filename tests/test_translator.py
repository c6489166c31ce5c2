from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.i18n import Wording
from bot.messages import Button, Lane, Phrase, Picture, Place, Say, ShownButton, ShownPicture, button
from bot.store.outbox import Ready
from bot.store.vault import Vault
from bot.translator import Translator

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ANNA = Place("telegram", "anna")
ANNA_ON_MATRIX = Place("matrix", "@anna:example.org")
VAULT = Vault(bytes(range(32)))
WORDS = {
    "fi": {"x": ("Hei",), "long": ("a" * 40 + " " + "b" * 40,), "yes": ("Kyllä",), "push.words": ("Vastaa sanalla:",), "reply.numbers": ("Kirjoita numero:",)},
    "sv": {"push.words": ("Svara med ett ord:",)},
}  # fmt: skip
TRANSLATOR = Translator(Wording(WORDS, {}, lambda _: {}, "fi"), VAULT, "fi", ZoneInfo("Europe/Helsinki"))
YES = button("yes", "yes", "1")


def shown(say, *, lane=Lane.REPLY, language="fi", max_text=4096, where=ANNA_ON_MATRIX):
    ready = Ready("key", 7, where, language, named=False, lane=lane, say=say, useful_until=None)
    return TRANSLATOR.outgoing(ready, now=NOW, max_text=max_text)


def test_a_button_is_sealed_and_says_whether_it_is_an_answer():
    answer = Button(Phrase("yes"), "vote", ("3", "1"), answer=True)
    (message,) = shown(Say(Phrase("x"), (answer, YES)))

    assert message.buttons == (
        ShownButton("Kyllä", VAULT.seal_button(7, "vote", ("3", "1")), answer=True),
        ShownButton("Kyllä", VAULT.seal_button(7, "yes", ("1",))),
    )


@pytest.mark.parametrize("lane", [Lane.NOTICE, Lane.REMINDER, Lane.BROADCAST])
def test_a_push_with_buttons_says_in_the_readers_language_how_to_answer_without_them(lane):
    hints = [shown(Say(Phrase("x"), (YES,)), lane=lane, language=each)[0].hint for each in ("fi", "sv", None)]

    assert hints == ["Vastaa sanalla:", "Svara med ett ord:", "Vastaa sanalla:"]


def test_a_reply_says_to_write_a_number():
    assert shown(Say(Phrase("x"), (YES,)))[0].hint == "Kirjoita numero:"


def test_where_there_are_buttons_no_hint_is_needed_nor_where_nothing_can_be_typed():
    page = Button(Phrase("yes"), url="https://a.example")
    link = Button(Phrase("yes"), deep_link="kysely-1")
    hints = [
        shown(Say(Phrase("x"), (YES,)), where=ANNA)[0].hint,
        shown(Say(Phrase("x"), (YES,)), lane=Lane.REMINDER, where=ANNA)[0].hint,
        shown(Say(Phrase("x")), lane=Lane.REMINDER)[0].hint,
        shown(Say(Phrase("x"), (page, link)), lane=Lane.BROADCAST)[0].hint,
    ]

    assert hints == ["", "", "", ""]


def test_of_a_text_too_long_for_one_message_the_last_has_buttons_and_hint():
    messages = shown(Say(Phrase("long"), (YES,)), lane=Lane.BROADCAST, max_text=60)

    assert [(each.key, len(each.buttons), each.hint) for each in messages] == [
        ("key", 0, ""),
        ("key#1", 1, "Vastaa sanalla:"),
    ]


def test_a_picture_goes_with_the_last_part_and_is_looked_for_in_the_content_folder():
    translator = Translator(
        Wording(WORDS, {}, lambda _: {}, "fi"),
        VAULT,
        "fi",
        ZoneInfo("Europe/Helsinki"),
        content_dir=Path("content"),
    )
    said = Say(Phrase("long"), picture=Picture("kuvat/ovi.png", Phrase("x")))
    ready = Ready("key", 7, ANNA, "fi", named=False, lane=Lane.REPLY, say=said, useful_until=None)
    pictures = [each.picture for each in translator.outgoing(ready, now=NOW, max_text=64)]

    assert pictures == [None, ShownPicture("kuvat/ovi.png", Path("content/kuvat/ovi.png"), "Hei")]
