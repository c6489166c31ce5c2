from datetime import timedelta

import pytest

from tests.handlers.houses import BACK, HOME, chat_with
from tests.support import NOW, Chat

SMILEYS = ("😞 Huono", "🙁 Melko huono", "😐 Siltä väliltä", "🙂 Hyvä", "😀 Todella hyvä", "En vastaa")


def quiet_chat(chat=None):
    """A chat in which no poll is open."""
    chat = chat or Chat()
    with chat.transaction() as store:
        for each in store.polls.open_rounds(chat.now):
            store.polls.close(each.id, now=chat.now)
    return chat


def opens(chat, poll, *, hours=72):
    """Open a round; give its number."""
    with chat.transaction() as store:
        closes = chat.now + timedelta(hours=hours)
        return store.polls.open(poll, f"test {poll} {chat.now}", now=chat.now, closes=closes).id


def closes(chat, round_id):
    """Close a round; give the counts."""
    with chat.transaction() as store:
        return dict(store.polls.close(round_id, now=chat.now))


def ballots(chat, round_id):
    with chat.transaction() as store:
        return store.polls.ballots(round_id)


def vote(chat, who, round_id, answer):
    """Press an option's button, whenever it was shown."""
    me = chat.conversation(who).id
    return chat.sends_button(who, chat.store.vault.seal_button(me, "vote", (str(round_id), answer)))


def test_an_open_poll_is_asked_with_smileys_and_a_way_not_to_answer():
    chat = quiet_chat()
    opens(chat, "ryhmakerta_hymio")
    (heard,) = chat.says("anna", "kysely")

    assert heard.text == (
        "Millainen ryhmäkerta oli tänään?\n"
        "Työntekijä ei näe, mitä sinä vastaat.\n"
        "Palvelu, jossa botti toimii, voi nähdä sen."
    )
    assert heard.buttons == SMILEYS


def test_an_answer_is_kept_and_thanked_for():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "kysely")
    (heard,) = chat.presses("anna", "🙂 Hyvä")

    assert (heard.text, heard.buttons) == ("Kiitos vastauksesta!", ("Muuta vastausta", HOME))
    assert closes(chat, asked) == {"4": 1}


def test_a_number_or_the_words_of_an_option_answer_too():
    chat = quiet_chat()
    asked = opens(chat, "toimintatoive")
    for who, said in (("anna", "2"), ("bertta", "lautapelejä"), ("cecilia", "5.")):
        chat.says(who, "kysely")
        chat.says(who, said)

    assert closes(chat, asked) == {"peli": 2, "en_tieda": 1}


def test_an_answer_can_be_changed_while_the_poll_is_open_and_counts_once():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "kysely")
    chat.presses("anna", "😞 Huono")
    (again,) = chat.says("anna", "kysely")
    (question,) = chat.presses("anna", "Muuta vastausta")
    chat.presses("anna", "🙂 Hyvä")

    assert (again.text, again.buttons) == (
        "Olet jo vastannut tähän.\nVoit vielä muuttaa vastausta.",
        ("Muuta vastausta", HOME),
    )
    assert question.buttons == SMILEYS
    assert closes(chat, asked) == {"4": 1}


def test_where_options_fill_the_screen_not_answering_leads_home_with_nothing_kept():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "kysely")
    (heard,) = chat.presses("anna", "En vastaa")
    (back,) = chat.presses("anna", BACK)
    chat.presses("anna", "En vastaa")
    (home,) = chat.presses("anna", HOME)
    (again,) = chat.says("anna", "kysely")

    assert (heard.text, heard.buttons) == (
        "Sinun ei tarvitse vastata.\nVoit vastata myös myöhemmin.",
        ("En vastaa ollenkaan", BACK, HOME),
    )
    assert home.text == "Mitä haluat tehdä?"
    assert back.buttons == again.buttons == SMILEYS
    assert ballots(chat, asked) == 0


def test_leaving_a_poll_that_has_closed_meanwhile_says_so():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "kysely")
    closes(chat, asked)
    (heard,) = chat.presses("anna", "En vastaa")

    assert heard.text == "Tämä kysely on jo sulkeutunut."


def test_who_would_rather_not_answer_is_left_in_peace():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "kysely")
    chat.presses("anna", "En vastaa")
    (heard,) = chat.presses("anna", "En vastaa ollenkaan")
    (again,) = chat.says("anna", "kysely")

    assert heard.text == "Selvä. Sinun ei tarvitse vastata."
    assert again.text.startswith("Olet jo vastannut tähän.")
    assert closes(chat, asked) == {}


def test_polls_come_one_at_a_time_and_the_last_leads_home():
    chat = quiet_chat()
    opens(chat, "ryhmakerta_hymio")
    opens(chat, "toimintatoive")
    chat.says("anna", "kysely")
    (first,) = chat.presses("anna", "🙂 Hyvä")
    (question,) = chat.presses("anna", "Seuraava kysely")
    (second,) = chat.presses("anna", "Leivotaan")

    assert first.buttons == ("Seuraava kysely", "Muuta vastausta", HOME)
    assert question.text.startswith("Mitä teemme ryhmässä ensi kerralla?\n")
    assert (second.text, second.buttons) == ("Kiitos vastauksesta!", ("Muuta vastausta", HOME))


def test_when_all_are_answered_each_can_still_be_changed():
    chat = quiet_chat()
    opens(chat, "ryhmakerta_hymio")
    second = opens(chat, "toimintatoive")
    chat.says("anna", "kysely")
    chat.presses("anna", "🙂 Hyvä")
    chat.presses("anna", "Seuraava kysely")
    chat.presses("anna", "Leivotaan")
    (heard,) = chat.says("anna", "kysely")
    chat.presses("anna", "Mitä teemme ryhmässä…")
    chat.presses("anna", "Lautapelejä")

    assert heard.text == "Olet vastannut kaikkiin kyselyihin. Kiitos!\nVoit vielä muuttaa vastausta."
    assert heard.buttons == ("Millainen ryhmäkerta…", "Mitä teemme ryhmässä…", HOME)
    assert closes(chat, second) == {"peli": 1}


def test_where_there_is_room_the_way_home_stands_under_the_question(tmp_path):
    chat = chat_with(
        tmp_path,
        "polls.yaml",
        ('    - {v: en_tieda, fi: "En tiedä", sv: "Jag vet inte", en: "I do not know"}\n', ""),
    )
    opens(quiet_chat(chat), "toimintatoive")
    (heard,) = chat.says("anna", "kysely")

    assert heard.buttons == ("Kävelylle", "Lautapelejä", "Leivotaan", "Museo tai teatteri", "En vastaa", HOME)


def test_without_an_open_poll_it_says_so():
    chat = quiet_chat()
    opens(chat, "ryhmakerta_hymio", hours=1)
    chat.now += timedelta(hours=1)
    (heard,) = chat.says("anna", "kysely")

    assert (heard.text, heard.buttons) == ("Nyt ei ole avoimia kyselyjä.", (HOME,))


@pytest.mark.parametrize("poll", ["kehittamisteemat", "mika_mattaa", "rekrytointi"])
def test_what_cannot_be_asked_as_promised_is_not_asked(poll):
    chat = quiet_chat()
    opens(chat, poll)

    assert chat.says("anna", "kysely")[0].text == "Nyt ei ole avoimia kyselyjä."


def test_what_members_are_asked_is_asked_of_members_only(tmp_path):
    chat = quiet_chat(
        chat_with(tmp_path, "polls.yaml", ("  audience: [ryhma]\n", "  audience: [asiakasraati]\n"))
    )
    asked = opens(chat, "toimintatoive")
    chat.says("anna", "/start")
    with chat.transaction() as store:
        store.subscriptions.add(store.people.find(chat.place("anna")).id, "asiakasraati", 3)
    (member,) = chat.says("anna", "kysely")
    (stranger,) = chat.says("bertta", "kysely")
    (linked,) = chat.says("bertta", f"/start kysely-{asked}")

    assert member.text.startswith("Mitä teemme ryhmässä ensi kerralla?")
    assert stranger.text == "Nyt ei ole avoimia kyselyjä."
    assert linked.text == "Tätä kyselyä ei löydy."


def test_a_link_leads_to_its_own_poll():
    chat = quiet_chat()
    opens(chat, "ryhmakerta_hymio")
    second = opens(chat, "toimintatoive")
    (heard,) = chat.says("anna", f"/start kysely-{second}")
    chat.presses("anna", "Leivotaan")
    (again,) = chat.says("anna", f"/start kysely-{second}")

    assert heard.text.startswith("Mitä teemme ryhmässä ensi kerralla?\n")
    assert again.text.startswith("Olet jo vastannut tähän.")


def test_a_button_under_an_invitation_leads_to_its_poll():
    chat = quiet_chat()
    asked = opens(chat, "toimintatoive")
    chat.says("anna", "/start")
    me = chat.conversation("anna").id
    (heard,) = chat.sends_button("anna", chat.store.vault.seal_button(me, "poll", (str(asked),)))

    assert heard.text.startswith("Mitä teemme ryhmässä ensi kerralla?\n")


def test_a_poll_that_is_over_takes_no_answer_and_says_so():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "kysely")
    chat.now = NOW + timedelta(hours=72)
    (late,) = chat.presses("anna", "🙂 Hyvä")
    (linked,) = chat.says("anna", f"/start kysely-{asked}")

    assert late.text == linked.text == "Tämä kysely on jo sulkeutunut."
    assert ballots(chat, asked) == 0


def test_a_closed_poll_cannot_be_changed():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "kysely")
    chat.presses("anna", "🙂 Hyvä")
    counted = closes(chat, asked)
    (heard,) = chat.presses("anna", "Muuta vastausta")
    vote(chat, "anna", asked, "1")

    assert heard.text == "Tämä kysely on jo sulkeutunut."
    assert counted == {"4": 1}
    assert ballots(chat, asked) == 0


def test_a_poll_nobody_knows_is_not_found():
    heard = [Chat().says("anna", f"/start kysely-{number}")[0] for number in ("999", "9" * 60)]

    assert [each.text for each in heard] == ["Tätä kyselyä ei löydy."] * 2


def test_an_option_that_the_poll_does_not_have_is_no_answer():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    chat.says("anna", "/start")
    (heard,) = vote(chat, "anna", asked, "6")

    assert heard.text == "Tämä nappi on vanha.\nPaina: Alkuun."
    assert ballots(chat, asked) == 0


def test_a_button_shown_to_somebody_else_takes_no_vote():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    (shown,) = chat.says("anna", "kysely")
    chat.says("bertta", "/start")
    (heard,) = chat.sends_button("bertta", shown.shown[3].data)

    assert heard.text == "Tämä nappi on vanha.\nPaina: Alkuun."
    assert ballots(chat, asked) == 0


def test_the_answer_itself_stands_nowhere_but_on_the_ballot():
    chat = quiet_chat()
    opens(chat, "toimintatoive")
    chat.says("anna", "kysely")
    chat.presses("anna", "Leivotaan")
    with chat.transaction() as store:
        kept = [
            line
            for line in store._connection.connection.driver_connection.iterdump()
            if "leivonta" in line and 'INTO "ballot"' not in line
        ]

    assert kept == []
