import pytest

from tests.handlers.attending import SOON, WATERING, chat_with_series, dates
from tests.handlers.houses import HOME
from tests.support import Chat


@pytest.mark.parametrize(
    "said", ["kenen vuoro on?", "kumpi kerta on vuorossa", "vems tur", "whose turn is it"]
)
def test_who_asks_which_kind_is_next_hears_the_next_dates_with_theirs(said):
    (heard,) = Chat().says("anna", said)

    assert heard.text == (
        "Näin kerrat vuorottelevat:\n"
        "to 26.11. klo 13–15: Yksinäisyysryhmä, Keskustelukerta\n"
        "to 3.12. klo 13–15: Yksinäisyysryhmä, Toimintakerta\n"
        "to 10.12. klo 13–15: Yksinäisyysryhmä, Keskustelukerta\n"
        "to 17.12. klo 13–15: Yksinäisyysryhmä, Toimintakerta"
    )
    assert heard.buttons == ("Tulevat tapahtumat", HOME)


def test_where_nothing_alternates_the_shared_turns_are_meant():
    chat = chat_with_series(WATERING)
    dates(chat, WATERING, SOON)

    assert chat.says("anna", "kenen vuoro on") == chat.says("anna", "vuorot")
