from tests.handlers.houses import HOME
from tests.support import Chat

DESK = "Järjestäjän valikko"
TEXTS = ("mikä on maailman korkein vuori", "montako jalkaa hämähäkillä on", "kuka keksi hehkulampun")


def asked(*questions):
    """A chat in which these were asked, before anybody was an organizer."""
    chat = Chat()
    for number, question in enumerate(questions):
        chat.says(f"asker{number}", question)
        chat.presses(f"asker{number}", "Näytä kysymys")
    chat.make_organizer("olga")
    chat.says("olga", "jarjestaja")
    return chat


def words(screen):
    """The question on a screen."""
    heading, question = screen.text.split("\n")
    assert heading == "Joku kysyi:"
    return question


def test_what_was_asked_before_there_was_an_organizer_can_still_be_read_one_at_a_time():
    chat = asked(*TEXTS)
    (first,) = chat.presses("olga", "Ihmisten kysymykset")
    seen = [first, *(chat.presses("olga", "Seuraava")[0] for _ in range(3))]

    assert first.buttons == ("Seuraava", "Poista", DESK, HOME)
    assert {words(each) for each in seen[:3]} == set(TEXTS)
    assert seen[3] == first


def test_what_is_thrown_away_is_gone_and_the_next_one_comes():
    chat = asked(*TEXTS[:2])
    (first,) = chat.presses("olga", "Ihmisten kysymykset")
    (second,) = chat.presses("olga", "Poista")
    (nothing,) = chat.presses("olga", "Poista")

    assert {words(first), words(second)} == set(TEXTS[:2])
    assert second.buttons == ("Poista", DESK, HOME)
    assert (nothing.text, nothing.buttons) == ("Uusia kysymyksiä ei ole.", (DESK, HOME))


def test_two_organizers_who_throw_the_same_away_lose_no_other():
    chat = asked(*TEXTS[:2])
    chat.presses("olga", "Ihmisten kysymykset")
    chat.presses("olga", "Poista")
    chat.make_organizer("otto")
    chat.says("otto", "jarjestaja")
    chat.presses("otto", "Ihmisten kysymykset")
    chat.presses("otto", "Poista")
    (heard,) = chat.presses("olga", "Poista")

    assert heard.text == "Uusia kysymyksiä ei ole."


def test_the_message_of_a_new_question_leads_to_them_all():
    chat = asked()
    chat.says("anna", TEXTS[0])
    told = chat.presses("anna", "Näytä kysymys")[-1]
    (opened,) = chat.presses("olga", "Ihmisten kysymykset")

    assert (told.who, told.buttons) == ("olga", ("Ihmisten kysymykset", HOME))
    assert words(opened) == TEXTS[0]


def test_questions_are_not_there_for_others():
    chat = asked(TEXTS[0])
    me = chat.conversation("asker0").id

    assert [
        chat.sends_button("asker0", chat.store.vault.seal_button(me, action, arguments))[0].text
        for action, arguments in (("asked", ()), ("asked.next", ("",)), ("asked.drop", ("x",)))
    ] == ["Tämä valinta on vanha.\nValitse: Alkuun."] * 3
