from datetime import UTC, datetime, timedelta

from bot.messages import Button, Phrase, Place, button
from bot.store.dialogues import LASTS, NOTHING_OPEN, Dialogue

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ASKED = Dialogue("announce", {"draft": 7}, (button("button.yes", "yes", "7"), button("button.no", "no")))


def meet(store, name="anna"):
    return store.people.meet(Place("telegram", name), language="fi", now=NOW).id


def test_what_is_open_is_kept_for_its_conversation_alone(store):
    anna, bertil = meet(store), meet(store, "bertil")
    store.dialogues.put(anna, ASKED, now=NOW)

    assert store.dialogues.of(anna, now=NOW) == ASKED
    assert store.dialogues.of(bertil, now=NOW) == NOTHING_OPEN


def test_a_conversation_has_one_open_question(store):
    anna = meet(store)
    store.dialogues.put(anna, ASKED, now=NOW)
    store.dialogues.put(anna, Dialogue("other"), now=NOW)

    assert store.dialogues.of(anna, now=NOW) == Dialogue("other")


def test_what_is_open_is_forgotten_after_a_day(store):
    anna = meet(store)
    store.dialogues.put(anna, ASKED, now=NOW)

    assert store.dialogues.of(anna, now=NOW + LASTS - timedelta(milliseconds=1)) == ASKED
    assert store.dialogues.of(anna, now=NOW + LASTS) == NOTHING_OPEN
    assert store.dialogues.delete_expired(NOW) == 0
    assert store.dialogues.delete_expired(NOW + LASTS) == 1


def test_a_button_that_opens_a_page_cannot_be_chosen_by_number(store):
    anna = meet(store)
    page = Button(Phrase("button.page"), url="https://esimerkki.example")
    store.dialogues.put(anna, Dialogue(choices=(page, button("button.yes", "yes"))), now=NOW)

    assert store.dialogues.of(anna, now=NOW).choices == (button("button.yes", "yes"),)
