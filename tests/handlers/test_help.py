from tests.handlers.houses import BACK, HOME, chat_with
from tests.support import Chat


def test_help_says_what_vertti_can_do_and_the_way_without_a_machine():
    (heard,) = Chat().says("anna", "apua")

    assert heard.text == (
        "Kerron ryhmien ja tapahtumien ajat.\n"
        "Muistutan sinua, jos haluat.\n"
        "Voit kysyä ja vastata kyselyihin.\n"
        "Voit myös soittaa: 014 000 0000\n"
        "Voit myös tulla käymään: Esimerkkikatu 1, Jyväskylä\n"
        "Jos olet vaarassa, soita 112."
    )
    assert heard.buttons == ("Mitä voin kirjoittaa?", "Puhu ihmisen kanssa", HOME)


def test_a_number_that_is_not_filled_in_is_not_told(tmp_path):
    changes = (("puhelin: 014 000 0000", 'puhelin: ""'), ("osoite: Esimerkkikatu 1, Jyväskylä", 'osoite: ""'))
    chat = chat_with(tmp_path, "organization.yaml", *changes)
    (heard,) = chat.says("anna", "apua")

    assert heard.text.splitlines()[-2:] == [
        "Voit kysyä ja vastata kyselyihin.",
        "Jos olet vaarassa, soita 112.",
    ]


def words(chat, who):
    """All words that somebody is told of, page by page."""
    (heard,) = chat.presses(who, "Mitä voin kirjoittaa?")
    pages = [heard]
    while "Lisää" in pages[-1].buttons:
        pages += chat.presses(who, "Lisää")
    assert all(len(page.text.splitlines()) <= 6 for page in pages)
    return [line.partition(":")[0] for page in pages for line in page.text.splitlines()[1:]]


def test_the_words_that_one_may_write_are_listed_five_at_a_time():
    chat = Chat()
    chat.says("anna", "apua")
    told = words(chat, "anna")

    assert told == [
        "aloita",
        "seuraava",
        "tapahtumat",
        "kysymykset",
        "kysely",
        "ihminen",
        "muistuta",
        "apua",
        "ryhma",
        "palsta",
        "asiakasraati",
        "ilmoittaudu",
        "ensikerta",
        "en jaksa",
        "kalenteriin",
        "lopeta",
        "tauko",
        "kieli",
        "tietoni",
        "poista tietoni",
    ]


def test_an_organizer_is_told_the_words_of_organizers_too():
    chat = Chat()
    chat.make_organizer("olga")
    chat.says("olga", "apua")
    told = words(chat, "olga")

    assert {"seuraava", "tiedota", "sulje", "tulokset"} <= set(told)


def test_every_page_of_words_leads_back_to_help():
    chat = Chat()
    helped = chat.says("anna", "apua")
    chat.presses("anna", "Mitä voin kirjoittaa?")

    assert chat.presses("anna", BACK) == helped
