"""The menu of changes, and what was changed last."""

import pytest

from tests.handlers.houses import HOME
from tests.handlers.test_cancel_date import DO, cancel, subscribe
from tests.support import Chat


@pytest.fixture
def chat():
    chat = Chat()
    chat.make_organizer("olga")
    subscribe(chat, "anna")
    return chat


def test_an_organizers_menu_leads_to_all_changes(chat):
    (desk,) = chat.says("olga", "jarjestaja")
    (menu,) = chat.presses("olga", "Muuta ohjelmaa")

    assert "Muuta ohjelmaa" in desk.buttons
    assert menu.buttons == (
        "Peru kerta",
        "Siirrä kerta",
        "Lisää tapahtuma",
        "Pidä tauko",
        "Viime muutokset",
        "Järjestäjän valikko",
    )


def test_what_was_changed_last_is_listed_and_can_be_taken_back(chat):
    cancel(chat)
    chat.presses("olga", DO)
    chat.says("olga", "jarjestaja")
    chat.presses("olga", "Muuta ohjelmaa")
    (recent,) = chat.presses("olga", "Viime muutokset")
    (undone,) = chat.presses("olga", "Ota takaisin 1.")
    (following,) = chat.says("bertta", "seuraava")

    assert "to 26.11." in recent.text
    assert undone.text.startswith("Muutos on otettu takaisin.")
    assert "to 26.11. klo 13–15" in following.text


def test_while_nothing_was_changed_the_list_says_so(chat):
    chat.says("olga", "jarjestaja")
    chat.presses("olga", "Muuta ohjelmaa")
    (recent,) = chat.presses("olga", "Viime muutokset")

    assert recent.text == "Ohjelmaan ei ole tehty muutoksia täällä."
    assert recent.buttons[-1] == HOME


def test_typing_while_a_change_is_shown_shows_it_again(chat):
    cancel(chat)
    *_, again = chat.says("olga", "hmm, entä jos")

    assert again.buttons[0] == DO


@pytest.mark.parametrize(
    "action", ["change", "change.do", "change.drop", "change.recent", "cancel", "move", "lisaa", "break"]
)
def test_only_organizers_may(chat, action):
    chat.says("anna", "moi")
    data = chat.store.vault.seal_button(chat.conversation("anna").id, action, ("1",))
    (heard,) = chat.sends_button("anna", data)

    assert heard.text.startswith("Tämä valinta on vanha.")
