from tests.handlers.houses import HOME
from tests.support import Chat


def test_a_voice_message_or_a_picture_gets_a_kind_answer():
    (heard,) = Chat().happens("unreadable", "anna")

    assert heard.text == "En osaa kuunnella ääntä.\nEn osaa katsoa kuvia.\nKirjoita minulle tai paina nappia."
    assert heard.buttons == ("Puhu ihmisen kanssa", HOME)


def test_in_a_group_pictures_are_left_alone():
    assert Chat().happens("unreadable", "anna", into="group") == []
