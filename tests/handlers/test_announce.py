from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.announce import LONGEST, MOST_ALONE
from bot.store.delivery import Finished
from bot.store.outbox import SENT
from schedules.broadcast import carry_on
from tests.handlers.houses import HOME, chat_with
from tests.handlers.organizing import (
    MINUTE,
    STOP,
    announces,
    crowd,
    hears,
    later,
    listeners,
    log,
    organized,
    step,
    texts,
)

DESK = "Järjestäjän valikko"
QUESTION = (
    "Yllä on tiedote. Toinen järjestäjä kirjoitti sen.\nSaajat: kaikki tilaajat\n"
    "Ihmisiä: 51. Ryhmiä: 0.\nSaako sen lähettää?"
)


# ---- the ordinary way


def test_news_is_previewed_as_it_is_read_then_goes_to_people_and_groups_once_and_is_reported():
    chat = organized()
    hears(chat, "anna", "bertil", "group1")
    as_read, question = chat.says("tiina", "tiedota Kahvit on huomenna.")
    (going,) = chat.presses("tiina", "Lähetä")
    too_early = chat.ticks(to=chat.now + timedelta(seconds=59))
    sent = chat.ticks(to=chat.now + timedelta(seconds=1))
    reported = later(chat)

    assert as_read.text == "Tiedote:\nKahvit on huomenna."
    assert question.text == (
        "Yllä on tiedote.\nSaajat: kaikki tilaajat\nIhmisiä: 2. Ryhmiä: 1.\n"
        "Viesti lähtee 60 sekunnin kuluttua.\nLähetänkö sen?"
    )
    assert question.buttons == ("Lähetä", "Muuta", "Vaihda saajat", "Peru")
    assert going.text == (
        "Tiedote on valmis. Saajia: 3\nSaajat: kaikki tilaajat\nViesti lähtee 60 sekunnin kuluttua."
    )
    assert going.buttons == (STOP, DESK)
    assert too_early == []
    assert [(each.who, each.text, each.buttons) for each in sent] == [
        ("anna", as_read.text, ("Lopeta", "Tauko 2 viikkoa")),
        ("bertil", as_read.text, ("Lopeta", "Tauko 2 viikkoa")),
        ("group1", as_read.text, ()),
    ]
    assert [(each.who, each.text) for each in reported] == [
        ("tiina", "Tiedote on perillä kaikilla.\nSaajia: 3")
    ]
    assert later(chat, 60) == []
    assert log(chat) == [("announce", 3)]


def test_the_text_is_asked_for_when_there_is_none():
    chat = organized()
    hears(chat, "anna")
    (asked,) = chat.says("tiina", "tiedota")
    as_read, _ = chat.says("tiina", "Ei hätää: kahvia on kaikille.")

    assert asked.text == "Kirjoita tiedote.\nNäet sen ensin itse."
    assert asked.buttons == ("Peru", DESK, HOME)
    assert as_read.text == "Tiedote:\nEi hätää: kahvia on kaikille."


def test_everything_works_by_buttons_too():
    chat = organized()
    hears(chat, "anna")
    chat.says("tiina", "jarjestaja")
    chat.presses("tiina", "Lähetä tiedote")
    chat.says("tiina", "Kahvia!")
    chat.presses("tiina", "Lähetä")

    assert listeners(later(chat), "Kahvia!") == ["anna"]


def test_to_others_there_is_no_such_command():
    chat = organized()
    hears(chat, "anna")
    heard = chat.says("anna", "tiedota Hei kaikki")

    assert listeners(heard, "Yllä on tiedote") == []
    assert listeners(later(chat), "Hei kaikki") == []


def test_what_an_organizer_says_in_a_group_is_previewed_in_private():
    chat = organized()
    hears(chat, "anna", "group1")

    assert {each.who for each in chat.says("tiina", "/tiedota Kahvia!", into="group1")} == {"tiina"}


def test_markup_and_braces_in_a_text_are_shown_as_they_were_written():
    chat = organized()
    hears(chat, "anna")
    as_read, _ = chat.says("tiina", "tiedota <b>*Hei*</b> {{puhelin}} & co")

    assert as_read.text == "Tiedote:\n<b>*Hei*</b> {{puhelin}} & co"


# ---- bad input


def test_a_text_that_is_too_long_is_refused_kindly_and_asked_for_again():
    chat = organized()
    hears(chat, "anna")
    (refused,) = chat.says("tiina", "tiedota " + "a" * (LONGEST + 1))
    as_read, _ = chat.says("tiina", "a" * LONGEST)

    assert refused.text == (
        "Teksti on liian pitkä.\nSiinä on 3501 merkkiä.\nEnintään 3500 merkkiä mahtuu.\nKirjoita lyhyempi teksti."
    )
    assert as_read.text == "Tiedote:\n" + "a" * LONGEST


def test_a_page_that_nobody_agreed_on_is_refused_by_name():
    chat = organized()
    hears(chat, "anna")
    (refused,) = chat.says("tiina", "tiedota Voitit! https://paha.com/x")

    assert refused.text == (
        "Teksti johtaa tänne: paha.com\nSe ei ole sovittujen sivujen joukossa.\n"
        "Kirjoita teksti ilman sitä.\nYlläpitäjä voi lisätä sivun."
    )


def test_a_page_that_the_organization_itself_names_may_be_sent(tmp_path):
    chat = chat_with(
        tmp_path, "organization.yaml", ("values:\n", "values:\n  verkkosivu: https://www.esimerkki.fi/\n")
    )
    chat.make_organizer("tiina")
    hears(chat, "anna")
    as_read, _ = chat.says("tiina", "tiedota Lue lisää: https://esimerkki.fi/ryhmat")

    assert as_read.text == "Tiedote:\nLue lisää: https://esimerkki.fi/ryhmat"


def test_news_that_nobody_would_get_cannot_be_sent():
    chat = organized()
    _, nobody = chat.says("tiina", "tiedota Kahvia!")

    assert nobody.text == "Yllä on tiedote.\nSaajat: kaikki tilaajat\nKukaan ei vielä tilaa tätä."
    assert nobody.buttons == ("Muuta", "Vaihda saajat", "Peru")


def test_when_the_last_reader_has_gone_nothing_is_sent():
    chat = organized()
    hears(chat, "anna")
    chat.says("tiina", "tiedota Kahvia!")
    chat.says("anna", "lopeta")
    (answer,) = chat.presses("tiina", "Lähetä")

    assert answer.text == "Nyt kukaan ei tilaa tätä.\nTiedotetta ei lähetetty.\nTeksti on tallessa."
    assert answer.buttons == ("Muuta", "Vaihda saajat", "Peru", DESK)


def test_the_draft_that_nobody_would_have_got_can_still_be_changed_sent_and_thrown_away():
    chat = organized()
    hears(chat, "anna")
    chat.says("tiina", "tiedota Kavhia!")
    chat.says("anna", "lopeta")
    chat.presses("tiina", "Lähetä")
    chat.presses("tiina", "Muuta")
    as_read, nobody = chat.says("tiina", "Kahvia!")
    hears(chat, "bertil", of="palsta")
    chat.presses("tiina", "Vaihda saajat")
    _, question = chat.presses("tiina", "Kaikki tilaajat")
    chat.presses("tiina", "Lähetä")

    assert as_read.text == "Tiedote:\nKahvia!"
    assert nobody.text.endswith("Kukaan ei vielä tilaa tätä.")
    assert "Ihmisiä: 1." in question.text
    assert listeners(later(chat), "Kahvia!") == ["bertil"]


# ---- changing one's mind


def test_the_text_can_be_changed_and_the_readers_stay():
    chat = organized()
    hears(chat, "anna", of="palsta")
    hears(chat, "bertil")
    chat.says("tiina", "tiedota Kavhia!")
    chat.presses("tiina", "Vaihda saajat")
    chat.presses("tiina", "Työntekijä palstalla")
    (asked,) = chat.presses("tiina", "Muuta")
    as_read, question = chat.says("tiina", "Kahvia!")
    chat.presses("tiina", "Lähetä")

    assert asked.text == "Kirjoita uusi teksti vanhan tilalle."
    assert as_read.text == "Tiedote:\nKahvia!"
    assert "Saajat: Työntekijä palstalla\nIhmisiä: 1. Ryhmiä: 0." in question.text
    assert listeners(later(chat), "Kahvia!") == ["anna"]


def test_readers_are_chosen_among_the_series_that_somebody_hears_of():
    chat = organized()
    hears(chat, "anna", of="palsta")
    chat.says("tiina", "tiedota Kahvia!")
    (who,) = chat.presses("tiina", "Vaihda saajat")
    chat.presses("tiina", "Työntekijä palstalla")
    chat.presses("tiina", "Vaihda saajat")
    _, everybody = chat.presses("tiina", "Kaikki tilaajat")
    chat.presses("tiina", "Vaihda saajat")
    _, unchanged = chat.presses("tiina", "Takaisin")

    assert (who.text, who.buttons) == (
        "Kuka saa tiedotteen?",
        ("Kaikki tilaajat", "Työntekijä palstalla", "Takaisin"),
    )
    assert "Saajat: kaikki tilaajat" in everybody.text
    assert unchanged == everybody


def test_a_draft_can_be_thrown_away():
    chat = organized()
    hears(chat, "anna")
    chat.says("tiina", "tiedota Kahvia!")
    (dropped,) = chat.presses("tiina", "Peru")
    (old,) = chat.presses("tiina", "Lähetä")

    assert dropped.text == "Selvä. Tiedotetta ei lähetetä."
    assert old.text == "Tämä valinta on vanha.\nValitse: Alkuun."
    assert later(chat) == []


@pytest.mark.parametrize("label", ["Muuta", "Vaihda saajat", "Peru", "Lähetä"])
def test_what_is_sent_already_is_changed_no_more(label):
    chat = organized()
    hears(chat, "anna")
    announces(chat, "Kahvia!")
    (answer,) = chat.presses("tiina", label)

    assert answer.text == "Tämä tiedote on jo käsitelty."
    assert listeners(later(chat), "Kahvia!") == ["anna"]


@pytest.mark.parametrize("series", ["palsta", "tuntematon"])
def test_readers_cannot_be_set_without_a_draft_or_to_what_is_gone(series):
    chat = organized()
    if series == "tuntematon":
        chat.says("tiina", "tiedota Kahvia!")
    data = chat.store.vault.seal_button(chat.conversation("tiina").id, "news.to", (series,))

    assert [each.text for each in chat.sends_button("tiina", data)] == [
        "Tämä valinta on vanha.\nValitse: Alkuun."
    ]


def test_one_organizers_draft_is_not_anothers():
    chat = organized("tiina", "olli")
    hears(chat, "anna")
    chat.says("tiina", "tiedota Kahvia!")
    me = chat.conversation("olli").id
    answers = [
        chat.sends_button("olli", chat.store.vault.seal_button(me, action, ("1",)))
        for action in ("news.send", "news.drop", "news.edit", "news.preview")
    ]

    assert {each.text for (each,) in answers} == {"Tämä valinta on vanha.\nValitse: Alkuun."}
    assert later(chat) == []


# ---- stopping


def test_within_a_minute_it_can_be_taken_back_whole():
    chat = organized()
    hears(chat, "anna")
    announces(chat)
    chat.ticks(to=chat.now + timedelta(seconds=59))
    (stopped,) = chat.presses("tiina", STOP)

    assert stopped.text == "Lähetys on pysäytetty.\nKukaan ei saanut tiedotetta."
    assert later(chat, 60) == []
    assert log(chat) == [("announce", 1), ("announce.stop", 0)]


def test_half_way_what_is_left_can_be_stopped():
    chat = organized()
    hears(chat, "anna", "bertil", "cecilia")
    announces(chat)
    chat.now += MINUTE
    step(chat, carry_on)
    with chat.transaction() as store:
        (row,) = store.delivery.claim(chat.platform, now=chat.now, most=1)
        store.delivery.finish([Finished(row.key, SENT, message_id="1")], now=chat.now)
    stopped, *others = chat.presses("tiina", STOP)

    assert stopped.text == "Lähetys on pysäytetty.\nTiedotteen ehti saada 1."
    assert others == []
    assert later(chat, 60) == []


def test_when_all_have_it_there_is_nothing_left_to_stop():
    chat = organized()
    hears(chat, "anna")
    announces(chat)
    later(chat)
    later(chat)
    (late,) = chat.presses("tiina", STOP)

    assert late.text == "Tiedote on jo lähtenyt kaikille."


def test_what_was_stopped_once_is_not_stopped_again():
    chat = organized()
    hears(chat, "anna")
    announces(chat)
    chat.presses("tiina", STOP)

    assert [each.text for each in chat.presses("tiina", STOP)] == ["Tämä tiedote on jo käsitelty."]


def test_a_house_may_hold_news_for_no_time_at_all():
    chat = organized(undo=timedelta())
    hears(chat, "anna")
    _, question = chat.says("tiina", "tiedota Kahvia!")
    chat.presses("tiina", "Lähetä")

    assert "Viesti lähtee heti." in question.text
    assert listeners(chat.ticks(), "Kahvia!") == ["anna"]


# ---- who gets it


def test_those_who_pause_are_left_in_peace():
    chat = organized()
    hears(chat, "anna", "bertil")
    with chat.transaction() as store:
        store.people.pause(store.people.find(chat.place("anna")).id, chat.now + timedelta(days=14))
    announces(chat, "Kahvia!")

    assert listeners(later(chat), "Kahvia!") == ["bertil"]


def test_news_of_a_members_series_never_goes_to_a_channel():
    chat = organized()
    hears(chat, "anna", "group1", "channel1", of="asiakasraati")
    chat.says("tiina", "tiedota Kokous siirtyy.")
    chat.presses("tiina", "Vaihda saajat")
    _, question = chat.presses("tiina", "Asiakasraati")
    chat.presses("tiina", "Lähetä")

    assert "Saajat: Asiakasraati\nIhmisiä: 1. Ryhmiä: 1." in question.text
    assert listeners(later(chat), "Kokous siirtyy.") == ["anna", "group1"]


def test_the_way_out_of_a_series_news_ends_that_series_alone():
    chat = organized()
    hears(chat, "anna")
    hears(chat, "anna", of="palsta")
    chat.says("tiina", "tiedota Kahvia!")
    chat.presses("tiina", "Vaihda saajat")
    chat.presses("tiina", "Yksinäisyysryhmä")
    chat.presses("tiina", "Lähetä")
    later(chat)
    chat.presses("anna", "Lopeta")
    with chat.transaction() as store:
        left = store.subscriptions.of(store.people.find(chat.place("anna")).id)

    assert list(left) == ["palsta"]


def test_a_second_piece_of_news_on_one_day_is_pointed_out():
    chat = organized()
    hears(chat, "anna")
    announces(chat)
    _, same_day = chat.says("tiina", "tiedota Vielä tämä.")
    chat.presses("tiina", "Lähetä")
    _, third = chat.says("tiina", "tiedota Ja vielä tämä.")
    chat.ticks(to=chat.now + timedelta(days=1))
    _, next_day = chat.says("tiina", "tiedota Vielä tämä.")

    assert "Tänään on lähetetty jo 1 tiedote." in same_day.text
    assert "Tänään on lähetetty jo 2 tiedotetta." in third.text
    assert "Tänään" not in next_day.text


# ---- quiet hours


@pytest.mark.parametrize(
    ("confirmed", "goes"),
    [
        (datetime(2026, 11, 21, 19, 0, tzinfo=UTC), datetime(2026, 11, 22, 7, 0, tzinfo=UTC)),
        (datetime(2026, 11, 21, 17, 59, 30, tzinfo=UTC), datetime(2026, 11, 22, 7, 0, tzinfo=UTC)),
        (
            datetime(2027, 3, 27, 19, 0, tzinfo=UTC),
            datetime(2027, 3, 28, 6, 0, tzinfo=UTC),
        ),  # summer time begins
        (datetime(2027, 10, 30, 19, 0, tzinfo=UTC), datetime(2027, 10, 31, 7, 0, tzinfo=UTC)),  # and ends
    ],
)
def test_news_confirmed_in_the_evening_says_so_and_goes_in_the_morning(confirmed, goes):
    chat = organized(now=confirmed)
    hears(chat, "anna")
    _, question = chat.says("tiina", "tiedota Kahvia!")
    (going,) = chat.presses("tiina", "Lähetä")
    night = chat.ticks(to=goes - MINUTE, step=timedelta(minutes=30))
    morning = chat.ticks(to=goes)

    when = f"Nyt on hiljainen aika. Viesti lähtee: su {goes:%-d.%-m}. klo 9"
    assert when in question.text
    assert when in going.text
    assert listeners(night, "Kahvia!") == []
    assert listeners(morning, "Kahvia!") == ["anna"]


def test_after_an_outage_over_the_evening_nobody_is_woken():
    chat = organized(now=datetime(2026, 11, 21, 17, 50, tzinfo=UTC))
    hears(chat, "anna")
    announces(chat, "Kahvia!")
    evening = chat.ticks(to=datetime(2026, 11, 21, 20, 0, tzinfo=UTC))
    morning = chat.ticks(to=datetime(2026, 11, 22, 7, 0, tzinfo=UTC))

    assert evening == []
    assert listeners(morning, "Kahvia!") == ["anna"]


# ---- a second organizer


def test_above_fifty_a_second_organizer_sees_the_text_and_confirms():
    chat = organized("tiina", "olli", "sari")
    crowd(chat, MOST_ALONE + 1)
    _, question = chat.says("tiina", "tiedota Kahvia!")
    asked = chat.presses("tiina", "Lähetä")
    unconfirmed = later(chat, 5)
    approved = chat.presses("olli", "Hyväksy")
    sent = later(chat)
    (late,) = chat.presses("sari", "Hylkää")

    assert "Saajia on yli 50. Toinen järjestäjä hyväksyy sen." in question.text
    assert texts(asked, "tiina") == ["Pyysin toista järjestäjää hyväksymään.\nKerron, kun hän vastaa."]
    assert (
        texts(asked, "olli")
        == texts(asked, "sari")
        == [
            "Tiedote:\nKahvia!",
            QUESTION,
        ]
    )
    assert unconfirmed == []
    assert texts(approved, "olli") == [
        "Tiedote on valmis. Saajia: 51\nSaajat: kaikki tilaajat\nViesti lähtee 60 sekunnin kuluttua."
    ]
    assert texts(approved, "tiina") == [
        "Toinen järjestäjä hyväksyi tiedotteesi.\n" + texts(approved, "olli")[0]
    ]
    assert len(listeners(sent, "Kahvia!")) == MOST_ALONE + 1
    assert late.text == "Tämä tiedote on jo käsitelty."
    assert log(chat) == [("announce.ask", 51), ("announce.approve", 51)]


def test_fifty_are_within_reach_of_one():
    chat = organized("tiina", "olli")
    crowd(chat, MOST_ALONE)
    announces(chat, "Kahvia!")

    assert len(listeners(later(chat), "Kahvia!")) == MOST_ALONE


def test_a_refusal_is_told_and_nothing_is_sent():
    chat = organized("tiina", "olli")
    crowd(chat, MOST_ALONE + 1)
    announces(chat, "Kahvia!")
    heard = chat.presses("olli", "Hylkää")

    assert texts(heard, "olli") == ["Selvä. Tiedotetta ei lähetetä."]
    assert texts(heard, "tiina") == ["Toinen järjestäjä ei hyväksynyt tiedotettasi.\nSitä ei lähetetty."]
    assert later(chat, 60) == []


def test_where_there_is_no_second_organizer_it_is_said_how_to_get_one():
    chat = organized()
    crowd(chat, MOST_ALONE + 1)
    (refused,) = announces(chat, "Kahvia!")

    assert refused.text == (
        "Saajia on yli 50.\nSilloin toinen järjestäjä hyväksyy tiedotteen.\nMuita järjestäjiä ei vielä ole.\n"
        "Ylläpitäjä saa koodin näin:\nvertti invite organizer"
    )
    assert refused.buttons == ("Muuta", "Vaihda saajat", "Peru", DESK)
    assert later(chat, 60) == []


def test_nobody_is_their_own_second_organizer():
    chat = organized("tiina", "olli")
    crowd(chat, MOST_ALONE + 1)
    announces(chat, "Kahvia!")
    data = chat.store.vault.seal_button(chat.conversation("tiina").id, "news.yes", ("1",))
    (refused,) = chat.sends_button("tiina", data)

    assert refused.text == "Kirjoitit tämän itse.\nToinen järjestäjä hyväksyy sen."
    assert later(chat, 5) == []


def test_what_waits_for_a_second_organizer_can_be_taken_back():
    chat = organized("tiina", "olli")
    crowd(chat, MOST_ALONE + 1)
    announces(chat, "Kahvia!")
    chat.presses("tiina", STOP)
    (late,) = chat.presses("olli", "Hyväksy")

    assert late.text == "Tämä tiedote on jo käsitelty."
    assert later(chat, 5) == []


def test_what_nobody_confirmed_within_a_day_is_not_sent():
    chat = organized("tiina", "olli")
    crowd(chat, MOST_ALONE + 1)
    announces(chat, "Kahvia!")
    heard = chat.ticks(to=chat.now + timedelta(days=1))
    (late,) = chat.presses("olli", "Hyväksy")

    assert [(each.who, each.text) for each in heard] == [
        ("tiina", "Kukaan ei hyväksynyt tiedotettasi vuorokaudessa.\nSitä ei lähetetty.")
    ]
    assert late.text == "Tämä tiedote on jo käsitelty."


def test_a_second_organizer_is_not_asked_at_night():
    chat = organized("tiina", "olli", now=datetime(2026, 11, 21, 19, 0, tzinfo=UTC))
    crowd(chat, MOST_ALONE + 1)
    asked = announces(chat, "Kahvia!")
    morning = chat.ticks(to=datetime(2026, 11, 22, 7, 0, tzinfo=UTC))

    assert {each.who for each in asked} == {"tiina"}
    assert {each.who for each in morning} == {"olli"}


# ---- when something else is meant than the text


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("ihminen", "Puhelin on nyt kiinni."),
        ("apua", "Kerron ryhmien"),
        ("?", "Kerron ryhmien"),
        ("peru", "Selvä."),
    ],
)
def test_a_lone_command_word_is_no_announcement(word, answer):
    chat = organized()
    hears(chat, "anna")
    chat.says("tiina", "tiedota")
    (heard,) = chat.says("tiina", word)

    assert heard.text.startswith(answer)
    assert drafts(chat) == 0


def test_who_begins_anew_and_thinks_better_of_it_has_no_draft_left():
    chat = organized()
    hears(chat, "anna")
    chat.says("tiina", "tiedota Kahvit on huomenna.")
    chat.says("tiina", "tiedota")
    before = drafts(chat)
    (heard,) = chat.presses("tiina", "Peru")

    assert (before, drafts(chat)) == (1, 0)
    assert (heard.text, heard.buttons) == ("Selvä. Tiedotetta ei lähetetä.", (DESK, HOME))


def drafts(chat):
    """How many drafts the organizer has."""
    with chat.transaction() as store:
        return int(store.news.draft_of(store.people.find(chat.place("tiina")).id) is not None)
