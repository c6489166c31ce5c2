"""What a message becomes on Matrix, read back as a person would: in a client that shows HTML, and in one that does not."""

import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.phrases import fold, number_of
from bot.messages import Lane, Outgoing, Place, ShownButton
from bot.transports.matrix_content import (
    BUTTONS,
    KEYCAPS,
    MOST_ANSWERS,
    POLL_START,
    Part,
    buttons_of,
    choose,
    contents,
    file_content,
    poll_answers,
    reactions_for,
)

ME = "@vertti:ryhma.example"
AINO = Place("matrix", "@aino:ryhma.example")
GROUP = Place("matrix", "!ryhma", "group")

HOME = ShownButton("Alkuun", "t1.home")
STOP = ShownButton("Lopeta", "t2.stop")
PAGE = ShownButton("Lue lisää", url="https://ryhma.example/?a=1&b=2")
POLL = ShownButton("Vastaa", deep_link="kysely-12")
YES = ShownButton("Kyllä", "t3.vote|1|yes", answer=True)
NO = ShownButton("Ei", "t4.vote|1|no", answer=True)


def outgoing(text: str, *buttons: ShownButton, lane: Lane = Lane.REPLY, hint: str = "") -> Outgoing:
    return Outgoing(key="k", where=AINO, text=text, buttons=buttons, lane=lane, hint=hint)


def push(text: str, *buttons: ShownButton) -> Outgoing:
    return outgoing(text, *buttons, lane=Lane.REMINDER, hint="Vastaa sanalla:")


def in_private(message: Outgoing) -> tuple[Part, ...]:
    return contents(message, encrypted=True, room_of_two=True)


def in_group(message: Outgoing) -> tuple[Part, ...]:
    return contents(replace(message, where=GROUP), encrypted=True, room_of_two=False)


def words_of(message: Outgoing) -> dict[str, Any]:
    """Give the content that says it in private."""
    return in_private(message)[0].content


# ---- what it looks like -----------------------------------------------------------------------------


def test_a_plain_message_is_its_text_and_calls_nobody():
    assert in_private(outgoing("<b>Ti</b> 24.11. & @room\nklo 13")) == (
        Part(
            "",
            "m.room.message",
            {"msgtype": "m.text", "body": "<b>Ti</b> 24.11. & @room\nklo 13", "m.mentions": {}},
        ),
    )


def test_a_menu_that_somebody_waits_for_is_a_numbered_list():
    assert in_private(outgoing("Mitä <nyt>?\nValitse:", HOME, PAGE, STOP)) == (
        Part(
            "",
            "m.room.message",
            {
                "msgtype": "m.text",
                "body": (
                    "Mitä <nyt>?\nValitse:\n\n1. Alkuun\n2. Lopeta\nLue lisää: https://ryhma.example/?a=1&b=2"
                ),
                "format": "org.matrix.custom.html",
                "formatted_body": (
                    "<p>Mitä &lt;nyt&gt;?<br>Valitse:</p><ol><li>Alkuun</li><li>Lopeta</li></ol>"
                    '<p><a href="https://ryhma.example/?a=1&amp;b=2">Lue lisää</a></p>'
                ),
                "m.mentions": {},
                "fi.vertti.buttons": [["Alkuun", "t1.home"], ["Lopeta", "t2.stop"]],
            },
        ),
    )


def test_a_push_offers_words_and_no_numbers():
    assert words_of(push("Ryhmä on huomenna.", HOME, STOP)) == {
        "msgtype": "m.text",
        "body": "Ryhmä on huomenna.\n\nVastaa sanalla: Alkuun · Lopeta",
        "format": "org.matrix.custom.html",
        "formatted_body": (
            "<p>Ryhmä on huomenna.</p><p>Vastaa sanalla: <strong>Alkuun</strong> · <strong>Lopeta</strong></p>"
        ),
        "m.mentions": {},
        "fi.vertti.buttons": [["Alkuun", "t1.home"], ["Lopeta", "t2.stop"]],
        "fi.vertti.pushed": True,
    }


def test_a_hint_stands_above_the_numbers_of_a_menu():
    content = words_of(replace(outgoing("Mitä nyt?", HOME), hint="Kirjoita numero:"))

    assert content["body"] == "Mitä nyt?\n\nKirjoita numero:\n1. Alkuun"
    assert content["formatted_body"] == "<p>Mitä nyt?</p><p>Kirjoita numero:</p><ol><li>Alkuun</li></ol>"


def test_the_first_word_of_a_label_is_enough_where_no_other_begins_so():
    content = words_of(
        push(
            "Muistutus",
            ShownButton("Tauko 2 viikkoa", data="a"),
            ShownButton("Ota takaisin", data="b"),
            ShownButton("Ota pois", data="c"),
        )
    )

    assert [choose(content, said) for said in ("tauko", "ota", "ota pois", "2")] == ["a", None, "c", "b"]


def test_what_decides_is_chosen_by_all_of_its_words_and_not_by_the_first():
    content = words_of(outgoing("Poistetaanko?", ShownButton("Kyllä, poista", data="a", decides=True)))

    assert [choose(content, said) for said in ("kyllä", "kyllä, poista", "1")] == [None, "a", "a"]


def test_a_button_that_leads_to_the_private_chat_says_what_to_type():
    (part,) = in_group(outgoing("Uusi kysely.", POLL, lane=Lane.BROADCAST))

    assert part.content == {
        "msgtype": "m.text",
        "body": "Uusi kysely.\n\nVastaa: !kysely 12",
        "format": "org.matrix.custom.html",
        "formatted_body": "<p>Uusi kysely.</p><p>Vastaa: <strong>!kysely 12</strong></p>",
        "m.mentions": {},
        "fi.vertti.pushed": True,
    }


def test_in_private_already_it_says_what_to_type():
    assert words_of(outgoing("Uusi kysely.", POLL))["body"] == "Uusi kysely.\n\nVastaa: !kysely 12"


@pytest.mark.parametrize(
    ("payload", "typed"), [("aloita", "!aloita"), ("kysely-12", "!kysely 12"), ("a-b-c", "!a b-c")]
)
def test_a_deep_link_is_a_command_to_type(payload: str, typed: str):
    body = words_of(outgoing("Hei", ShownButton("Jatka", deep_link=payload)))["body"]

    assert body == f"Hei\n\nJatka: {typed}"


@pytest.mark.parametrize(
    ("lane", "private", "kind"),
    [
        (Lane.REPLY, True, "m.text"),
        (Lane.REPLY, False, "m.notice"),
        *((lane, private, "m.text") for lane in Lane if lane is not Lane.REPLY for private in (True, False)),
    ],
)
def test_only_answers_among_many_come_without_a_sound(lane: Lane, kind: str, *, private: bool):
    message = outgoing("Hei", HOME, lane=lane)
    (part,) = in_private(message) if private else in_group(message)

    assert part.content["msgtype"] == kind


# ---- polls ------------------------------------------------------------------------------------------


def test_a_question_in_an_encrypted_room_of_two_is_a_poll_as_well():
    words, poll = in_private(outgoing("Tuletko?", YES, NO, HOME))

    assert words.content["body"] == "Tuletko?\n\n1. Kyllä\n2. Ei\n3. Alkuun"
    assert poll == Part(
        ":poll",
        "org.matrix.msc3381.poll.start",
        {
            "org.matrix.msc3381.poll.start": {
                "question": {"org.matrix.msc1767.text": "Tuletko?"},
                "kind": "org.matrix.msc3381.poll.undisclosed",
                "max_selections": 1,
                "answers": [
                    {"id": "t3.vote|1|yes", "org.matrix.msc1767.text": "Kyllä"},
                    {"id": "t4.vote|1|no", "org.matrix.msc1767.text": "Ei"},
                ],
            },
            "org.matrix.msc1767.text": "Tuletko?\n1. Kyllä\n2. Ei",
            "m.mentions": {},
            "fi.vertti.buttons": [["Kyllä", "t3.vote|1|yes", True], ["Ei", "t4.vote|1|no", True]],
        },
    )
    assert poll_answers(poll.content) == (YES.data, NO.data)


def test_a_question_in_the_clear_is_words_alone():
    (part,) = contents(outgoing("Tuletko?", YES, NO), encrypted=False, room_of_two=True)

    assert part.content["body"] == "Tuletko?\n\n1. Kyllä\n2. Ei"


@pytest.mark.parametrize("encrypted", [True, False])
@pytest.mark.parametrize("lane", Lane)
def test_among_many_nothing_secret_is_asked(lane: Lane, *, encrypted: bool):
    message = outgoing("Tuletko?", HOME, YES, NO, lane=lane)
    whole = contents(message, encrypted=encrypted, room_of_two=False)

    assert [part.type for part in whole] == ["m.room.message"]
    assert buttons_of(whole[0].content) == (HOME,)
    assert "Kyllä" not in json.dumps(whole[0].content, ensure_ascii=False)


def test_a_message_without_a_question_is_no_poll():
    assert len(in_private(outgoing("Mitä nyt?", HOME, STOP))) == 1


@pytest.mark.parametrize(("count", "is_poll"), [(MOST_ANSWERS, True), (MOST_ANSWERS + 1, False)])
def test_a_poll_that_clients_would_cut_short_is_words_alone(count: int, *, is_poll: bool):
    answers = [replace(YES, label=f"Päivä {number}", data=f"t.{number}") for number in range(count)]
    parts = in_private(outgoing("Milloin?", *answers))

    assert [part.suffix for part in parts] == ["", ":poll"][: 1 + is_poll]
    assert buttons_of(parts[0].content) == tuple(answers)


@pytest.mark.parametrize(("length", "shown"), [(340, "a" * 340), (341, "a" * 339 + "…")])
def test_a_long_question_is_cut_in_the_poll_and_whole_in_the_words(length: int, shown: str):
    words, poll = in_private(outgoing("a" * length, YES, NO))

    assert poll.content[POLL_START]["question"] == {"org.matrix.msc1767.text": shown}
    assert words.content["body"].startswith("a" * length + "\n")


@given(st.data())
def test_a_start_that_is_not_as_we_write_it_offers_no_answer_or_strings(data: st.DataObject):
    answers = data.draw(JUNK)
    content = data.draw(st.sampled_from((answers, {POLL_START: answers}, {POLL_START: {"answers": answers}})))

    assert all(isinstance(each, str) and each for each in poll_answers(content))


def test_no_more_answers_are_taken_than_were_shown():
    start = {POLL_START: {"answers": [{"id": str(number)} for number in range(MOST_ANSWERS + 5)]}}

    assert len(poll_answers(start)) == MOST_ANSWERS


# ---- reactions --------------------------------------------------------------------------------------


def test_a_menu_gets_a_keycap_for_each_button():
    assert reactions_for(outgoing("Mitä nyt?", HOME, STOP)) == ("1️⃣", "2️⃣")


@pytest.mark.parametrize(
    "message",
    [
        outgoing("Hei"),
        push("Ryhmä on huomenna.", HOME),
        outgoing("Tuletko?", HOME, YES),
        outgoing("Lue", HOME, PAGE),
        outgoing("Kysely", HOME, POLL),
        outgoing("Paljon", *[HOME] * 10),
    ],
)
def test_nothing_else_gets_reactions(message: Outgoing):
    assert reactions_for(message) == ()


def test_nine_buttons_get_nine_keycaps_that_choose_them():
    buttons = tuple(ShownButton(f"Sivu {number}", f"t.{number}") for number in range(9))
    message = outgoing("Mikä?", *buttons)
    content = words_of(message)

    assert [choose(content, each, by_reaction=True) for each in reactions_for(message)] == [
        each.data for each in buttons
    ]


# ---- files ------------------------------------------------------------------------------------------


def test_a_file_in_the_clear_lies_at_its_address():
    content = file_content("ryhma.ics", "text/calendar", 412, address="mxc://ryhma.example/1")

    assert content == {
        "msgtype": "m.file",
        "body": "ryhma.ics",
        "filename": "ryhma.ics",
        "info": {"mimetype": "text/calendar", "size": 412},
        "url": "mxc://ryhma.example/1",
        "m.mentions": {},
    }


def test_an_encrypted_file_comes_with_its_keys_and_with_no_address_in_the_clear():
    keys = {"v": "v2", "key": {"k": "abc"}, "iv": "iv", "hashes": {"sha256": "h"}}
    content = file_content("tulos.png", "image/png", 9, address="mxc://ryhma.example/2", keys=keys)

    assert content == {
        "msgtype": "m.image",
        "body": "tulos.png",
        "filename": "tulos.png",
        "info": {"mimetype": "image/png", "size": 9},
        "file": {**keys, "url": "mxc://ryhma.example/2"},
        "m.mentions": {},
    }


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/jpeg", "m.image"),
        ("image/svg+xml", "m.file"),
        ("application/pdf", "m.file"),
        ("text/plain", "m.file"),
    ],
)
def test_only_what_clients_show_is_a_picture(media_type: str, kind: str):
    assert file_content("a", media_type, 1, address="mxc://a/b")["msgtype"] == kind


# ---- whatever is said -------------------------------------------------------------------------------

TEXTS = st.text(min_size=1) | st.text("<>&\"'\n a1.:·", min_size=1)
LABELS = st.text(min_size=1, max_size=24) | st.sampled_from(
    ("Kyllä", "kylla", "1", "2.", "<b>", "Alkuun\n9. Ei", "👍")
)
NUMBERS = st.integers(0, 9).map(str)
CHOICES = st.builds(ShownButton, LABELS, NUMBERS.map("t.{}".format), answer=st.booleans())
PAGES = st.builds(
    ShownButton,
    LABELS,
    url=st.sampled_from(("https://a.example/?a=1&b=\"><script>'", "https://ä.example/#x")),
)
LINKS = st.builds(ShownButton, LABELS, deep_link=st.sampled_from(("kysely-12", "aloita")))
BUTTONED = st.lists(CHOICES | PAGES | LINKS, max_size=8).map(tuple)
MESSAGES = st.builds(
    Outgoing,
    key=st.just("k"),
    where=st.just(AINO),
    text=TEXTS,
    buttons=BUTTONED,
    lane=st.sampled_from(Lane),
    hint=st.sampled_from(("", "Vastaa sanalla:", "<i>&")),
)
ROOMS = st.booleans()
JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.just(["Alkuun", "t1.home"])
    | st.just({"id": "a"}),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(("id", "answers")), inner),
    max_leaves=6,
)


class AsShown(HTMLParser):
    """Reads HTML as it looks: numbers before the entries of a list, the address after what leads there."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self._number = 0
        self._link: tuple[str, int] = ("", 0)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        match tag:
            case "li":
                self._number += 1
                self.text += f"\n{self._number}. "
            case "a":
                ((name, address),) = attrs
                assert (name, address is not None) == ("href", True)
                self._link = (str(address), len(self.text))
            case "p" | "br" | "ol":
                self.text += "\n"
            case _:
                assert tag == "strong"

    def handle_endtag(self, tag: str) -> None:
        address, start = self._link
        if tag == "a" and self.text[start:] != address:
            self.text += f": {address}"

    def handle_data(self, data: str) -> None:
        self.text += data


@given(message=MESSAGES, private=ROOMS)
def test_the_formatted_words_are_the_same_words(message: Outgoing, *, private: bool):
    content = contents(message, encrypted=False, room_of_two=private)[0].content
    if "formatted_body" not in content:
        assert content["body"] == message.text
        return

    assert AsShown(content["formatted_body"]).text.split() == content["body"].split()


@given(message=MESSAGES, private=ROOMS)
def test_the_text_is_shown_literally_and_every_button_below_it(message: Outgoing, *, private: bool):
    body = contents(message, encrypted=True, room_of_two=private)[0].content["body"]
    shown = [each for each in message.buttons if private or not each.answer]
    below = body.removeprefix(message.text)

    assert body == message.text + below
    assert bool(below) == bool(shown)
    assert all(each.label in below and (each.url or "") in below for each in shown)


@given(message=MESSAGES, private=ROOMS, encrypted=st.booleans())
def test_every_event_is_plain_json_and_calls_nobody(message: Outgoing, *, private: bool, encrypted: bool):
    for part in contents(message, encrypted=encrypted, room_of_two=private):
        assert json.loads(json.dumps(part.content)) == part.content
        assert part.content["m.mentions"] == {}


@given(MESSAGES)
def test_a_number_in_the_list_chooses_what_stands_behind_it(message: Outgoing):
    content = words_of(replace(message, lane=Lane.REPLY))
    choices = [each for each in message.buttons if each.data]

    assert buttons_of(content) == tuple(choices)
    for number, button in enumerate(choices, 1):
        assert f"\n{number}. {button.label}" in content["body"]
        assert choose(content, number) == choose(content, f"{number}.") == button.data
    assert choose(content, 0) is None
    assert choose(content, len(choices) + 1) is None
    assert choose(content, -1) is None


@given(MESSAGES, st.data())
def test_typed_words_choose_the_first_button_that_is_called_so(message: Outgoing, data: st.DataObject):
    content = words_of(message)
    typed = data.draw(st.sampled_from([each.label for each in message.buttons] or ["Alkuun"]))
    choices = [each for each in message.buttons if each.data]
    meant = [each.data for each in choices if fold(each.label) == fold(typed) != ""]

    if number_of(typed) is None:
        assert choose(content, typed.upper() if typed.isascii() else typed) == (meant[0] if meant else None)


@given(MESSAGES, st.integers(0, 10).map(str) | st.sampled_from(KEYCAPS) | LABELS)
def test_a_reaction_never_answers(message: Outgoing, key: str):
    chosen = choose(words_of(message), key, by_reaction=True)
    open_to_all = {each.data for each in message.buttons if each.data and not each.answer}
    secret = {each.data for each in message.buttons if each.answer}

    assert chosen is None or chosen in open_to_all
    assert chosen is None or choose(words_of(message), key) == chosen
    assert not (secret - open_to_all) & {chosen}


@given(st.data())
def test_buttons_that_are_not_as_we_write_them_are_none(data: st.DataObject):
    junk = data.draw(JUNK)
    content = data.draw(st.sampled_from((junk, {BUTTONS: junk})))
    found = buttons_of(content)

    assert all(each.data and isinstance(each.label, str) for each in found)
    assert choose(content, 1) == (found[0].data if found else None)


@pytest.mark.parametrize(
    "carried",
    [
        "Alkuun",
        {"0": ["Alkuun", "t1.home"]},
        [["Alkuun"]],
        [["Alkuun", ""]],
        [["Alkuun", "t1.home", False]],
        [["Alkuun", "t1.home", 1]],
        [["Alkuun", "t1.home", True, True]],
        [["Alkuun", 5]],
        ["ab"],
        [["Alkuun", "t1.home"], None],
    ],
)
def test_one_button_that_is_not_as_we_write_it_spoils_them_all(carried: Any):
    assert buttons_of({BUTTONS: carried}) == ()


def in_utf16(text: str, most: int) -> str:
    """Cut a text to so many UTF-16 units, as a text is split before it comes to a transport."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")


# What grows when it is written: escaped in HTML, in JSON, and 💬 to twelve bytes in the JSON that is encrypted.
GROWING = st.sampled_from(("💬", "&", "<", '"', "\\", "\x01", "\n", "ä", "\u2028", "a"))


@given(
    letters=st.lists(GROWING, min_size=1, max_size=4).map("".join),
    answer=st.booleans(),
    lane=st.sampled_from(Lane),
    leads=st.integers(0, 3),
)
def test_the_longest_message_fits_into_an_event_whatever_it_says(
    letters: str, lane: Lane, leads: int, *, answer: bool
):
    text, label = (in_utf16(letters * most, most) for most in (4000, 64))
    choices = [ShownButton(label, "x" * 63 + str(number), answer=answer) for number in range(8 - leads)]
    pages = [ShownButton(label, url="https://a.example/" + "&" * 500)] * leads
    for part in in_private(outgoing(text, *choices, *pages, lane=lane, hint=label)):
        assert len(json.dumps(part.content, separators=(",", ":"))) < 40 * 1024


def test_what_is_too_long_in_both_shapes_is_said_in_plain_words():
    content = words_of(outgoing("💬" * 2000, HOME))

    assert "formatted_body" not in content
    assert "format" not in content
    assert content["body"].endswith("\n\n1. Alkuun")
    assert buttons_of(content) == (HOME,)


def test_what_was_said_stands_in_no_log():
    assert "Kanarialintu" not in repr(
        in_private(outgoing("Kanarialintu", replace(YES, label="Kanarialintu")))
    )
