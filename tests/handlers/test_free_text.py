from contextlib import suppress
from datetime import timedelta

import pytest
import yaml

from bot.i18n import Reader
from bot.messages import Incoming, Phrase
from bot.turns import take
from tests.handlers.houses import BACK, HOME, chat_with
from tests.support import CONTENT, Chat

UNKNOWN = "kuka keksi hehkulampun"
NO_IDEA = "En ymmärtänyt.\nValitse alta tai kirjoita: apua.\nSaako työntekijä nähdä kysymyksesi?\nHän ei näe, kuka kysyi."
OFFERED = ("Näytä kysymys", "Puhu ihmisen kanssa", HOME)


def questions(chat):
    with chat.transaction() as store:
        return store.questions.all()


def everything_kept(chat):
    """All that the database holds, as text."""
    with chat.transaction() as store:
        return "\n".join(store._connection.connection.driver_connection.iterdump())


def test_a_question_that_is_known_is_answered():
    (heard,) = Chat().says("anna", "paljonko tää maksaa")

    assert heard.text == "Ei maksa.\nOsallistuminen on ilmaista."


def test_who_has_chosen_a_language_we_do_not_speak_is_understood_in_that_of_the_house():
    (heard,) = Chat().says("dieter", "paljonko tää maksaa", language="de")

    assert heard.text == "Ei maksa.\nOsallistuminen on ilmaista."


def test_a_sentence_that_asks_for_a_command_gets_what_the_command_gives():
    chat = Chat()

    assert chat.says("anna", "mitä tapahtumia on tulossa") == chat.says("anna", "tapahtumat")


def test_where_several_may_be_meant_one_is_asked_which():
    chat = Chat()
    (heard,) = chat.says("anna", "mitä tehdään")
    (answer,) = chat.says("anna", "1")

    assert heard.text == "Tarkoititko jotain näistä?"
    assert 3 <= len(heard.buttons) <= 5
    assert heard.buttons[-2:] == ("En näitä", HOME)
    assert answer.buttons[-2:] == (BACK, HOME)


@pytest.mark.parametrize("asked", ["missä se on", "milloin se on"])
def test_who_asks_where_or_when_it_is_hears_of_the_next_meeting(asked):
    (heard,) = Chat().says("anna", asked)

    assert heard.text == (
        "Seuraava kerta: to 26.11. klo 13–15.\nPaikka: Esimerkkitalo, 2. kerros, Esimerkkikatu 1, Jyväskylä."
    )


@pytest.mark.parametrize(
    ("language", "asked"),
    [
        ("fi", "mitä"),
        ("fi", "mikä tää on"),
        ("fi", "mitä mä teen"),
        ("fi", "kuka"),
        ("sv", "vem"),
        ("sv", "vad gör jag"),
        ("en", "who"),
        ("en", "what is it"),
    ],
)
def test_who_does_not_say_about_what_is_asked(language, asked):
    (heard,) = Chat().says("anna", asked, language=language)

    assert heard.text in {
        "Tarkoititko jotain näistä?",
        "Menade du något av det här?",
        "Did you mean one of these?",
    }
    assert 3 <= len(heard.buttons) <= 5


def test_none_of_these_ends_like_no_idea_and_the_question_can_still_be_shown():
    chat = Chat()
    chat.says("anna", "mitä tehdään")
    (heard,) = chat.presses("anna", "En näitä")
    chat.presses("anna", "Näytä kysymys")

    assert (heard.text, heard.buttons) == (NO_IDEA, OFFERED)
    assert questions(chat) == [("fi", "mitä tehdään")]


def test_who_asks_in_another_language_is_answered_and_offered_that_language():
    chat = Chat()
    (heard,) = chat.says("anna", "måste man anmäla sig i förväg")
    (chosen,) = chat.presses("anna", "Svenska")

    assert heard.text == "Ei tarvitse.\nVoit tulla suoraan paikalle."
    assert heard.buttons == ("Svenska", BACK, HOME)
    assert chosen.text == "Okej. Jag talar svenska nu."


def test_when_nothing_is_known_it_says_so_kindly_and_keeps_no_word():
    chat = Chat()
    (heard,) = chat.says("anna", UNKNOWN)

    assert (heard.text, heard.buttons) == (NO_IDEA, OFFERED)
    assert questions(chat) == []
    assert "hehkulampun" not in everything_kept(chat)


def test_a_sound_or_a_sign_is_no_question_for_an_editor():
    chat = Chat()
    heard = [chat.says("anna", each)[0].buttons for each in ("7", "👍", "hm")]

    assert heard == [("Ohje", HOME)] * 3


def test_with_the_askers_leave_the_organizers_see_the_question_and_not_the_asker():
    chat = Chat()
    chat.make_organizer("olga")
    chat.says("anna", f"{UNKNOWN}, soita 040 123 4567")
    heard = chat.presses("anna", "Näytä kysymys")

    assert [(each.who, each.text) for each in heard] == [
        ("anna", "Kiitos!\nNäytän kysymyksen työntekijälle.\nHän ei näe, kuka kysyi."),
        ("olga", f"Joku kysyi tätä. En osannut vastata.\n{UNKNOWN}, soita ***"),
    ]
    assert questions(chat) == [("fi", f"{UNKNOWN}, soita ***")]


def test_at_night_the_organizers_are_left_in_peace_until_morning():
    chat = Chat(now=Chat().now.replace(hour=20))  # ten in the evening
    chat.make_organizer("olga")
    chat.says("anna", UNKNOWN)
    heard = chat.presses("anna", "Näytä kysymys")
    chat.now += timedelta(hours=10, minutes=59)
    chat.deliver()
    in_the_night = len(chat.heard)
    chat.now += timedelta(minutes=1)
    chat.deliver()

    assert [each.who for each in heard] == ["anna"]
    assert [each.who for each in chat.heard[in_the_night:]] == ["olga"]


def test_after_ten_minutes_the_words_are_forgotten():
    chat = Chat()
    chat.says("anna", UNKNOWN)
    chat.now += timedelta(minutes=10)
    (heard,) = chat.presses("anna", "Näytä kysymys")

    assert heard.text == "En muista kysymystä enää.\nKirjoita se uudelleen."
    assert questions(chat) == []


def test_a_question_shown_twice_in_one_breath_is_kept_and_told_once():
    chat = Chat()
    chat.make_organizer("olga")
    chat.says("anna", UNKNOWN)
    me = chat.conversation("anna")
    show = chat.store.vault.seal_button(me.id, "ask.show", ())
    with chat.transaction() as store:
        for number in "12":
            pressed = Incoming(id=number * 9, where=me.place, sender=me.place, what="button", button=show)
            take(chat.understanding, pressed, "take", chat.now, store)
    before = len(chat.heard)
    chat.deliver()

    assert questions(chat) == [("fi", UNKNOWN)]
    assert [each.who for each in chat.heard[before:]].count("olga") == 1


def test_a_question_outlives_a_consent_that_could_not_be_written():
    chat = Chat()
    chat.says("anna", UNKNOWN)
    me = chat.conversation("anna")
    show = chat.store.vault.seal_button(me.id, "ask.show", ())
    pressed = Incoming(id="pressed", where=me.place, sender=me.place, what="button", button=show)
    with suppress(OSError), chat.transaction() as store:
        take(chat.understanding, pressed, "take", chat.now, store)
        raise OSError  # the disk is full
    (heard,) = chat.comes(pressed)

    assert heard.text.startswith("Kiitos!")
    assert questions(chat) == [("fi", UNKNOWN)]


def test_a_question_is_shown_once():
    chat = Chat()
    chat.says("anna", UNKNOWN)
    chat.presses("anna", "Näytä kysymys")
    (again,) = chat.presses("anna", "Näytä kysymys")

    assert again.text.startswith("En muista kysymystä enää.")
    assert len(questions(chat)) == 1


WITHOUT_HANDLER = """  short: {fi: Anna palautetta, sv: Ge respons, en: Give feedback}
"""
PHRASINGS = """  phrasings:
    fi: ["Zebra hyppää korkealle", "Lohikäärme nukkuu"]
"""


def test_what_is_not_built_yet_is_not_found(tmp_path):
    chat = chat_with(tmp_path, "commands.yaml", (WITHOUT_HANDLER, WITHOUT_HANDLER + PHRASINGS))

    assert chat.says("anna", "zebra hyppää korkealle")[0].text == NO_IDEA
    assert chat.says("anna", "hyppää vuorelle")[0].text == NO_IDEA
    assert chat.says("anna", "zebra palstalla")[0].buttons[:2] == (
        "Milloin työntekijä on?",
        "Kuka saa viljellä?",
    )


def heard_of(chat, who, target, language):
    """What somebody with that language hears who asks for it by button or command."""
    kind, _, name = target.partition(".")
    chat.says(who, "/start", language=language)
    if kind == "faq":
        data = chat.store.vault.seal_button(chat.conversation(who).id, "faq", (name,))
        return chat.sends_button(who, data)[0].text
    if kind == "unknown":
        return chat.understanding.wording.say(
            Phrase("not_understood"), Reader(language, chat.house.zone, chat.now)
        )
    return chat.says(who, f"/{name}" if kind == "command" else "112", language=language)[0].text


def leads_right(chat, row, number):
    """Is it answered as it should be, or is the right answer among those offered?"""
    language = row.get("language", "fi")
    (heard,) = chat.says(f"person {number}", row["said"], language=language)
    reader = Reader(language, chat.house.zone, chat.now)
    wanted = [heard_of(chat, f"oracle {number} {target}", target, language) for target in row["to"]]
    offered = {
        chat.understanding.wording.say(Phrase(f"{target}.short"), reader)
        for target in row["to"]
        if "." in target
    }
    return heard.text.startswith(tuple(wanted)) or bool(offered & set(heard.buttons))


def test_what_people_really_type_leads_where_it_should():
    chat = Chat()
    text = (CONTENT.parent / "tests/data/utterances.yaml").read_text(encoding="utf-8")
    rows = next(yaml.safe_load_all(text))
    astray = [row["said"] for number, row in enumerate(rows) if not leads_right(chat, row, number)]

    assert len(astray) <= 0.05 * len(rows), astray


def test_an_edited_question_is_answered_and_other_edited_words_are_kept_nowhere():
    chat = Chat()
    chat.says("anna", "moikka")
    (answered,) = chat.edits("anna", "Pitääkö ilmoittautua?")
    (meant,) = chat.edits("anna", "måste man anmäla sig i förväg")
    (unclear,) = chat.edits("anna", "xyzzy plugh qwrtp")
    known = chat.house.memory.peek(chat.conversation("anna").id, chat.now)

    assert answered.text.startswith("Ei tarvitse")
    assert "Svenska" in meant.buttons
    assert unclear.text == "Muokkasit aiempaa viestiäsi.\nEn ymmärtänyt muutosta.\nKirjoita uusi viesti."
    assert known is None
