from datetime import UTC, datetime, timedelta

from tests.handlers.houses import HOME, empty_calendar, event, plan
from tests.support import NOW, Chat


def test_the_next_meeting_is_told_with_its_variant_and_place():
    (heard,) = Chat().says("anna", "seuraava")

    assert heard.text == (
        "Yksinäisyysryhmä\n"
        "to 26.11. klo 13–15\n"
        "Keskustelukerta\n"
        "Esimerkkitalo, 2. kerros\n"
        "Hinta: maksuton. Sinun ei tarvitse ilmoittautua."
    )
    assert heard.buttons == (
        "Ensimmäistä kertaa?",
        "Muistuta minua",
        "Lisää kalenteriin",
        "Tulevat tapahtumat",
        HOME,
    )


def test_the_day_before_it_is_said_to_be_tomorrow():
    (heard,) = Chat(now=datetime(2026, 11, 25, 21, 59, tzinfo=UTC)).says("anna", "koska?")

    assert heard.text.splitlines()[1:3] == ["to 26.11. klo 13–15", "Tämä on huomenna."]


def test_what_has_begun_or_is_cancelled_is_not_next():
    chat = Chat()
    plan(chat, event("Alkoi jo", NOW), event("Peruttu", NOW + timedelta(hours=1), status="cancelled"))
    (heard,) = chat.says("anna", "seuraava")

    assert heard.text.startswith("Yksinäisyysryhmä\n")


def test_what_only_members_may_come_to_is_not_next():
    chat = Chat()
    plan(chat, event("Raati", NOW + timedelta(hours=1), visibility="members"))
    (heard,) = chat.says("anna", "seuraava")

    assert heard.text.startswith("Yksinäisyysryhmä\n")


def test_when_nothing_is_planned_it_says_so():
    chat = Chat()
    empty_calendar(chat)
    (heard,) = chat.says("anna", "seuraava")

    assert heard.text.startswith("Kalenterissa ei ole nyt tapahtumia.")


def test_titles_with_markup_are_shown_as_they_are():
    chat = Chat()
    plan(chat, event("<b>Kahvit</b> & *pulla*", NOW + timedelta(hours=1)))
    (heard,) = chat.says("anna", "seuraava")

    assert heard.text.startswith("<b>Kahvit</b> & *pulla*\n")
