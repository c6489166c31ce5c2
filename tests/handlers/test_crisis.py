import pytest

from tests.handlers.houses import HOME, chat_with
from tests.support import Chat

CALL_112 = "Jos olet vaarassa, soita 112.\nBotti ei näe hätääsi. Soita."


def test_crisis_words_get_the_emergency_text_at_once():
    (heard,) = Chat().says("anna", "en jaksa enää elää")

    assert heard.text == CALL_112
    assert heard.buttons == ("Puhu ihmisen kanssa", HOME)


def test_nothing_of_what_was_said_is_kept():
    chat = Chat()
    chat.says("anna", "en jaksa enää elää")
    with chat.transaction() as store:
        kept = "\n".join(store._connection.connection.driver_connection.iterdump())

    assert "elää" not in kept
    assert "vaarassa" not in kept
    assert chat.house.memory.peek(chat.conversation("anna").id, chat.now) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sv", "Om du är i fara, ring 112.\nBoten ser inte din nöd. Ring."),
        ("en", "If you are in danger, call 112.\nThe bot cannot see your emergency. Call."),
    ],
)
def test_it_is_said_in_the_persons_language(language, text):
    (heard,) = Chat().says("anna", "suicid", language=language)

    assert heard.text == text


def test_the_local_number_is_told_where_it_is_known(tmp_path):
    chat = chat_with(
        tmp_path, "organization.yaml", ('sosiaalipaivystys: ""', "sosiaalipaivystys: 014 111 1111")
    )
    (heard,) = chat.says("anna", "hätä")

    assert heard.text.splitlines()[1] == "Kiireellinen sosiaaliasia: 014 111 1111."


def test_in_a_group_it_stands_alone():
    chat = Chat()
    chat.says("anna", "/start")
    (heard,) = chat.says("anna", "haluan kuolla", into="group")

    assert (heard.who, heard.text, heard.buttons) == ("group", CALL_112, ())


def test_it_is_said_even_when_content_has_no_answer(tmp_path):
    chat = chat_with(tmp_path, "faq.yaml", ("    priority: true\n", ""))
    (heard,) = chat.says("anna", "hätä")

    assert heard.text == CALL_112
