import pytest

from tests.handlers.attending import DAY, SOON, TRIP, chat_with_series, dates, presses_of
from tests.handlers.houses import HOME
from tests.handlers.organizing import organized

MORE = "Lisää"


def signed_up(number):
    """Somebody with so many places, a day between them."""
    chat = chat_with_series(TRIP)
    for each in dates(chat, TRIP, *(SOON + day * DAY for day in range(number))):
        presses_of(chat, "anna", "sign.up", each)
    return chat


@pytest.mark.parametrize("said", ["peru paikka", "Peru paikkani", "paikkani", "avboka", "cancel my place"])
def test_the_one_place_that_one_has_is_shown_and_can_be_given_back(said):
    chat = signed_up(1)
    chat.says("anna", "kieli")
    (heard,) = chat.says("anna", said)
    (given,) = chat.presses("anna", "Peru paikkani")

    assert heard.text.startswith("Retki\nti 24.11. klo 12–13")
    assert heard.buttons[0] == "Peru paikkani"
    assert given.text.startswith("Paikkasi on nyt vapaa muille")


def test_of_several_each_can_be_given_back():
    chat = signed_up(2)
    (heard,) = chat.says("anna", "peru paikka")
    (given,) = chat.presses("anna", "Peru ke 25.11.")
    (left,) = chat.says("anna", "peru paikka")

    assert heard.text == (
        "Sinulla on nämä paikat:\nti 24.11. klo 12–13: Retki, sinulla on paikka\n"
        "ke 25.11. klo 12–13: Retki, sinulla on paikka"
    )
    assert heard.buttons == ("Peru ti 24.11.", "Peru ke 25.11.", HOME)
    assert given.text.startswith("Paikkasi on nyt vapaa muille")
    assert left.text.startswith("Retki\nti 24.11. klo 12–13")


def test_of_many_four_are_shown_at_a_time():
    chat = signed_up(6)
    (first,) = chat.says("anna", "peru paikka")
    (second,) = chat.presses("anna", MORE)

    assert first.buttons[-3:] == ("Peru pe 27.11.", MORE, HOME)
    assert second.buttons == ("Peru la 28.11.", "Peru su 29.11.", HOME)


def test_who_has_none_is_led_to_where_one_signs_up():
    (heard,) = signed_up(0).says("anna", "peru paikkani")

    assert (heard.text, heard.buttons) == (
        "Sinulla ei ole nyt paikkaa.\nVoit ilmoittautua tästä.",
        ("Ilmoittaudu", HOME),
    )


def test_what_has_begun_is_left_out():
    chat = signed_up(1)
    chat.now = SOON

    assert chat.says("anna", "peru paikkani")[0].text.startswith("Sinulla ei ole nyt paikkaa.")


def test_an_organizers_own_place_is_no_date_to_cancel():
    (heard,) = organized().says("tiina", "peru paikkani")

    assert heard.text.startswith("Sinulla ei ole nyt paikkaa.")
