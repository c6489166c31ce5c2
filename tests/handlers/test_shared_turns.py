from dataclasses import replace

import pytest

from bot.core.series import Series
from tests.handlers.attending import DAY, HOUR, SOON, TRIP, WATERING, chat_with_series, dates, presses_of
from tests.handlers.houses import BACK, HOME, subscriptions
from tests.support import NOW

ICS = "Lisää kalenteriin"
EVENTS = "Tulevat tapahtumat"
OTHERS = "Muut vuorot"

COFFEE = Series(id="kahvi", name={"fi": "Kahvivuorot"}, turns_shared=True)


def turns(count=3, series=WATERING):
    chat = chat_with_series(series)
    return chat, dates(chat, series, *(SOON + number * DAY for number in range(count)))


def listed(chat, who):
    """The turns as somebody sees them."""
    (heard,) = chat.says(who, "vuorot")
    return [row.rpartition(": ")[2] for row in heard.text.splitlines()[2:]], heard.buttons


def test_the_next_free_turns_are_listed_and_each_is_a_button():
    chat, _ = turns()
    (heard,) = chat.says("anna", "vuorot")

    assert heard.text == (
        "Kasteluvuorot\nValitse vuoro, jonka otat:\n"
        "ti 24.11. klo 12–13: vapaa\nke 25.11. klo 12–13: vapaa\nto 26.11. klo 12–13: vapaa"
    )
    assert heard.buttons == ("ti 24.11. klo 12", "ke 25.11. klo 12", "to 26.11. klo 12", HOME)


def test_a_turn_is_taken_in_one_tap_and_can_be_undone_at_once():
    chat, _ = turns()
    chat.says("anna", "vuorot")
    (heard,) = chat.presses("anna", "ke 25.11. klo 12")
    (shown,) = chat.presses("anna", OTHERS)

    assert heard.text == (
        "Vuoro on nyt sinun. Kiitos!\nKasteluvuorot\nke 25.11. klo 12–13\nMuistutan sinua: ti 24.11. klo 12"
    )
    assert heard.buttons == ("Annan pois", "Vaihda toiseen", OTHERS, HOME)
    assert shown.text.splitlines()[3] == "ke 25.11. klo 12–13: sinun"


def test_others_are_not_offered_what_is_taken_and_nobody_is_named():
    chat, (first, *_) = turns()
    presses_of(chat, "anna", "turns.take", first)
    late = presses_of(chat, "bertil", "turns.take", first)[0]

    assert listed(chat, "bertil")[0] == ["vapaa", "vapaa"]
    assert (late.text, late.buttons) == (
        "Joku muu ehti ottaa tämän vuoron.\nVoit valita toisen.",
        (OTHERS, HOME),
    )


def test_ones_own_turn_is_shown_with_what_one_can_do():
    chat, (first, *_) = turns()
    presses_of(chat, "anna", "turns.take", first)
    (heard,) = presses_of(chat, "anna", "turns.take", first)

    assert heard.text == "Tämä vuoro on sinun.\nKasteluvuorot\nti 24.11. klo 12–13"
    assert heard.buttons == ("Annan pois", "Vaihda toiseen", OTHERS, HOME)


def test_a_turn_that_is_offered_stays_ones_own_until_somebody_takes_it():
    chat, (first, *_) = turns()
    presses_of(chat, "anna", "turns.take", first)
    (offered,) = chat.presses("anna", "Annan pois")
    still = listed(chat, "anna")[0]
    (own,) = presses_of(chat, "anna", "turns.take", first)
    seen = listed(chat, "bertil")[0]
    taken, told = presses_of(chat, "bertil", "turns.take", first)

    assert offered.text == (
        "Selvä, tarjoan vuoroa muille.\nSe on sinun, kunnes joku ottaa sen.\nKerron sinulle, kun niin käy."
    )
    assert offered.buttons == ("Pidän vuoron", "Luovun vuorosta", OTHERS, HOME)
    assert own.text.splitlines()[3:] == ["Tarjoat sitä muille.", "Se on sinun, kunnes joku ottaa sen."]
    assert own.buttons == ("Pidän vuoron", "Luovun vuorosta", "Vaihda toiseen", OTHERS, HOME)
    assert (still[0], seen[0]) == ("sinun, tarjolla muille", "vapaa")
    assert taken.text.startswith("Vuoro on nyt sinun.")
    assert (told.who, told.text, told.buttons) == (
        "anna",
        "Joku otti vuoron, jota tarjosit.\nTapaaminen\nti 24.11. klo 12–13\nSe ei ole enää sinun.",
        (),
    )
    assert listed(chat, "anna")[0] == ["vapaa", "vapaa"]


def test_at_night_nobody_is_told_and_in_the_morning_they_are():
    chat, (first, *_) = turns()
    presses_of(chat, "anna", "turns.take", first)
    presses_of(chat, "anna", "turns.offer", first)
    chat.now = NOW + 12 * HOUR
    at_night = presses_of(chat, "bertil", "turns.take", first)

    assert [each.who for each in at_night] == ["bertil"]
    assert [each.who for each in chat.ticks(to=NOW + 21 * HOUR)] == ["anna"]


def test_an_offer_can_be_taken_back():
    chat, (first, *_) = turns()
    presses_of(chat, "anna", "turns.take", first)
    chat.presses("anna", "Annan pois")
    (kept,) = chat.presses("anna", "Pidän vuoron")

    assert (kept.text, kept.buttons) == ("Selvä. Vuoro on yhä sinun.", ("Annan pois", OTHERS, HOME))
    assert listed(chat, "bertil")[0] == ["vapaa", "vapaa"]


def test_a_turn_that_is_given_up_is_free_at_once():
    chat, (first, *_) = turns()
    presses_of(chat, "anna", "turns.take", first)
    chat.presses("anna", "Annan pois")
    (heard,) = chat.presses("anna", "Luovun vuorosta")

    assert (heard.text, heard.buttons) == (
        "Vuoro on nyt vapaa muille.\nKiitos, että kerroit.",
        (OTHERS, HOME),
    )
    assert listed(chat, "anna")[0] == ["vapaa", "vapaa", "vapaa"]


def test_a_turn_is_swapped_in_one_step():
    chat, (first, *_) = turns()
    presses_of(chat, "anna", "turns.take", first)
    (which,) = chat.presses("anna", "Vaihda toiseen")
    (swapped,) = chat.presses("anna", "to 26.11. klo 12")

    assert which.text == (
        "Minkä vuoron otat tilalle?\nke 25.11. klo 12–13: vapaa\nto 26.11. klo 12–13: vapaa"
    )
    assert which.buttons == ("ke 25.11. klo 12", "to 26.11. klo 12", BACK, HOME)
    assert swapped.text == (
        "Vuorot on vaihdettu.\nSinun vuorosi on nyt:\nKasteluvuorot\nto 26.11. klo 12–13\n"
        "Muistutan sinua: ke 25.11. klo 12"
    )
    assert listed(chat, "anna")[0] == ["vapaa", "vapaa", "sinun"]


def test_when_the_other_turn_is_gone_meanwhile_ones_own_stays():
    chat, (first, second, _) = turns()
    presses_of(chat, "anna", "turns.take", first)
    chat.presses("anna", "Vaihda toiseen")
    presses_of(chat, "bertil", "turns.take", second)
    (heard,) = chat.presses("anna", "ke 25.11. klo 12")

    assert (heard.text.splitlines()[0], heard.buttons) == (
        "Joku muu ehti ottaa tämän vuoron.",
        ("Vaihda toiseen", HOME),
    )
    assert listed(chat, "anna")[0] == ["sinun", "vapaa"]


def test_two_turns_of_ones_own_are_never_swapped_for_one():
    chat, (first, second, _) = turns()
    presses_of(chat, "anna", "turns.take", first)
    presses_of(chat, "anna", "turns.take", second)
    presses_of(chat, "anna", "turns.swap.to", second, first)

    assert listed(chat, "anna")[0] == ["sinun", "sinun", "vapaa"]


def test_where_no_other_turn_is_free_there_is_nothing_to_swap():
    chat, (only,) = turns(1)
    presses_of(chat, "anna", "turns.take", only)
    (heard,) = chat.presses("anna", "Vaihda toiseen")

    assert heard.text == "Muita vapaita vuoroja ei nyt ole.\nVuoro on yhä sinun."
    assert heard.buttons == (BACK, HOME)
    assert chat.presses("anna", BACK)[0].text.startswith("Tämä vuoro on sinun.")


@pytest.mark.parametrize("action", ["turns.offer", "turns.keep", "turns.drop", "turns.swap"])
def test_old_buttons_of_a_turn_that_is_anothers_now_say_so(action):
    chat, (first, *_) = turns()
    presses_of(chat, "bertil", "turns.take", first)
    (heard,) = presses_of(chat, "anna", action, first)

    assert (heard.text, heard.buttons) == ("Tämä vuoro ei ole enää sinun.", (HOME,))
    assert listed(chat, "bertil")[0][0] == "sinun"


def test_one_cannot_swap_what_one_does_not_have():
    chat, (first, second, _) = turns()
    (heard,) = presses_of(chat, "anna", "turns.swap.to", second, first)

    assert heard.text == "Tämä vuoro ei ole enää sinun."
    assert listed(chat, "anna")[0] == ["vapaa", "vapaa", "vapaa"]


def test_what_is_over_cancelled_gone_or_no_turn_cannot_be_taken():
    chat, (first, *_) = turns()
    dates(chat, WATERING, SOON, status="cancelled")
    answers = [presses_of(chat, "anna", "turns.take", which) for which in (first, 999)]
    (trip,) = dates(chat, TRIP, SOON)
    answers.append(presses_of(chat, "anna", "turns.take", trip))

    assert {(heard.text, heard.buttons) for (heard,) in answers} == {
        ("Tätä vuoroa ei voi enää ottaa.", (OTHERS, HOME))
    }


def test_when_all_are_taken_it_is_said():
    chat, (first, second) = turns(2)
    for each in (first, second):
        presses_of(chat, "bertil", "turns.take", each)
    (heard,) = chat.says("anna", "vuorot")

    assert (heard.text, heard.buttons) == ("Kasteluvuorot\nKaikki vuorot on nyt otettu.", (HOME,))


def test_organizers_see_how_many_of_the_next_are_free_and_whose_they_are_nobody():
    chat, (first, *_) = turns(12)
    presses_of(chat, "anna", "turns.take", first)
    chat.make_organizer("olli")
    (heard,) = chat.says("olli", "vuorot")

    assert heard.text.splitlines()[:2] == ["Kasteluvuorot", "Seuraavista 10 vuorosta vapaana 9."]


def test_more_turns_follow_on_request():
    chat, _ = turns(6)
    (first,) = chat.says("anna", "vuorot")
    (second,) = chat.presses("anna", "Lisää")

    assert first.buttons[-2:] == ("Lisää", HOME)
    assert second.buttons == ("la 28.11. klo 12", "su 29.11. klo 12", HOME)


def test_where_there_are_several_kinds_one_is_asked_which():
    chat = chat_with_series(WATERING, COFFEE)
    dates(chat, COFFEE, SOON)
    (which,) = chat.says("anna", "kahvivuoro")
    (shown,) = chat.presses("anna", "Kahvivuorot")

    assert (which.text, which.buttons) == ("Mitkä vuorot?", ("Kasteluvuorot", "Kahvivuorot", HOME))
    assert shown.text.splitlines()[2:] == ["ti 24.11. klo 12–13: vapaa"]


def test_where_there_are_none_it_is_said():
    (heard,) = chat_with_series(TRIP).says("anna", "vuorot")
    (gone,) = presses_of(chat_with_series(TRIP), "anna", "turns", "kastelu")

    assert heard.text == gone.text == "Täällä ei ole nyt yhteisiä vuoroja."


def test_turns_of_members_are_theirs_alone():
    chat, (first, *_) = turns(series=replace(WATERING, visibility="members"))
    with chat.transaction() as store:
        me = store.people.meet(chat.place("maija"), language="fi", now=chat.now).id
        store.subscriptions.add(me, WATERING.id)
    dates(chat, WATERING, SOON, visibility="members")

    assert listed(chat, "maija")[0] == ["vapaa"]
    assert chat.says("anna", "vuorot")[0].text == "Täällä ei ole nyt yhteisiä vuoroja."
    assert presses_of(chat, "anna", "turns.take", first)[0].text == "Tätä vuoroa ei voi enää ottaa."


def test_a_turn_is_no_event_and_no_series_to_be_reminded_of():
    chat, _ = turns()

    assert chat.says("anna", "tapahtumat")[0].text.startswith("Kalenterissa ei ole nyt tapahtumia.")
    assert chat.says("anna", "seuraava")[0].text.startswith("Kalenterissa ei ole nyt tapahtumia.")
    assert "Kasteluvuorot" not in chat.says("anna", "muistuta")[0].buttons
    assert subscriptions(chat, "anna") == {}


def test_who_opens_a_turn_sees_whether_it_is_free_and_takes_it():
    chat, (first, *_) = turns()

    def opened(who):
        (heard,) = presses_of(chat, who, "show", first)
        return heard.text.splitlines()[-1], heard.buttons

    free = opened("anna")
    chat.presses("anna", "Otan vuoron")

    assert free == ("Tämä vuoro on vapaa.", ("Otan vuoron", ICS, "Saa näyttää nimen", HOME))
    assert opened("anna") == ("Tämä vuoro on sinun.", ("Oma vuoroni", ICS, "Saa näyttää nimen", HOME))
    assert opened("bertil") == ("Tämä vuoro on varattu.", (ICS, "Saa näyttää nimen", HOME))
    chat.now = SOON
    assert opened("anna")[1] == (ICS, "Saa näyttää nimen", HOME)


@pytest.mark.parametrize("word", ["vuorot", "vuoro", "kasteluvuoro", "Kasteluvuorot", "tur", "my turn"])
def test_they_are_asked_for_in_many_words(word):
    chat, _ = turns()

    assert chat.says("anna", word)[0].text.startswith("Kasteluvuorot")
