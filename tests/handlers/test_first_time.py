import json
from dataclasses import replace

from bot.core.series import FirstTime, Series
from tests.handlers.attending import DAY, GROUP, HOUR, SOON, chat_with_series, dates, presses_of
from tests.handlers.houses import BACK, HOME

FIRST = "Ensimmäistä kertaa?"
DOOR = "Ovi: sininen ovi, kello oikealla"
BEGINNING = (
    "Kahviryhmä: ensimmäinen kerta\nOvella odottaa ohjaaja.\nSaat kahvia.\nSinun ei tarvitse puhua.\n"
    "Sinut ottaa vastaan: ryhmän ohjaaja\n"
)


def group(*starts, series=GROUP):
    chat = chat_with_series(series)
    return chat, dates(chat, series, *(starts or (SOON, SOON + 7 * DAY)))


def newcomers(chat, here):
    with chat.transaction() as store:
        return store.newcomers.count(here)


def test_every_date_of_an_open_group_tells_what_the_first_time_is_like():
    chat, _ = group()
    (opened,) = chat.says("anna", "seuraava")
    door, heard = chat.presses("anna", FIRST)

    assert opened.buttons[0] == FIRST
    assert (door.text, door.buttons) == (DOOR, ())
    assert (door.picture.name, door.picture.words) == ("ovi.png", "Kuva ovesta.")
    assert heard.text == BEGINNING + "Seuraava kerta: ti 24.11. klo 12–13"
    assert heard.buttons == ("Kerro, että tulen", "Muistuta minua", BACK, HOME)


def test_one_may_tell_that_one_comes_and_take_it_back():
    chat, (here, _) = group()
    presses_of(chat, "anna", "first.time", here)
    (told,) = chat.presses("anna", "Kerro, että tulen")
    comes = newcomers(chat, here)
    _, again = presses_of(chat, "anna", "first.time", here)
    (taken_back,) = chat.presses("anna", "En tulekaan")

    assert told.text == (
        "Hienoa, tervetuloa!\nti 24.11. klo 12–13\nTyöntekijä saa tietää vain määrän:\n"
        "yksi uusi tulee. Nimeäsi ei kerrota.\nVoit perua milloin vain."
    )
    assert told.buttons == ("En tulekaan", "Muistuta minua", HOME)
    assert comes == 1
    assert again.text == BEGINNING + "Olet tulossa: ti 24.11. klo 12–13"
    assert again.buttons[0] == "En tulekaan"
    assert taken_back.text == "Selvä, ei haittaa.\nOlet tervetullut toisella kerralla."
    assert newcomers(chat, here) == 0


def test_an_old_button_tells_of_the_next_date():
    chat, (here, following) = group()
    chat.now = SOON + HOUR
    _, heard = presses_of(chat, "anna", "first.time", here)
    (come,) = presses_of(chat, "anna", "first.come", here)

    assert heard.text.splitlines()[-1] == "Seuraava kerta: ti 1.12. klo 12–13"
    assert (come.text.splitlines()[0], come.buttons) == (
        "Tätä ei ole enää kalenterissa.",
        ("Tulevat tapahtumat", HOME),
    )
    assert newcomers(chat, here) == newcomers(chat, following) == 0


def test_what_is_cancelled_has_no_first_time_but_the_next_date_has():
    chat, (here, _) = group()
    dates(chat, GROUP, SOON, status="cancelled")
    (opened,) = presses_of(chat, "anna", "show", here)

    assert FIRST not in opened.buttons
    assert presses_of(chat, "anna", "first.come", here)[0].text.startswith("Tätä ei ole")


def test_where_no_date_is_planned_the_beginning_is_told_all_the_same():
    chat = chat_with_series(GROUP)
    _, heard = chat.says("anna", "ensimmäinen kerta")

    assert heard.text == BEGINNING.rstrip("\n")
    assert heard.buttons == (HOME,)


def test_what_is_not_known_is_left_out():
    short = replace(GROUP, first_time=FirstTime(minutes={"fi": "Juodaan kahvia."}))
    chat, (here, _) = group(series=short)
    (heard,) = presses_of(chat, "anna", "first.time", here)

    assert heard.text == "Kahviryhmä: ensimmäinen kerta\nJuodaan kahvia.\nSeuraava kerta: ti 24.11. klo 12–13"


def test_the_door_is_described_also_where_there_is_no_picture_of_it():
    described = replace(GROUP, first_time=FirstTime(picture_words={"fi": "sininen ovi"}))
    chat, (here, _) = group(series=described)
    door, _ = presses_of(chat, "anna", "first.time", here)

    assert (door.text, door.picture) == ("Ovi: sininen ovi", None)


def test_the_address_stands_before_the_door_and_also_where_no_door_is_described():
    chat, (here,) = group(SOON)
    dates(chat, GROUP, SOON, place={"fi": "Esimerkkikatu 1"})
    with_door, _ = presses_of(chat, "anna", "first.time", here)
    plain = replace(GROUP, first_time=FirstTime(minutes={"fi": "Juodaan kahvia."}))
    chat, (here,) = group(SOON, series=plain)
    dates(chat, plain, SOON, place={"fi": "Esimerkkikatu 1"})
    without, _ = presses_of(chat, "anna", "first.time", here)

    assert with_door.text == f"Paikka: Esimerkkikatu 1\n{DOOR}"
    assert (without.text, without.picture) == ("Paikka: Esimerkkikatu 1", None)


def test_who_has_reminders_of_the_group_is_not_asked_whether_they_want_them():
    chat, (here, _) = group()
    presses_of(chat, "anna", "leads", GROUP.id, "3")
    _, heard = presses_of(chat, "anna", "first.time", here)

    assert heard.buttons == ("Kerro, että tulen", "Lopeta muistutukset", BACK, HOME)


def test_only_open_groups_ask_for_newcomers():
    closed = replace(GROUP, visibility="members")
    chat, _ = group(series=closed)
    (here,) = dates(chat, closed, SOON, visibility="members")
    silent = Series(id="hiljainen", name={"fi": "Hiljainen"})
    plain, (there,) = group(SOON, series=silent)

    for house, which in ((chat, here), (plain, there), (plain, 999)):
        assert presses_of(house, "anna", "first.time", which)[0].text.startswith("Tätä ei ole")
        assert presses_of(house, "anna", "first.come", which)[0].text.startswith("Tätä ei ole")
    assert FIRST not in presses_of(chat, "anna", "show", here)[0].buttons
    assert presses_of(chat, "anna", "first.of", GROUP.id)[0].text.startswith("Tätä ei ole")
    assert presses_of(chat, "anna", "first.of", "tuntematon")[0].text.startswith("Tätä ei ole")


def test_where_there_are_several_open_groups_one_is_asked_which():
    other = replace(GROUP, id="kuoro", name={"fi": "Kuoro"})
    chat = chat_with_series(GROUP, other)
    dates(chat, other, SOON)
    (which,) = chat.says("anna", "ensikerta")
    _, heard = chat.presses("anna", "Kuoro")

    assert (which.text, which.buttons) == ("Mihin tulet ensimmäistä kertaa?", ("Kahviryhmä", "Kuoro", HOME))
    assert heard.text.startswith("Kuoro: ensimmäinen kerta")


def test_where_there_is_none_the_staff_answers():
    (heard,) = chat_with_series().says("anna", "ensikerta")

    assert heard.buttons == ("Tulevat tapahtumat", "Puhu ihmisen kanssa", HOME)


def test_in_a_group_the_way_in_is_told_without_buttons():
    chat, _ = group()
    (heard,) = chat.says("anna", "!seuraava", into="group")

    assert heard.buttons == ()


def test_it_is_kept_in_sight_of_who_said_so_and_goes_with_them():
    chat, (here, _) = group()
    presses_of(chat, "anna", "first.come", here)
    _, told = chat.says("anna", "tietoni")
    presses_of(chat, "anna", "forget")

    assert json.loads(told.file)["first_times"] == [
        {"series": "kahvit", "start": "2026-11-24T12:00:00+02:00"}
    ]
    assert newcomers(chat, here) == 0
