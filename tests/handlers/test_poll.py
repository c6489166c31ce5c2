from collections import Counter
from datetime import timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Incoming
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
    (changed,) = chat.presses("anna", "🙂 Hyvä")

    assert changed.text == "Vaihdoin vastauksesi. Kiitos!"
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

    assert heard.text == "Tämä valinta on vanha.\nValitse: Alkuun."
    assert ballots(chat, asked) == 0


def test_a_button_shown_to_somebody_else_takes_no_vote():
    chat = quiet_chat()
    asked = opens(chat, "ryhmakerta_hymio")
    (shown,) = chat.says("anna", "kysely")
    chat.says("bertta", "/start")
    (heard,) = chat.sends_button("bertta", shown.shown[3].data)

    assert heard.text == "Tämä valinta on vanha.\nValitse: Alkuun."
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


# ---- what is secret


def test_the_buttons_that_answer_are_marked_and_those_that_lead_elsewhere_are_not(tmp_path):
    chat = chat_with(
        tmp_path,
        "polls.yaml",
        ('    - {v: en_tieda, fi: "En tiedä", sv: "Jag vet inte", en: "I do not know"}\n', ""),
    )
    quiet_chat(chat)
    opens(chat, "ryhmakerta_hymio")
    opens(chat, "toimintatoive")
    (full,) = chat.says("anna", "kysely")
    (leave,) = chat.presses("anna", "En vastaa")
    (thanks,) = chat.presses("anna", "En vastaa ollenkaan")
    (with_room,) = chat.presses("anna", "Seuraava kysely")

    assert [[button.answer for button in each.shown] for each in (full, leave, thanks, with_room)] == [
        [True] * 6,
        [True, False, False],
        [False, False, False],
        [True] * 5 + [False],
    ]


# ---- votes that are edited or taken back, where a platform lets people do so

TAKEN_BACK = "Otin vastauksesi pois.\nVoit vastata uudelleen. Kirjoita: kysely."
NOT_AN_OPTION = "En ymmärtänyt muokkausta.\nVastauksesi on ennallaan.\nMitä teemme ryhmässä ensi kerralla?"
WRITE_ANEW = "Muokkasit aiempaa viestiäsi.\nEn ymmärtänyt muutosta.\nKirjoita uusi viesti."


@pytest.fixture
def matrix():
    """A chat in which all can be edited and taken back, and no poll is open."""
    return quiet_chat(Chat(platform="matrix", retractable=True, reachable=True))


def answers(chat, who, said="2"):
    """Be asked, and answer; give the id of the answer."""
    chat.says(who, "kysely")
    (heard,) = chat.says(who, said)
    assert heard.text.startswith("Kiitos")
    return chat.said_last[who]


def test_a_vote_that_is_taken_back_is_no_vote_and_can_be_given_again(matrix):
    asked = opens(matrix, "toimintatoive")
    answers(matrix, "anna")
    (heard,) = matrix.takes_back("anna")
    left = ballots(matrix, asked)
    (again,) = matrix.says("anna", "kysely")
    matrix.says("anna", "3")

    assert (heard.text, heard.buttons, left) == (TAKEN_BACK, (), 0)
    assert again.text.startswith("Mitä teemme")
    assert closes(matrix, asked) == {"leivonta": 1}


def test_a_pressed_answer_can_be_taken_back_too_and_one_not_to_answer(matrix):
    asked = opens(matrix, "toimintatoive")
    matrix.says("anna", "kysely")
    matrix.presses("anna", "Leivotaan")
    (pressed,) = matrix.takes_back("anna")
    matrix.says("anna", "kysely")
    matrix.presses("anna", "En vastaa")
    matrix.presses("anna", "En vastaa ollenkaan")
    (declined,) = matrix.takes_back("anna")

    assert pressed.text == declined.text == TAKEN_BACK
    assert ballots(matrix, asked) == 0


def test_taking_back_what_was_said_in_place_of_others_changes_nothing(matrix):
    asked = opens(matrix, "toimintatoive")
    first = answers(matrix, "anna", "2")
    matrix.presses("anna", "Muuta vastausta")
    matrix.says("anna", "3")
    heard = matrix.takes_back("anna", earlier=first)

    assert heard == []
    assert closes(matrix, asked) == {"leivonta": 1}


def test_taking_back_what_was_no_vote_changes_nothing_and_leaves_open_what_is_open(matrix):
    asked = opens(matrix, "toimintatoive")
    matrix.says("anna", "kysely")
    heard = matrix.takes_back("anna") + matrix.takes_back("anna", earlier="unknown")
    matrix.says("anna", "2")

    assert heard == []
    assert closes(matrix, asked) == {"peli": 1}


def test_nobody_takes_back_a_vote_of_somebody_else(matrix):
    asked = opens(matrix, "toimintatoive")
    vote_of_anna = answers(matrix, "anna")
    answers(matrix, "bertta", "3")
    heard = matrix.takes_back("bertta", earlier=vote_of_anna)
    heard += matrix.edits("bertta", "1", earlier=vote_of_anna)

    assert [each.text for each in heard] == [WRITE_ANEW]
    assert closes(matrix, asked) == {"peli": 1, "leivonta": 1}


def test_what_is_told_twice_has_one_effect(matrix):
    asked = opens(matrix, "toimintatoive")
    voted = answers(matrix, "anna")
    anna = matrix.place("anna")
    edit = Incoming(id="e", where=anna, sender=anna, text="3", edits=voted, retractable=True)
    back = Incoming(id="w", where=anna, sender=anna, what="withdrawn", text="e")
    heard = [len(matrix.comes(each)) for each in (edit, edit, back, back, edit)]

    assert heard == [1, 0, 1, 0, 0]
    assert ballots(matrix, asked) == 0


def test_a_vote_that_was_edited_can_be_taken_back(matrix):
    asked = opens(matrix, "toimintatoive")
    answers(matrix, "anna")
    matrix.edits("anna", "3")
    (heard,) = matrix.takes_back("anna")

    assert heard.text == TAKEN_BACK
    assert ballots(matrix, asked) == 0


def test_taking_an_edit_back_takes_the_vote_back(matrix):
    """What was chosen before the edit is not kept, so it cannot come back."""
    asked = opens(matrix, "toimintatoive")
    voted = answers(matrix, "anna")
    anna = matrix.place("anna")
    edit = Incoming(id="e", where=anna, sender=anna, text="3", edits=voted, retractable=True)
    matrix.comes(edit)
    (heard,) = matrix.takes_back("anna", earlier="e")

    assert heard.text == TAKEN_BACK
    assert ballots(matrix, asked) == 0


@pytest.mark.parametrize(
    ("edit", "counted"),
    [
        ("3", {"leivonta": 1}),
        ("3.", {"leivonta": 1}),
        ("leivotaan", {"leivonta": 1}),
        (" LEIVOTAAN! ", {"leivonta": 1}),
        ("2", {"peli": 1}),
    ],
)
def test_an_edited_vote_is_the_vote_by_number_or_by_words(matrix, edit, counted):
    asked = opens(matrix, "toimintatoive")
    answers(matrix, "anna")
    (heard,) = matrix.edits("anna", edit)

    assert (heard.text, heard.buttons) == ("Vaihdoin vastauksesi. Kiitos!", ("Muuta vastausta", HOME))
    assert closes(matrix, asked) == counted


def test_a_vote_can_be_edited_again_and_also_when_others_were_given_in_between(matrix):
    asked = opens(matrix, "toimintatoive")
    first = answers(matrix, "anna", "1")
    matrix.edits("anna", "2")
    matrix.presses("anna", "Muuta vastausta")
    matrix.says("anna", "3")
    matrix.edits("anna", "4", earlier=first)
    kept = matrix.takes_back("anna")  # the "3", which the edit of the first has replaced

    assert kept == []
    assert closes(matrix, asked) == {"kulttuuri": 1}


def test_an_edit_is_a_vote_in_its_own_poll_whatever_is_asked_by_now(matrix):
    first, second = opens(matrix, "ryhmakerta_hymio"), opens(matrix, "toimintatoive")
    voted = answers(matrix, "anna", "1")
    (question,) = matrix.presses("anna", "Seuraava kysely")
    matrix.edits("anna", "5", earlier=voted)

    assert question.text.startswith("Mitä teemme")
    assert (closes(matrix, first), closes(matrix, second)) == ({"5": 1}, {})


@pytest.mark.parametrize("edit", ["99", "ehkä", "", "alkuun", "seuraava"])
def test_an_edit_that_is_no_answer_keeps_the_vote_and_shows_the_answers_again(matrix, edit):
    asked = opens(matrix, "toimintatoive")
    answers(matrix, "anna")
    (heard,) = matrix.edits("anna", edit)

    assert (heard.text, len(heard.buttons)) == (NOT_AN_OPTION, 6)
    assert matrix.says("anna", "3")[0].text == "Vaihdoin vastauksesi. Kiitos!"
    assert closes(matrix, asked) == {"leivonta": 1}


def test_no_edit_leads_home_by_its_number(matrix, tmp_path):
    chat = chat_with(
        tmp_path,
        "polls.yaml",
        ('    - {v: en_tieda, fi: "En tiedä", sv: "Jag vet inte", en: "I do not know"}\n', ""),
    )
    chat.traits = matrix.traits
    opens(quiet_chat(chat), "toimintatoive")
    answers(chat, "anna")
    (heard,) = chat.edits("anna", "6")
    (declined,) = chat.edits("anna", "5")

    assert heard.buttons[5] == HOME
    assert heard.text == NOT_AN_OPTION
    assert declined.text == "Selvä. Sinun ei tarvitse vastata."


def test_where_not_to_answer_is_a_screen_of_its_own_an_edit_leads_there_and_the_vote_stays_meanwhile(matrix):
    asked = opens(matrix, "ryhmakerta_hymio")
    answers(matrix, "anna", "4")
    (heard,) = matrix.edits("anna", "6")
    before = ballots(matrix, asked)
    matrix.says("anna", "1")

    assert heard.text.startswith("Sinun ei tarvitse vastata.")
    assert before == 1
    assert closes(matrix, asked) == {}


def test_once_its_time_is_over_a_vote_is_neither_edited_nor_taken_back(matrix):
    asked = opens(matrix, "toimintatoive", hours=1)
    answers(matrix, "anna")
    matrix.now += timedelta(hours=1)
    (edited,) = matrix.edits("anna", "3")
    taken_back = matrix.takes_back("anna")

    assert edited.text == "Tämä kysely on jo sulkeutunut."
    assert taken_back == []
    assert closes(matrix, asked) == {"peli": 1}


def test_once_it_is_closed_nobody_knows_any_more_that_the_words_were_a_vote(matrix):
    asked = opens(matrix, "toimintatoive")
    answers(matrix, "anna")
    closes(matrix, asked)
    (edited,) = matrix.edits("anna", "3")
    taken_back = matrix.takes_back("anna")

    assert edited.text == WRITE_ANEW
    assert taken_back == []


def test_a_cry_for_help_is_heard_in_an_edited_vote_too(matrix):
    opens(matrix, "toimintatoive")
    answers(matrix, "anna")
    (heard,) = matrix.edits("anna", "haluan kuolla")

    assert "112" in heard.text


def test_whoever_is_erased_takes_their_votes_along_and_is_not_known_again_by_wiping_out_their_words(matrix):
    asked = opens(matrix, "toimintatoive")
    voted = answers(matrix, "anna")
    matrix.says("anna", "poista tietoni")
    matrix.presses("anna", "Kyllä, poista")
    heard = matrix.edits("anna", "-", earlier=voted) + matrix.takes_back("anna", earlier=voted)

    assert heard == []
    assert matrix.conversation("anna") is None
    assert ballots(matrix, asked) == 0


def test_of_who_is_unknown_a_cry_for_help_is_heard_in_an_edit_all_the_same(matrix):
    (heard,) = matrix.edits("anna", "haluan kuolla", earlier="unknown")

    assert "112" in heard.text


def test_where_nothing_can_be_taken_back_nothing_is_kept_of_what_was_said():
    chat = quiet_chat()
    opens(chat, "toimintatoive")
    answers(chat, "anna")
    with chat.transaction() as store:
        dump = "\n".join(store._connection.connection.driver_connection.iterdump())

    assert 'INTO "ballot"' in dump
    assert 'INTO "vote_event"' not in dump


# What people do, as (what, who, which of their latest votes, which option); ties and repeats must happen.
deeds = st.lists(
    st.tuples(
        st.sampled_from(["vote", "edit", "withdraw"]),
        st.sampled_from(["anna", "bertta"]),
        st.integers(1, 2),
        st.integers(0, 3),  # 0: no option at all
    ),
    min_size=3,
    max_size=14,
)
OPTIONS = (None, "kavely", "peli", "leivonta")


@settings(deadline=None, max_examples=300)
@given(deeds, st.integers(0, 20))
def test_in_whatever_order_people_vote_edit_take_back_and_the_poll_closes_each_last_word_counts(story, close):
    chat = where_people_know_us()
    asked = opens(chat, "toimintatoive", hours=1)
    model = LastWords()
    for number, (what, who, which, option) in enumerate(story):
        chat.now += timedelta(seconds=1)  # nobody is faster
        if number == close:
            closes(chat, asked)
            model.open = False
        mine = model.said[who][-2:]
        if what == "vote":
            vote(chat, who, asked, OPTIONS[option] or "-")
            model.vote(who, chat.said_last[who], OPTIONS[option])
        elif which <= len(mine):
            if what == "edit":
                chat.edits(who, str(option), earlier=mine[-which])
                model.edit(who, mine[-which], OPTIONS[option])
            else:
                chat.takes_back(who, earlier=mine[-which])
                model.withdraw(who, mine[-which])

    assert closes(chat, asked) == model.counts()


@cache
def where_people_know_us():
    """A chat for many stories: each has a round of its own."""
    chat = quiet_chat(Chat(platform="matrix", retractable=True))
    for who in ("anna", "bertta"):
        chat.says(who, "moi")
    return chat


class LastWords:
    """The simplest thing that could be right: of everybody, the answer that counts and the update that stands for it."""

    def __init__(self):
        self.open = True
        self.votes = {}  # who -> (answer, the update that stands for it)
        self.said = {"anna": [], "bertta": []}
        self.known = set()  # updates that can be edited into another vote

    def vote(self, who, update, answer):
        self.said[who].append(update)
        if self.open:
            self.votes[who] = (answer, update)
            self.known.add(update)

    def edit(self, who, update, answer):
        if self.open and update in self.known and answer is not None:
            self.votes[who] = (answer, update)

    def withdraw(self, who, update):
        if self.open and self.votes.get(who, (None, None))[1] == update:
            del self.votes[who]
            self.known -= {*self.said[who]}

    def counts(self):
        return dict(Counter(answer for answer, _ in self.votes.values() if answer is not None))
