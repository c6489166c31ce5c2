from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import Reader
from bot.messages import Phrase, button
from handlers.menus import HOME, MOST_BUTTONS, names_of, page
from tests.support import NOW, sample_house

MORE = button("button.more", "more", "ryhma")


@given(st.integers(0, 30))
def test_pages_show_every_choice_once_and_in_order_with_a_way_back_on_each(number):
    choices = [button("label", "choose", str(each)) for each in range(number)]
    shown, pages = [], 0
    while True:
        buttons = page(choices, pages, more=MORE, way_back=HOME)
        assert len(buttons) <= MOST_BUTTONS
        assert buttons[-1] == HOME
        shown += [each for each in buttons if each.action == "choose"]
        pages += 1
        following = [each for each in buttons if each.action == "more"]
        if not following:
            break
        assert following == [button("button.more", "more", "ryhma", str(pages))]

    assert shown == choices


def test_what_fits_on_one_page_needs_no_second():
    choices = [button("label", "choose", str(each)) for each in range(5)]

    assert page(choices, 0, more=MORE, way_back=HOME) == (*choices, HOME)


def test_of_many_names_the_first_are_told_and_how_many_more_there_are():
    furnished = sample_house()
    series = ("ryhma", "palsta", "kiri", "jyp", "piparit")
    reader = Reader("fi", furnished.house.zone, NOW)

    def told(number):
        return furnished.wording.say(
            Phrase("remind.have", {"sarjat": names_of(series[:number], furnished.house)}), reader
        )

    assert [told(number) for number in (3, 4, 5)] == [
        "Saat muistutuksia: Yksinäisyysryhmä, Työntekijä palstalla, Kirin kotipeli.",
        "Saat muistutuksia: Yksinäisyysryhmä, Työntekijä palstalla, Kirin kotipeli ja 1 muu.",
        "Saat muistutuksia: Yksinäisyysryhmä, Työntekijä palstalla, Kirin kotipeli ja 2 muuta.",
    ]
