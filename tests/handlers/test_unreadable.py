from tests.handlers.houses import HOME
from tests.support import Chat


def test_a_voice_message_or_a_picture_gets_a_kind_answer():
    (heard,) = Chat().happens("unreadable", "anna")

    assert heard.text == "En osaa avata tätä.\nLuen vain tekstiä.\nKirjoita minulle tai valitse alta."
    assert heard.buttons == ("Puhu ihmisen kanssa", HOME)


def test_a_cry_for_help_under_a_picture_is_heard():
    (heard,) = Chat().happens("unreadable", "anna", text="en jaksa enää elää")

    assert heard.text == "Jos olet vaarassa, soita 112.\nBotti ei näe hätääsi. Soita."


def test_what_else_is_written_under_a_picture_gets_the_kind_answer():
    (heard,) = Chat().happens("unreadable", "anna", text="ryhmä")

    assert heard.text.startswith("En osaa avata tätä.")


def test_in_a_group_pictures_are_left_alone():
    assert Chat().happens("unreadable", "anna", into="group") == []


def test_who_wrote_what_came_locked_is_asked_to_write_again():
    (heard,) = Chat().happens("undecryptable", "anna")

    assert (
        heard.text
        == "En saanut viestistäsi selvää.\nSe oli lukossa, eikä avain tullut.\nKirjoita sama uudelleen."
    )
    assert heard.buttons == ("Puhu ihmisen kanssa", HOME)
