from tests.handlers.houses import HOME, chat_with, empty_calendar
from tests.support import Chat


def test_the_group_is_told_of_with_its_next_time():
    (heard,) = Chat().says("anna", "ryhmä")

    assert heard.text == (
        "Yksinäisyysryhmässä tapaat muita ihmisiä.\n"
        "Ryhmä kokoontuu joka viikko.\n"
        "Välillä keskustelemme. Välillä teemme jotain yhdessä.\n"
        "Seuraavaksi: Yksinäisyysryhmä\n"
        "to 26.11. klo 13–15\n"
        "Esimerkkitalo, 2. kerros"
    )
    assert heard.buttons == ("Ensimmäistä kertaa?", "Muistuta minua", "Lue lisää", HOME)


def test_the_garden_is_told_of_half_a_year_ahead():
    (heard,) = Chat().says("anna", "palsta")

    assert heard.text.splitlines()[2:] == [
        "Seuraavaksi: Työntekijä palstalla",
        "pe 7.5. klo 10–11",
        "Survo-Korpelan palsta, Mallipellontie 5, Jyväskylä",
    ]


def test_the_panel_is_for_its_members_and_a_person_tells_more():
    (heard,) = Chat().says("anna", "asiakasraati")

    assert heard.text.splitlines()[3:] == [
        "Seuraavaksi: Asiakasraati",
        "ti 26.1. klo 14–16",
        "Muistutukset ovat vain jäsenille.",
    ]
    assert heard.buttons == ("Puhu ihmisen kanssa", "Lue lisää", HOME)


def test_more_is_found_among_the_questions():
    chat = Chat()
    chat.says("anna", "palsta")
    (heard,) = chat.presses("anna", "Lue lisää")

    assert heard.buttons[0] == "Missä palsta on?"


def test_without_a_next_time_it_says_so():
    chat = Chat()
    empty_calendar(chat)
    (heard,) = chat.says("anna", "ryhmä")

    assert heard.text.splitlines()[-1] == "Seuraava aika ei ole vielä kalenterissa."
    assert heard.buttons == ("Muistuta minua", "Lue lisää", HOME)


def test_a_house_without_a_garden_says_only_what_it_knows(tmp_path):
    chat = chat_with(tmp_path, "schedule.yaml", ("id: palsta\n", "id: puutarha\n"))
    (heard,) = chat.says("anna", "palsta")

    assert heard.text.splitlines()[-1] == "Seuraava aika ei ole vielä kalenterissa."
    assert heard.buttons == ("Lue lisää", HOME)


def test_a_house_whose_questions_are_other_ones_tells_the_time_alone(tmp_path):
    chat = chat_with(
        tmp_path,
        "faq.yaml",
        ("topic: ryhma\n", "topic: kerho\n"),
        ("id: ryhma,", "id: kerho,"),
        ("id: mika_ryhma", "id: mika_kerho"),
    )
    (heard,) = chat.says("anna", "ryhmä")

    assert heard.text.splitlines()[0] == "Seuraavaksi: Yksinäisyysryhmä"
    assert heard.buttons == ("Ensimmäistä kertaa?", "Muistuta minua", HOME)
