import re

from tests.handlers.houses import BACK, HOME, chat_with, empty_calendar
from tests.support import Chat


def test_the_topics_are_offered_by_pages():
    chat = Chat()
    (first,) = chat.says("anna", "kysymykset")
    (second,) = chat.presses("anna", "Lisää")

    assert first.text == "Mistä haluat tietää?"
    assert first.buttons == (
        "Ryhmä",
        "Ensimmäinen kerta",
        "Paikka ja käytäntö",
        "Ihmiset ryhmässä",
        "Lisää",
        HOME,
    )
    assert second.buttons == (
        "Viljelypalsta",
        "Tapahtumat ja uutiset",
        "Raati ja palaute",
        "Botti ja tietosuoja",
        "Apua ja neuvontaa",
        HOME,
    )


def test_a_topic_offers_its_questions_and_a_question_its_answer_and_back_again():
    chat = Chat()
    topics = chat.says("anna", "kysymykset")
    topic = chat.presses("anna", "Ryhmä")
    (answer,) = chat.presses("anna", "Maksaako se jotain?")

    assert topic[0].buttons == (
        "Mikä ryhmä on?",
        "Kuka saa tulla?",
        "Missä ja milloin?",
        "Pitääkö puhua?",
        "Maksaako se jotain?",
        BACK,
    )
    assert (answer.text, answer.buttons) == (
        "Ei maksa.\nOsallistuminen on ilmaista.",
        (BACK, HOME),
    )
    assert chat.presses("anna", BACK) == topic
    assert chat.presses("anna", BACK) == topics


def test_an_answer_tells_the_next_time_from_the_calendar():
    (heard,) = Chat().says("anna", "missä ryhmä kokoontuu")

    assert heard.text == (
        "Seuraava kerta: to 26.11. klo 13–15.\nPaikka: Esimerkkitalo, 2. kerros, Esimerkkikatu 1, Jyväskylä."
    )


def test_where_no_time_is_planned_the_answer_says_so_in_words():
    chat = Chat()
    empty_calendar(chat)
    (heard,) = chat.says("anna", "milloin on avoimet ovet")

    assert heard.text.splitlines()[-1] == "Seuraava kerta: ei vielä tiedossa."


def test_an_answer_that_lacks_a_value_is_not_given_but_a_person_is_offered(tmp_path):
    chat = chat_with(tmp_path, "organization.yaml", ("osoite: Esimerkkikatu 1, Jyväskylä", 'osoite: ""'))
    (heard,) = chat.says("anna", "missä ryhmä kokoontuu")

    assert heard.text == "Minulla ei ole tähän vielä vastausta.\nKysy työntekijältä."
    assert heard.buttons == ("Puhu ihmisen kanssa", BACK, HOME)


def test_an_answer_that_has_other_words_for_that_gives_them():
    chat = Chat()
    chat.says("anna", "kysymykset")
    chat.presses("anna", "Lisää")
    chat.presses("anna", "Apua ja neuvontaa")
    (heard,) = chat.presses("anna", "Tarvitsen apua heti")

    assert heard.text == "Jos olet vaarassa, soita 112.\nBotti ei näe hätääsi. Soita."


TO_WRITE = re.compile(r"(?:kirjoita|kirjoittaa|skriv|skriva|write): ([^.\n]+)", re.IGNORECASE)


def test_no_answer_tells_people_to_write_what_does_not_work():
    chat = Chat()
    content, built = chat.house.content, chat.understanding.router.commands
    told = {
        (entry.id, word)
        for entry in content.faq
        for answer in (entry.a, entry.without_fill)
        for text in answer.values()
        for word in TO_WRITE.findall(text)
    }
    asked = {each: content.vocabulary.command_of(each[1], forgive=False) for each in told}

    assert len(told) > 10
    assert {each for each, command in asked.items() if command is None or command.name not in built} == set()


def test_a_question_that_an_editor_took_out_meanwhile_is_an_old_button(tmp_path):
    chat = Chat()
    chat.says("anna", "kysymykset")
    chat.presses("anna", "Ryhmä")
    edited = chat_with(tmp_path, "faq.yaml", ("id: maksaako", "id: hinta"))
    chat.understanding = edited.understanding
    (heard,) = chat.presses("anna", "Maksaako se jotain?")

    assert heard.text == "Tämä valinta on vanha.\nValitse: Alkuun."
