from dataclasses import replace

import pytest

from tests.handlers.attending import DAY, GROUP, HOUR, OPEN, SOON, TRIP, chat_with_series, dates, presses_of
from tests.handlers.houses import BACK, HOME

ICS = "Lisää kalenteriin"
EVENTS = "Tulevat tapahtumat"


def trip(*names, series=TRIP, at=SOON):
    """A trip with two places, and people who have asked for one."""
    chat = chat_with_series(series)
    (here,) = dates(chat, series, at)
    for name in names:
        presses_of(chat, name, "sign.up", here)
    return chat, here


def seen(chat, who):
    """What stands last in the view of the next event, and its first button."""
    (heard,) = chat.says(who, "seuraava")
    return heard.text.splitlines()[-1], heard.buttons[0]


def test_free_places_are_told_as_a_number_and_one_is_taken_in_one_tap():
    chat, _ = trip("bertil")
    before = seen(chat, "anna")
    (heard,) = chat.presses("anna", "Ilmoittaudu")

    assert before == ("Paikkoja 2, vapaana 1.", "Ilmoittaudu")
    assert heard.text == (
        "Sinulla on nyt paikka.\nRetki\nti 24.11. klo 12–13\nNimeäsi ei tarvita.\n"
        "Muistutan sinua: ma 23.11. klo 12"
    )
    assert heard.buttons == ("Peru paikkani", ICS, HOME)


def test_who_has_a_place_sees_that_and_needs_no_other_reminder():
    chat, _ = trip("anna")
    (heard,) = chat.says("anna", "seuraava")

    assert heard.text.splitlines()[-1] == "Sinulla on paikka."
    assert heard.buttons == ("Peru paikkani", ICS, EVENTS, HOME)


def test_where_it_is_full_one_gets_a_number_in_the_queue():
    chat, _ = trip("bertil", "cecilia", "daavid")
    before = seen(chat, "anna")
    (heard,) = chat.presses("anna", "Jonoon")

    assert before == ("Paikkoja 2. Nyt täynnä.", "Jonoon")
    assert heard.text == (
        "Paikat ovat nyt täynnä.\nOlet jonossa. Numerosi on 2.\n"
        "Kysyn sinulta, kun paikka vapautuu.\nSinun ei tarvitse tehdä muuta."
    )
    assert heard.buttons == ("Pois jonosta", HOME)
    assert seen(chat, "anna") == ("Olet jonossa. Numerosi on 2.", "Pois jonosta")


def test_a_place_is_given_back_in_one_tap_and_the_next_one_is_asked():
    chat, _ = trip("anna", "bertil", "cecilia")
    chat.says("anna", "seuraava")
    mine, asked = chat.presses("anna", "Peru paikkani")

    assert (mine.text, mine.buttons) == (
        "Paikkasi on nyt vapaa muille:\nTapaaminen\nti 24.11. klo 12–13\nKiitos, että kerroit.",
        ("Jonoon", HOME),
    )
    assert (asked.who, asked.text, asked.buttons) == (
        "cecilia",
        (
            "Sinulle on vapautunut paikka.\nTapaaminen\nti 24.11. klo 12–13\nOtatko sen?\n"
            "Pidän paikan sinulle tähän asti: su 22.11. klo 12"
        ),
        ("Otan paikan", "En ota"),
    )


def test_a_place_given_back_by_mistake_is_taken_back_in_one_tap_while_it_is_free():
    chat, here = trip("anna")
    presses_of(chat, "anna", "name", "1")
    (gone,) = presses_of(chat, "anna", "sign.off", here)
    (heard,) = chat.presses("anna", "Ota paikka takaisin")

    assert (gone.text.splitlines()[1], gone.buttons) == ("Retki", ("Ota paikka takaisin", HOME))
    assert heard.text.splitlines()[0] == "Sinulla on nyt paikka."


def test_the_question_names_the_event_only_to_who_lets_it():
    chat, here = trip("anna", "bertil", "cecilia")
    presses_of(chat, "cecilia", "name", "1")
    _, asked = presses_of(chat, "anna", "sign.off", here)

    assert asked.text.splitlines()[1] == "Retki"


def test_who_takes_the_place_has_it():
    chat, here = trip("anna", "bertil", "cecilia")
    presses_of(chat, "anna", "sign.off", here)
    kept = seen(chat, "cecilia")
    (heard,) = chat.presses("cecilia", "Otan paikan")

    assert kept == ("Pidän paikan sinulle tähän asti: su 22.11. klo 12", "Otan paikan")
    assert heard.text.splitlines()[0] == "Sinulla on nyt paikka."
    assert seen(chat, "anna")[0] == "Paikkoja 2. Nyt täynnä."


def test_who_does_not_want_it_leaves_it_to_the_next():
    chat, here = trip("anna", "bertil", "cecilia", "daavid")
    presses_of(chat, "anna", "sign.off", here)
    mine, asked = chat.presses("cecilia", "En ota")

    assert mine.text == "Selvä. Kysyn seuraavalta.\nKiitos, että kerroit."
    assert asked.who == "daavid"
    assert chat.presses("cecilia", "En ota")[0].text == "Sinulla ei ole tässä paikkaa."


def test_who_answers_late_may_wait_again_if_the_place_is_gone_and_has_it_if_not():
    chat, here = trip("anna", "bertil", "cecilia", "daavid")
    presses_of(chat, "anna", "sign.off", here)
    chat.ticks(to=chat.now + 25 * HOUR)
    (late,) = chat.presses("cecilia", "Otan paikan")
    chat.presses("daavid", "En ota")
    (free,) = chat.presses("cecilia", "Otan paikan")

    assert (late.text, late.buttons) == ("Paikka meni jo toiselle.\nHaluatko jonoon?", ("Jonoon", HOME))
    assert free.text.splitlines()[0] == "Sinulla on nyt paikka."


def test_one_leaves_the_queue_in_one_tap():
    chat, _ = trip("bertil", "cecilia", "anna")
    chat.says("anna", "seuraava")
    (heard,) = chat.presses("anna", "Pois jonosta")

    assert (heard.text, heard.buttons) == ("Selvä. Et ole enää jonossa.", ("Jonoon", HOME))
    assert chat.presses("anna", "Pois jonosta")[0].text == "Sinulla ei ole tässä paikkaa."


def test_without_a_limit_one_just_signs_up():
    chat, _ = trip(series=OPEN)
    before = seen(chat, "anna")
    chat.presses("anna", "Ilmoittaudu")

    assert before == ("Voit ilmoittautua tästä.", "Ilmoittaudu")
    assert seen(chat, "anna") == ("Sinulla on paikka.", "Peru paikkani")


def test_organizers_see_how_many_come_and_wait_and_no_more():
    chat, _ = trip("anna", "bertil", "cecilia")
    chat.make_organizer("olli")

    assert seen(chat, "olli") == ("Ilmoittautuneita 2, jonossa 1.", "Jonoon")


def test_what_is_over_cancelled_or_gone_takes_nobody():
    chat, here = trip()
    dates(chat, TRIP, SOON, status="cancelled")
    cancelled = presses_of(chat, "anna", "sign.up", here)
    dates(chat, TRIP, SOON)
    chat.now = SOON
    begun = presses_of(chat, "anna", "sign.take", here)
    gone = presses_of(chat, "anna", "sign.up", 999)

    assert [heard.text for (heard,) in (cancelled, begun, gone)] == [
        "Tähän ei voi nyt ilmoittautua.\nVoit kysyä työntekijältä."
    ] * 3
    assert cancelled[0].buttons == (EVENTS, "Puhu ihmisen kanssa", HOME)
    assert presses_of(chat, "anna", "sign.off", 999)[0].text == "Sinulla ei ole tässä paikkaa."


def test_a_place_at_what_has_begun_can_still_be_given_back():
    chat, here = trip("anna")
    chat.now = SOON
    (heard,) = presses_of(chat, "anna", "sign.off", here)

    assert heard.buttons == (HOME,)


def test_in_a_group_nothing_personal_is_said():
    chat, _ = trip("group")
    (heard,) = chat.says("anna", "!seuraava", into="group")

    assert heard.text.splitlines()[-1] == "Voit ilmoittautua minulle yksityisesti."
    assert heard.buttons == ()


@pytest.mark.parametrize(("visibility", "seen_by_members"), [("members", True), ("staff", False)])
def test_what_is_not_for_all_is_for_whom_it_is(visibility, seen_by_members):
    closed = replace(TRIP, visibility=visibility)
    chat = chat_with_series(closed)
    (here,) = dates(chat, closed, SOON, visibility=visibility)
    chat.make_organizer("olli")
    with chat.transaction() as store:
        for name in ("maija", "anna", "olli"):
            me = store.people.meet(chat.place(name), language="fi", now=chat.now).id
            if name == "maija":
                store.subscriptions.add(me, TRIP.id)

    def may(who):
        (heard,) = presses_of(chat, who, "sign.up", here)
        listed = chat.says(who, "ilmoittaudu")[0].text.startswith("Näihin")
        assert listed == heard.text.startswith("Sinulla")
        return listed

    assert (may("maija"), may("anna"), may("olli")) == (seen_by_members, False, visibility == "staff")


# ---- the list --------------------------------------------------------------------------------------------


def test_what_one_can_sign_up_for_is_listed_with_what_became_of_it():
    chat = chat_with_series(TRIP)
    full, waiting, free, _ = dates(chat, TRIP, *(SOON + number * DAY for number in range(4)))
    for name in ("anna", "bertil"):
        presses_of(chat, name, "sign.up", full)
    for name in ("bertil", "cecilia", "anna"):
        presses_of(chat, name, "sign.up", waiting)
    presses_of(chat, "bertil", "sign.up", free)
    (heard,) = chat.says("anna", "ilmoittaudu")
    (other,) = chat.says("cecilia", "ilmoittaudu")

    assert heard.text == (
        "Näihin voi ilmoittautua:\n"
        "ti 24.11. klo 12–13: Retki, sinulla on paikka\n"
        "ke 25.11. klo 12–13: Retki, olet jonossa\n"
        "to 26.11. klo 12–13: Retki, vapaana 1\n"
        "pe 27.11. klo 12–13: Retki, vapaana 2"
    )
    assert heard.buttons == ("ti 24.11.", "ke 25.11.", "to 26.11.", "pe 27.11.", HOME)
    assert other.text.splitlines()[1] == "ti 24.11. klo 12–13: Retki, täynnä"


def test_without_a_limit_the_list_says_that_it_is_open():
    chat, _ = trip(series=OPEN)

    assert chat.says("anna", "ilmoittaudu")[0].text.splitlines()[1] == "ti 24.11. klo 12–13: Kurssi, auki"


def test_a_place_that_is_kept_for_somebody_waits_in_the_list_too():
    chat, here = trip("anna", "bertil", "cecilia")
    presses_of(chat, "anna", "sign.off", here)

    assert chat.says("cecilia", "ilmoittaudu")[0].text.endswith("paikka odottaa sinua")


def test_more_dates_follow_and_each_leads_back_to_its_page():
    chat = chat_with_series(TRIP)
    dates(chat, TRIP, *(SOON + number * DAY for number in range(6)))
    (first,) = chat.says("anna", "ilmoittaudu")
    (second,) = chat.presses("anna", "Lisää")
    (opened,) = chat.presses("anna", "la 28.11.")
    (back,) = chat.presses("anna", BACK)

    assert first.buttons[-2:] == ("Lisää", HOME)
    assert second.buttons == ("la 28.11.", "su 29.11.", HOME)
    assert opened.buttons == ("Ilmoittaudu", "Muistuta minua", ICS, BACK, HOME)
    assert back == second


def test_where_there_is_nothing_to_sign_up_for_one_just_comes():
    (heard,) = chat_with_series(TRIP).says("anna", "ilmoittaudu")

    assert heard.text == "Nyt ei ole mitään, mihin pitää ilmoittautua.\nMuihin voit vain tulla."
    assert heard.buttons == (EVENTS, HOME)


@pytest.mark.parametrize("word", ["ilmoittaudu", "ilmottaudu", "Ilmoittaudun", "anmäl dig", "sign up"])
def test_it_is_asked_for_in_many_words(word):
    chat, _ = trip()

    assert chat.says("anna", word)[0].text.startswith("Näihin")


def test_a_reminder_is_promised_only_where_one_comes():
    chat, _ = trip(at=SOON - 3 * DAY + HOUR)  # in an hour
    chat.says("anna", "seuraava")
    (soon,) = chat.presses("anna", "Ilmoittaudu")
    paused, here = trip()
    presses_of(paused, "anna", "pause")
    (quiet,) = presses_of(paused, "anna", "sign.up", here)

    assert "Muistutan" not in soon.text + quiet.text


def test_no_event_has_more_buttons_than_fit():
    welcoming = replace(TRIP, first_time=GROUP.first_time)
    chat, here = trip("anna", "bertil", "cecilia", series=welcoming)
    presses_of(chat, "anna", "sign.off", here)
    offered = presses_of(chat, "cecilia", "show", here)[0]
    free = presses_of(chat, "daavid", "show", here)[0]
    listed = chat.says("cecilia", "seuraava")[0]

    assert [len(each.buttons) for each in (offered, free, listed)] == [6, 6, 6]
