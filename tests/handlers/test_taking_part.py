"""What stands under a date together; each part has tests of its own beside its handlers."""

from dataclasses import replace

from bot.core.series import Series
from tests.handlers.attending import DAY, GROUP, SOON, TRIP, WATERING, chat_with_series, dates, presses_of
from tests.handlers.houses import HOME

ICS = "Lisää kalenteriin"


def shown(series, *names, **values):
    """The view of a date as Anna opens it, after others have done something there."""
    chat = chat_with_series(series)
    (here,) = dates(chat, series, SOON, **values)
    for name, action in names:
        presses_of(chat, name, action, here)
    return presses_of(chat, "anna", "show", here)[0]


def test_an_open_group_with_places_offers_all_of_it_and_no_more_than_six_buttons():
    welcoming = replace(TRIP, first_time=GROUP.first_time)
    nothing_yet = shown(welcoming)
    taken = shown(welcoming, ("anna", "sign.up"))

    assert nothing_yet.buttons == (
        "Ensimmäistä kertaa?",
        "Ilmoittaudu",
        "Muistuta minua",
        ICS,
        "Saa näyttää nimen",
        HOME,
    )
    assert taken.buttons == ("Ensimmäistä kertaa?", "Peru paikkani", ICS, "Saa näyttää nimen", HOME)


def test_what_costs_something_says_so_beside_its_places():
    priced = replace(TRIP, price={"fi": "5 euroa"})

    assert shown(priced).text.splitlines()[-1] == "Hinta: 5 euroa. Paikkoja 2, vapaana 2."


def test_where_one_need_not_sign_up_nothing_is_said_of_places():
    plain = Series(id="kahvit", name={"fi": "Kahvit"}, places_limit=5)
    heard = shown(plain)

    assert heard.text.splitlines()[-1] == "Paikkoja on 5. Kysy työntekijältä."
    assert heard.buttons == ("Muistuta minua", ICS, "Saa näyttää nimen", HOME)


def test_a_cancelled_date_offers_nothing_of_it():
    for series in (TRIP, GROUP, WATERING):
        heard = shown(series, status="cancelled")

        assert heard.text.startswith("PERUTTU: ")
        assert {"Ilmoittaudu", "Ensimmäistä kertaa?", "Otan vuoron"} & {*heard.buttons} == set()


def test_what_is_not_sure_yet_takes_nobody_yet():
    heard = shown(TRIP, status="tentative")

    assert heard.text.splitlines()[-1] == "Ehkä. Tämä ei ole vielä varmaa."
    assert "Ilmoittaudu" not in heard.buttons


def test_the_reminder_that_is_promised_is_the_one_that_comes():
    chat = chat_with_series(TRIP)
    (here,) = dates(chat, replace(TRIP), SOON, leads=(2 * DAY,))
    (heard,) = presses_of(chat, "anna", "sign.up", here)

    assert heard.text.splitlines()[-1] == "Muistutan sinua: su 22.11. klo 12"
