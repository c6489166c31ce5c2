"""What Matrix events mean, told by events as clients write them."""

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.transports.matrix_events import (
    LONGEST_ID,
    LONGEST_KEY,
    MOST_TEXT,
    Malformed,
    Meaning,
    Reacted,
    Said,
    TakenBack,
    Unreadable,
    Voted,
    read_event,
)

ME = "@vertti:ryhma.example"
NAMES = ("vertti", "Vertti", "Ryhmän Vertti")
AINO = "@aino:ryhma.example"
JOHN = "@john:ryhma.example"

Event = dict[str, Any]


def event(kind: str, content: Any, **more: Any) -> Event:
    """Compose an event as a homeserver hands it out, or as it is once decrypted."""
    return {
        "type": kind,
        "sender": AINO,
        "event_id": "$said",
        "origin_server_ts": 1806000000000,
        "content": content,
        **more,
    }


def message(body: Any, **content: Any) -> Event:
    return event("m.room.message", {"msgtype": "m.text", "body": body, **content})


def relation(kind: str, target: str, **more: Any) -> dict[str, Any]:
    return {"m.relates_to": {"rel_type": kind, "event_id": target, **more}}


def reply(body: str, to: str = "$menu", **content: Any) -> Event:
    return message(body, **{"m.relates_to": {"m.in_reply_to": {"event_id": to}}, **content})


def edit(body: Any, **content: Any) -> Event:
    new = {"msgtype": "m.text", "body": body, **content}
    return message(f"* {body}", **{"m.new_content": new}, **relation("m.replace", "$first"))


def reaction(key: Any) -> Event:
    return event("m.reaction", relation("m.annotation", "$menu", key=key))


def vote(kind: str, **selections: Any) -> Event:
    return event(kind, {**relation("m.reference", "$start"), **selections})


def redaction(content: dict[str, Any], **more: Any) -> Event:
    return event("m.room.redaction", content, **more)


def in_private(it: Any) -> Meaning | None:
    return read_event(it, me=ME, names=NAMES, alone_with=AINO)


def in_group(it: Any) -> Meaning | None:
    return read_event(it, me=ME, names=NAMES, alone_with=None)


def said(text: str, **more: Any) -> Said:
    return Said(text, addressed=True, **more)


QUOTED = "> <@vertti:ryhma.example> Valitse:\n> \n> 1. Alkuun\n> 2. Lopeta\n\n2"

TOLD: dict[str, tuple[Event, Meaning]] = {
    "plain words": (message("Milloin ryhmä kokoontuu?"), said("Milloin ryhmä kokoontuu?")),
    "words with markup": (
        message("*seuraava*", format="org.matrix.custom.html", formatted_body="<em>lopeta</em>"),
        said("*seuraava*"),
    ),
    "what /me says": (message("seuraava", msgtype="m.emote"), said("seuraava")),
    "words that rain confetti": (message("Hei! 🎉", msgtype="nic.custom.confetti"), said("Hei! 🎉")),
    "several lines": (message(" > yksi\nkaksi "), said(" > yksi\nkaksi ")),
    "an empty relation": (message("hei", **{"m.relates_to": {}}), said("hei")),
    "no relation": (message("hei", **{"m.relates_to": None}), said("hei")),
    "a relation of next year": (message("hei", **relation("m.lokki", "$menu")), said("hei")),
    "a reply": (reply("2"), said("2", replies_to="$menu")),
    "a reply of an old client": (reply(QUOTED), said("2", replies_to="$menu")),
    "a reply to what /me said": (
        reply("> * <@aino:ryhma.example> laulaa\n\nhei"),
        said("hei", replies_to="$menu"),
    ),
    "a reply with a quotation of its own": (
        reply("> Nähdään huomenna\n\nMihin aikaan?"),
        said("> Nähdään huomenna\n\nMihin aikaan?", replies_to="$menu"),
    ),
    "what looks like a reply": (message(QUOTED), said(QUOTED)),
    "words in a thread": (
        message(
            "1",
            **relation("m.thread", "$root", is_falling_back=True, **{"m.in_reply_to": {"event_id": "$last"}}),
        ),
        said("1", replies_to="$root"),
    ),
    "words in a thread of a bare client": (
        message("1", **relation("m.thread", "$root")),
        said("1", replies_to="$root"),
    ),
    "a reply within a thread": (
        message(
            "1",
            **relation(
                "m.thread", "$root", is_falling_back=False, **{"m.in_reply_to": {"event_id": "$menu"}}
            ),
        ),
        said("1", replies_to="$menu"),
    ),
    "an edit": (edit("seuraava"), said("seuraava", edits="$first")),
    "an edit with a mark": (edit("* tähti"), said("* tähti", edits="$first")),
    "an edit of what was said in reply": (
        edit("2", **{"m.relates_to": {"m.in_reply_to": {"event_id": "$menu"}}}),
        said("2", edits="$first"),
    ),
    "a picture": (
        message("IMG_1.jpg", msgtype="m.image", url="mxc://ryhma.example/1", info={}),
        Unreadable("", addressed=True),
    ),
    "a picture with its name": (
        message("talo.jpg", msgtype="m.image", filename="talo.jpg"),
        Unreadable("", addressed=True),
    ),
    "a picture with words": (
        message("Onko tämä oikea talo?", msgtype="m.image", filename="talo.jpg"),
        Unreadable("Onko tämä oikea talo?", addressed=True),
    ),
    "a picture whose words were edited": (
        edit("Onko tämä se?", msgtype="m.image", filename="talo.jpg"),
        Unreadable("Onko tämä se?", addressed=True, edits="$first"),
    ),
    "a voice message": (
        message("Voice message", msgtype="m.audio", **{"org.matrix.msc3245.voice": {}}),
        Unreadable("", addressed=True),
    ),
    "a film": (message("a.mp4", msgtype="m.video"), Unreadable("", addressed=True)),
    "a document": (message("a.pdf", msgtype="m.file", file={}), Unreadable("", addressed=True)),
    "a place on the map": (
        message("Olen täällä", msgtype="m.location", geo_uri="geo:60.1,24.9"),
        Unreadable("", addressed=True),
    ),
    "a sticker": (
        event("m.sticker", {"body": "Kissa", "url": "mxc://ryhma.example/2"}),
        Unreadable("", addressed=True),
    ),
    "a poll of theirs": (
        event("org.matrix.msc3381.poll.start", {"org.matrix.msc3381.poll.start": {}}),
        Unreadable("", addressed=True),
    ),
    "a digit under a menu": (reaction("1️⃣"), Reacted("$menu", "1️⃣", 1)),
    "a digit without its colours": (reaction("9\u20e3"), Reacted("$menu", "9\u20e3", 9)),
    "a bare digit": (reaction("3"), Reacted("$menu", "3", 3)),
    "a thumb": (reaction("👍"), Reacted("$menu", "👍", None)),
    "a keycap with no number of ours": (reaction("0️⃣"), Reacted("$menu", "0️⃣", None)),
    "two digits": (reaction("10"), Reacted("$menu", "10", None)),
    "a digit of another script": (reaction("٣"), Reacted("$menu", "٣", None)),
    "a redaction in an old room": (redaction({"reason": "oho"}, redacts="$vote"), TakenBack("$vote")),
    "a redaction in a room of version 11": (redaction({"redacts": "$vote"}), TakenBack("$vote")),
    "a redaction in both places": (redaction({"redacts": "$forged"}, redacts="$vote"), TakenBack("$vote")),
}


@pytest.mark.parametrize("name", TOLD)
def test_an_event_means(name: str):
    it, meaning = TOLD[name]

    assert in_private(it) == meaning


VOTES = {
    "as clients write it": vote(
        "org.matrix.msc3381.poll.response", **{"org.matrix.msc3381.poll.response": {"answers": ["kyllä"]}}
    ),
    "as the proposal stands": vote("m.poll.response", **{"m.selections": ["kyllä"]}),
    "as it stood before": vote("m.poll.response", **{"m.poll.response": {"answers": ["kyllä"]}}),
    "as it stood in between": vote(
        "org.matrix.msc3381.v2.poll.response", **{"org.matrix.msc3381.v2.selections": ["kyllä"]}
    ),
    "under two names": vote(
        "org.matrix.msc3381.poll.response",
        **{"m.selections": ["kyllä"], "org.matrix.msc3381.poll.response": {"answers": ["ei"]}},
    ),
    "for two answers": vote("m.poll.response", **{"m.selections": ["kyllä", "ei"]}),
}


@pytest.mark.parametrize("name", VOTES)
def test_a_vote_is_its_first_answer_however_it_is_written(name: str):
    assert in_private(VOTES[name]) == Voted("$start", "kyllä")


@pytest.mark.parametrize(
    "selections", [{"m.selections": []}, {"org.matrix.msc3381.poll.response": {"answers": []}}]
)
def test_a_vote_for_nothing_takes_back_what_was_chosen(selections: dict[str, Any]):
    assert in_private(vote("m.poll.response", **selections)) == Voted("$start", None)


OF_NO_CONCERN = {
    "our own words": message("Alkuun") | {"sender": ME},
    "our own reaction": reaction("1️⃣") | {"sender": ME},
    "another bot": message("seuraava", msgtype="m.notice"),
    "an edit of another bot": edit("seuraava", msgtype="m.notice"),
    "the homeserver itself": message("Huolto tänään", msgtype="m.server_notice"),
    "a wish to verify keys": message("verify?", msgtype="m.key.verification.request"),
    "blank words": message(" \n\t"),
    "an edit to nothing": edit(""),
    "a quotation and nothing else": reply("> <@aino:ryhma.example> hei"),
    "words that were taken back": event("m.room.message", {}),
    "a sticker that was taken back": event("m.sticker", {}, unsigned={"redacted_because": {}}),
    "a new name of the room": event("m.room.name", {"name": "Ryhmä"}, state_key=""),
    "a member": event("m.room.member", {"membership": "join"}, state_key=AINO),
    "a message as state": message("seuraava") | {"state_key": ""},
    "what is still encrypted": event("m.room.encrypted", {"algorithm": "m.megolm.v1.aes-sha2"}),
    "a reaction to nothing": event("m.reaction", {}),
    "a reference with a key": event("m.reaction", relation("m.reference", "$menu", key="1")),
    "a vote in nothing": event("m.poll.response", {"m.selections": ["a"]}),
    "the end of a poll": event("m.poll.end", relation("m.reference", "$start")),
    "a call": event("m.call.invite", {"call_id": "1"}),
    "something of next year": event("m.lokki", {"body": "kirkuu"}),
}


@pytest.mark.parametrize("name", OF_NO_CONCERN)
def test_an_event_is_of_no_concern(name: str):
    assert in_private(OF_NO_CONCERN[name]) is None


MALFORMED = {
    "nothing": None,
    "a list": [],
    "an event without a type": {"sender": AINO, "event_id": "$1", "content": {}},
    "an event without content": {"type": "m.room.message", "sender": AINO, "event_id": "$1"},
    "an event by nobody": message("hei") | {"sender": None},
    "an event by nobody with a name": message("hei") | {"sender": ""},
    "an event by half a letter": message("hei") | {"sender": "@\ud83d:x"},
    "an event without id": message("hei") | {"event_id": 5},
    "an event with an endless id": message("hei") | {"event_id": "$" * (LONGEST_ID + 1)},
    "a body that is a number": message(5),
    "no body": event("m.room.message", {"msgtype": "m.text"}),
    "half a letter": message("\ud83d"),
    "half a letter under a picture": message("\ud83d", msgtype="m.image", filename="a"),
    "no msgtype": event("m.room.message", {"body": "hei"}),
    "a msgtype that is a list": message("hei", msgtype=["m.text"]),
    "a relation that is a list": message("hei", **{"m.relates_to": []}),
    "a reply to a number": message("hei", **{"m.relates_to": {"m.in_reply_to": {"event_id": 1}}}),
    "a thread without a root": message("hei", **{"m.relates_to": {"rel_type": "m.thread"}}),
    "an edit of nothing": message("* hei", **{"m.relates_to": {"rel_type": "m.replace"}}),
    "an edit without new words": message("* hei", **relation("m.replace", "$first")),
    "an edit with a body that is a list": edit(["hei"]),
    "a reaction with a number": reaction(1),
    "a reaction without a key": event("m.reaction", relation("m.annotation", "$menu")),
    "a vote without answers": vote("m.poll.response"),
    "a vote with words for a list": vote("m.poll.response", **{"m.selections": "kyllä"}),
    "a vote for a number": vote("m.poll.response", **{"m.selections": [1]}),
    "a vote for an endless answer": vote("m.poll.response", **{"m.selections": ["a" * (LONGEST_ID + 1)]}),
    "a vote in a list": vote("m.poll.response", **{"m.poll.response": ["kyllä"]}),
    "a redaction of nothing": redaction({}),
    "a redaction of a number": redaction({"redacts": "$vote"}, redacts=7),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_not_as_matrix_writes_it_is_malformed(name: str):
    with pytest.raises(Malformed) as caught:
        in_private(MALFORMED[name])

    assert "hei" not in str(caught.value)


# ---- who is meant -----------------------------------------------------------------------------------

PILL = {"m.mentions": {"user_ids": [ME]}}
ANCHOR = f'<a data-mention-type="user" href="https://matrix.to/#/{ME}" contenteditable="false">Vertti</a>'

CALLED = {
    "the name and a colon": (message("Vertti: seuraava"), "seuraava"),
    "the name and a comma": (message("vertti, seuraava"), "seuraava"),
    "the name and a colon, spaced": (message("  Vertti : seuraava"), "seuraava"),
    "the whole name": (message("Ryhmän Vertti: seuraava"), "seuraava"),
    "the id": (message("@vertti:ryhma.example seuraava"), "seuraava"),
    "the id and a colon": (message("@vertti:ryhma.example: seuraava"), "seuraava"),
    "the name with an at": (message("@Vertti seuraava"), "seuraava"),
    "a line of its own": (message("Vertti:\nseuraava"), "seuraava"),
    "a pill that is a bare name": (message("Vertti seuraava", **PILL), "seuraava"),
    "a pill that is a link": (message(f"[Vertti](https://matrix.to/#/{ME}) seuraava", **PILL), "seuraava"),
    "a pill that is a link with signs": (
        message("[@vertti:ryhma.example](<https://matrix.to/#/%40vertti%3Aryhma.example>): seuraava"),
        "seuraava",
    ),
    "a pill that is an anchor": (message(f"{ANCHOR} seuraava"), "seuraava"),
    "a pill before a mark": (message("Vertti: !seuraava"), "!seuraava"),
    "an edit": (edit("Vertti: seuraava"), "seuraava"),
    "a mention in the new words of an edit": (edit("seuraava", **PILL), "seuraava"),
    "a reply of an old client": (reply("> <@aino:ryhma.example> hei\n\nVertti: seuraava"), "seuraava"),
    "nothing but the name": (message("Vertti:"), "Vertti:"),
    "nothing but the id": (message("@vertti:ryhma.example"), "@vertti:ryhma.example"),
    "a mention that shows nowhere": (message("seuraava", **PILL), "seuraava"),
    "the name within": (message("Hei Vertti, mitä on seuraavaksi?"), "Hei Vertti, mitä on seuraavaksi?"),
    "the name at the end": (message("seuraava @vertti."), "seuraava @vertti."),
    "the id at the end": (message(f"seuraava {ME}"), f"seuraava {ME}"),
    "the bare name": (message("Vertti seuraava"), "Vertti seuraava"),
    "the name without a space": (message("vertti:seuraava"), "vertti:seuraava"),
    "a mark": (message("!seuraava"), "!seuraava"),
    "a slash": (message("  /seuraava"), "  /seuraava"),
    "a wide mark": (message("！seuraava"), "！seuraava"),
    "a number": (message("1"), "1"),
    "two digits": (message(" 12. "), " 12. "),
    "a marked number": (message("!2"), "!2"),
    "a keycap": (message("1️⃣"), "1️⃣"),
}


@pytest.mark.parametrize("name", CALLED)
def test_who_speaks_to_the_bot_in_a_group_is_heard(name: str):
    it, text = CALLED[name]

    heard = in_group(it)

    assert isinstance(heard, Said)
    assert (heard.text, heard.addressed) == (text, True)


@pytest.mark.parametrize("name", CALLED)
def test_in_private_the_name_is_taken_off_in_the_same_way(name: str):
    it, text = CALLED[name]

    heard = in_private(it)

    assert isinstance(heard, Said)
    assert heard.text == text


NOT_CALLED = {
    "talk": message("Kuka tulee huomenna?"),
    "another person": message("@vertti:toinen.example seuraava"),
    "another person of a longer server": message("@vertti:ryhma.example.org seuraava"),
    "another person's pill": message("[Olli](https://matrix.to/#/@vertti:ryhma.example.org) seuraava"),
    "an address": message("kirjoita vertti@ryhma.example"),
    "an address at a name": message("kirjoita aino@vertti"),
    "a page": message("https://vertti.example/"),
    "a page that is called so": message("https://ryhma.example/vertti"),
    "a page without its beginning": message("www.vertti"),
    "a longer name": message("Verttiä ei näkynyt"),
    "a name that ends so": message("Ylivertti tulee"),
    "everybody": message("Hei kaikki", **{"m.mentions": {"room": True, "user_ids": [AINO]}}),
    "mentions that are none": message("Hei", **{"m.mentions": [ME]}),
    "one mention that is no list": message("Hei", **{"m.mentions": {"user_ids": ME}}),
    "nothing but marks": message("!!!"),
    "three digits": message("112"),
    "a number in words": message("1 kahvi"),
    "a reply to somebody": reply("Joo"),
    "a mention in the outer words of an edit only": message(
        "* Joo",
        **{"m.new_content": {"msgtype": "m.text", "body": "Joo"}},
        **relation("m.replace", "$a"),
        **PILL,
    ),
}


@pytest.mark.parametrize("name", NOT_CALLED)
def test_who_speaks_to_others_in_a_group_is_not_heard(name: str):
    heard = in_group(NOT_CALLED[name])

    assert isinstance(heard, Said)
    assert not heard.addressed


def test_a_caption_calls_as_words_do():
    it = message("Vertti: mikä tämä on?", msgtype="m.image", filename="talo.jpg")

    assert in_group(it) == Unreadable("mikä tämä on?", addressed=True)


@pytest.mark.parametrize(
    "it", [message("talo.jpg", msgtype="m.image"), event("m.sticker", {"body": "Vertti"})]
)
def test_a_picture_in_a_group_is_not_for_us(it: Event):
    assert in_group(it) == Unreadable("", addressed=False)


def test_somebody_else_in_a_room_of_two_is_heard_as_in_a_group():
    heard = in_private(message("Kuka tulee?") | {"sender": JOHN})

    assert heard == Said("Kuka tulee?", addressed=False)


def test_a_bot_without_a_name_is_called_by_its_id():
    heard = read_event(message(f"{ME} seuraava"), me=ME, names=("", " "), alone_with=None)

    assert heard == Said("seuraava", addressed=True)


@pytest.mark.parametrize("names", [(), ("", " "), ("", "Vertti")])
def test_an_empty_name_is_none(names: tuple[str, ...]):
    heard = read_event(message(": kuka tulee, ja milloin?"), me=ME, names=names, alone_with=None)

    assert heard == Said(": kuka tulee, ja milloin?", addressed=False)


def test_of_two_names_the_longer_one_is_taken_off():
    it = message("Vertti Ryhmä seuraava", **PILL)
    heard = read_event(it, me=ME, names=("Vertti", "Vertti Ryhmä"), alone_with=None)

    assert heard == Said("seuraava", addressed=True)


def test_a_name_is_no_pattern():
    heard = read_event(message("Vertti: (x) seuraava"), me=ME, names=("V.*", "x)("), alone_with=None)

    assert heard == Said("Vertti: (x) seuraava", addressed=False)


LETTERS = st.text("abc åä.,:?\n", max_size=30)  # neither names, marks nor digits


@given(LETTERS)
def test_talk_that_calls_nobody_is_never_for_us(text: str):
    heard = in_group(message(text))

    assert heard is None or heard == Said(text, addressed=False)


@given(
    call=st.sampled_from(
        ("Vertti:", "vertti,", "VERTTI :", "@vertti", ME, f"{ME}:", f"[V]({'https://matrix.to/#/' + ME})")
    ),
    space=st.sampled_from((" ", "\n", "  ")),
    text=LETTERS.filter(lambda text: text.strip() and text.lstrip() == text and text[0] not in ",:"),
)
def test_a_call_is_taken_off_and_nothing_else(call: str, space: str, text: str):
    assert in_group(message(call + space + text)) == Said(text, addressed=True)


# ---- whatever comes ---------------------------------------------------------------------------------


@given(st.text())
@example("/")
@example("1")
@example("* hei")
def test_in_private_words_stay_as_they_were_typed(text: str):
    heard = read_event(message(text), me=ME, names=(), alone_with=AINO)

    assert heard == (said(text) if text.strip() else None)


@given(
    quoted=st.lists(st.text("ab> <@:", max_size=8), max_size=4),
    text=st.text(min_size=1).filter(lambda text: text.strip() and text[0] not in "\r\n"),
)
def test_a_reply_is_freed_of_all_that_it_quotes(quoted: list[str], text: str):
    lines = "\n".join(f"> {line}" for line in (f"<{JOHN}> hei", *quoted))
    heard = read_event(reply(f"{lines}\n\n{text}"), me=ME, names=(), alone_with=AINO)

    assert heard == said(text, replies_to="$menu")


@given(st.text(), st.text())
def test_an_edit_says_its_new_words_whatever_the_old_client_is_shown(shown: str, text: str):
    it = edit(text)
    it["content"]["body"] = shown
    heard = read_event(it, me=ME, names=(), alone_with=AINO)

    assert heard == (said(text, edits="$first") if text.strip() else None)


def everything() -> list[Event]:
    """Give an event of each kind that is told above."""
    told = [it for it, _ in (*TOLD.values(), *((each, None) for each in VOTES.values()))]
    return [*told, *(it for it, _ in CALLED.values()), *OF_NO_CONCERN.values()]


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(
        ("\ud83d", "m.replace", "m.thread", "m.image", "m.text", "m.annotation", "$a", ME, AINO)
    ),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(("event_id", "rel_type", "body", "answers", "key", "user_ids", "m.in_reply_to")),
            inner,
            max_size=3,
        )
    ),
    max_leaves=5,
)


def places_within(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Give the way to each value inside, the whole left out."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way for key, inner in inside for way in ((*path, key), *places_within(inner, (*path, key)))]


def strings_of(meaning: Meaning) -> list[str]:
    """Give all that the meaning names or quotes."""
    values = (getattr(meaning, name) for name in meaning.__dataclass_fields__)
    return [value for value in values if isinstance(value, str)]


def is_sound(meaning: Meaning | None) -> bool:
    """Is everything in it of its type, text that can be kept, and no longer than it may be?"""
    match meaning:
        case None:
            return True
        case Said(str(), bool(), str() | None, str() | None) | Unreadable(str(), bool(), str() | None):
            pass
        case Reacted(str(), str(key), int() | None):
            assert len(key) <= LONGEST_KEY
        case Voted(str(), str() | None) | TakenBack(str()):
            pass
        case _:
            return False
    return all(value.encode() is not None and len(value) <= MOST_TEXT for value in strings_of(meaning))


@given(st.data())
def test_a_damaged_event_is_understood_or_malformed_and_never_anything_else(data: st.DataObject):
    it = deepcopy(data.draw(st.sampled_from(everything())))
    for _ in range(data.draw(st.integers(1, 3))):
        places = places_within(it)
        if not places:
            break
        *way, last = data.draw(st.sampled_from(places))
        holder = it
        for key in way:
            holder = holder[key]
        if isinstance(holder, dict) and data.draw(st.booleans()):
            del holder[last]
        else:
            holder[last] = data.draw(JUNK)
    try:
        heard = read_event(it, me=ME, names=NAMES, alone_with=data.draw(st.sampled_from((AINO, None))))
    except Malformed:
        return

    assert is_sound(heard)


@given(
    kind=st.sampled_from(sorted({it["type"] for it in everything()})),
    content=st.dictionaries(
        st.sampled_from(sorted({key for it in everything() for key in it["content"]})), JUNK, max_size=5
    ),
)
def test_any_content_is_understood_or_malformed_and_never_anything_else(kind: str, content: Event):
    try:
        heard = in_private(event(kind, content))
    except Malformed:
        return

    assert is_sound(heard)


@given(JUNK)
def test_junk_is_malformed(junk: Any):
    with pytest.raises(Malformed):
        in_private(junk)


@pytest.mark.parametrize(
    "place", ["body", "m.relates_to", "m.mentions", "m.new_content", "m.selections", "key"]
)
def test_what_is_nested_too_deep_is_passed_over(place: str):
    deep: Any = "hei"
    for _ in range(100_000):
        deep = [deep]
    relates = {"rel_type": "m.reference", "event_id": "$a"}
    for kind in ("m.room.message", "m.reaction", "m.poll.response"):
        content = {"msgtype": "m.text", "body": "hei", "m.relates_to": relates, place: deep}
        try:
            heard = in_private(event(kind, content))
        except Malformed:
            continue

        assert heard in (None, said("hei"))


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "piece",
    ["a", " ", "[", "<a ", "[a](", "Vertti", "Vertti ", "@vertti:", "> <a> x\n", ">", "!", "1", "ﷺ", "💬"],
)
def test_an_endless_body_is_cut_before_anybody_looks_for_anything_in_it(piece: str):
    body = piece * (1_000_000 // len(piece))
    for it in (
        message(body, **PILL),
        reply("> <@a:b> " + body),
        message(body, msgtype="m.image", filename="a"),
    ):
        assert is_sound(in_group(it))


def test_more_is_heard_than_can_be_understood():
    heard = in_private(message("a" * 10_000))

    assert heard == said("a" * MOST_TEXT)


def test_what_is_endless_in_a_quotation_does_not_swallow_the_reply():
    heard = in_private(reply("> <@a:b> " + "hei " * 10_000 + "\n\nseuraava"))

    assert heard == said("seuraava", replies_to="$menu")


def test_a_long_reaction_is_cut():
    heard = in_private(reaction("hei " * 100))

    assert heard == Reacted("$menu", ("hei " * 100)[:LONGEST_KEY], None)


def test_reading_changes_nothing():
    its = everything()
    before = json.dumps(its)
    for it in its:
        in_private(it)

    assert json.dumps(its) == before


def test_what_was_said_stands_in_no_log():
    secret = "Kanarialintu"
    meanings = [
        in_private(it)
        for it in (
            message(secret),
            message(secret, msgtype="m.image", filename="a"),
            reaction(secret),
            vote("m.poll.response", **{"m.selections": [secret]}),
        )
    ]

    assert None not in meanings
    assert secret not in repr(meanings)
