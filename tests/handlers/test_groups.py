from dataclasses import replace
from datetime import timedelta

import pytest

from bot.messages import Incoming, say
from tests.handlers.houses import HOME, empty_calendar, event, plan, subscriptions
from tests.handlers.organizing import hears, log, organized, texts
from tests.handlers.test_poll import ballots, closes, opens, quiet_chat
from tests.support import Chat, Left

ASK = "Mitä tämä ryhmä seuraa?\nTänne tulevat muistutukset, tiedotteet ja kyselyt.\nNyt: {}"
FIRST_PAGE = ("Yksinäisyysryhmä", "Työntekijä palstalla", "Asiakasraati", "Kaikki", "Lisää")
STRANGER = "Lisäsit minut ryhmään.\nVain järjestäjä voi tehdä sen.\nLähdin siis pois."


@pytest.fixture
def chat():
    return quiet_chat(organized())


def follows(chat, where="group1"):
    return list(subscriptions(chat, where))


# ---- being added


def test_an_organizers_group_is_asked_by_buttons_what_it_follows(chat):
    (asked,) = chat.happens("added", "tiina", into="group1")
    (done,) = chat.presses("tiina", "Yksinäisyysryhmä", into="group1")

    assert (asked.who, asked.text, asked.buttons) == ("group1", ASK.format("ei mitään"), FIRST_PAGE)
    assert (done.who, done.text) == ("group1", "Selvä. Tämä ryhmä seuraa: Yksinäisyysryhmä")
    assert done.buttons == ("Valitse lisää", "Lopeta seuraaminen")
    assert follows(chat) == ["ryhma"]
    assert log(chat) == [("follow", None)]


def test_a_channel_is_asked_about_in_the_organizers_own_chat(chat):
    (asked,) = chat.happens("added", "tiina", into="channel1")
    (done,) = chat.presses("tiina", "Yksinäisyysryhmä")

    assert asked.who == "tiina"
    assert asked.text == (
        "Mitä kanava seuraa?\nKanavalle tulevat muistutukset, tiedotteet ja kyselyt.\nNyt: ei mitään"
    )
    assert (done.who, done.text) == ("tiina", "Selvä. Kanava seuraa: Yksinäisyysryhmä")
    assert follows(chat, "channel1") == ["ryhma"]
    assert subscriptions(chat, "tiina") == {}


def test_a_number_chooses_what_was_asked_about_a_channel_and_not_what_was_open_before(chat):
    asked = opens(chat, "toimintatoive")
    chat.says("tiina", "kysely")
    chat.happens("added", "tiina", into="channel1")
    heard = chat.says("tiina", "4")

    assert texts(heard, "tiina") == ["Selvä. Kanava seuraa: kaikki"]
    assert ballots(chat, asked) == 0


def test_what_an_organizer_was_writing_ends_when_a_channel_is_asked_about(chat):
    chat.says("tiina", "tiedota")
    chat.happens("added", "tiina", into="channel1")
    (done,) = chat.says("tiina", "Yksinäisyysryhmä")

    assert done.text == "Selvä. Kanava seuraa: Yksinäisyysryhmä"


def test_a_number_chooses_what_a_stranger_was_told_and_not_what_was_open_before(chat):
    asked = opens(chat, "toimintatoive")
    chat.says("olli", "kysely")
    chat.happens("added", "olli", into="group1")
    (heard,) = chat.says("olli", "1")

    assert heard.text == "Mitä haluat tehdä?"
    assert ballots(chat, asked) == 0


def test_a_channel_is_offered_nothing_that_is_not_public(chat):
    (asked,) = chat.happens("added", "tiina", into="channel1")
    seen = [*asked.buttons]
    for _ in range(6):
        seen += chat.presses("tiina", "Lisää")[0].buttons

    assert "Viljelypalsta" not in seen
    assert not {"Asiakasraati", "Vuosikertomuksen…"} & set(seen)
    assert {"Yksinäisyysryhmä", "Kirin kotipeli", "Uutiskirje ilmestyy"} <= set(seen)


@pytest.mark.parametrize("series", ["asiakasraati", "vuosikertomus", "tuntematon"])
def test_a_channel_cannot_follow_what_is_not_public_by_any_button(chat, series):
    chat.happens("added", "tiina", into="channel1")
    channel = str(chat.conversation("channel1").id)
    button = chat.store.vault.seal_button(chat.conversation("tiina").id, "follow", (series, channel))
    (refused,) = chat.sends_button("tiina", button)

    assert refused.text == "En löytänyt sitä.\nMitä kanava seuraa?\nNyt: ei mitään"
    assert follows(chat, "channel1") == []


def test_a_strangers_group_is_left_at_once_and_silently_and_the_stranger_told_in_private(chat):
    chat.says("olli", "moi")
    heard = chat.happens("added", "olli", into="group1")
    others = [each for each in heard if each != Left("group1")]

    assert len(heard) == 2
    assert [(each.who, each.text) for each in others] == [("olli", STRANGER)]
    assert chat.conversation("group1") is None


def test_where_nobody_knows_the_stranger_nobody_is_told(chat):
    assert chat.happens("added", "outo", into="group1") == [Left("group1")]
    assert chat.conversation("group1") is None


def test_where_the_platform_does_not_say_who_it_was_we_leave(chat):
    heard = chat.comes(Incoming(id="x1", where=chat.place("group1"), sender=None, what="added"))

    assert heard == [Left("group1")]


def test_a_strangers_channel_is_left_too(chat):
    assert chat.happens("added", "outo", into="channel1") == [Left("channel1")]


def test_in_a_group_of_ours_a_strangers_doing_changes_nothing(chat):
    hears(chat, "group1")
    heard = chat.happens("added", "outo", into="group1")

    assert heard == []
    assert follows(chat) == ["ryhma"]


def test_a_group_that_threw_us_out_is_forgotten(chat):
    hears(chat, "group1", "anna")
    chat.happens("removed", "outo", into="group1")
    with chat.transaction() as store:
        store.people.bury()

    assert chat.conversation("group1") is None
    assert follows(chat, "anna") == ["ryhma"]


def test_a_person_who_blocked_us_finds_all_as_it_was_on_return(chat):
    hears(chat, "anna")
    chat.happens("removed", "anna")
    silent = chat.conversation("anna").state
    chat.says("anna", "moi")

    assert silent == "silent"
    assert follows(chat, "anna") == ["ryhma"]


@pytest.mark.parametrize("what", ["removed", "returned", "moved"])
@pytest.mark.parametrize("who", ["anna", "group1"])
def test_of_somebody_erased_or_never_met_nothing_is_kept_whatever_they_do(chat, what, who):
    hears(chat, "anna")
    chat.says("anna", "poista tietoni")
    chat.presses("anna", "Kyllä, poista")
    before = known(chat)
    heard = chat.happens(what, who, text="-100")

    assert chat.conversation(who) is None
    assert known(chat) == before
    assert heard == []


def test_who_blocks_us_before_the_goodbye_is_said_does_not_stay(chat):
    hears(chat, "anna")
    anna = chat.conversation("anna").id
    with chat.transaction() as store:
        store.people.forget(anna)
    chat.happens("removed", "anna")

    assert chat.conversation("anna").state == "leaving"


def known(chat):
    """How many are known."""
    with chat.transaction() as store:
        return store.people.count()


def test_what_is_queued_stays_for_a_group_that_follows_it_still(chat):
    hears(chat, "group1")
    with chat.transaction() as store:
        group = store.people.find(chat.place("group1"))
        store.outbox.invite(
            group.id, chat.platform, "news", say("button.home"), series="ryhma",
            not_before=chat.now + timedelta(minutes=1), useful_until=chat.now + timedelta(days=1),
        )  # fmt: skip
    chat.says("tiina", "/seuraa kaikki", into="group1")
    chat.says("tiina", "/seuraa yksinäisyysryhmä", into="group1")
    heard = chat.ticks(to=chat.now + timedelta(minutes=1))

    assert follows(chat) == ["ryhma"]
    assert [each.who for each in heard] == ["group1"]


# ---- choosing


def test_all_series_are_offered_page_by_page_and_then_the_first_again(chat):
    chat.happens("added", "tiina", into="group1")
    pages = [chat.presses("tiina", "Lisää", into="group1")[0].buttons for _ in range(5)]

    assert pages[0] == ("Halaa sossua!", "Sosiaaliaseman avoimet…", "Ystävänpäivän kahvit", "Kaikki", "Lisää")
    assert pages[-1] == FIRST_PAGE
    assert all(len(page) <= 6 for page in pages)


def test_where_all_series_fit_there_is_no_more_to_show(chat):
    few = {each: chat.house.series[each] for each in ("ryhma", "palsta")}
    chat.house = replace(chat.house, series=few)
    chat.understanding = replace(chat.understanding, house=chat.house)
    (asked,) = chat.happens("added", "tiina", into="group1")

    assert asked.buttons == ("Yksinäisyysryhmä", "Työntekijä palstalla", "Kaikki")


def test_several_series_can_be_followed_and_none_any_more(chat):
    chat.happens("added", "tiina", into="group1")
    chat.presses("tiina", "Yksinäisyysryhmä", into="group1")
    (again,) = chat.presses("tiina", "Valitse lisää", into="group1")
    (both,) = chat.presses("tiina", "Työntekijä palstalla", into="group1")
    (stopped,) = chat.presses("tiina", "Lopeta seuraaminen", into="group1")

    assert (again.text, again.buttons) == (
        ASK.format("Yksinäisyysryhmä"),
        (*FIRST_PAGE, "Lopeta seuraaminen"),
    )
    assert both.text == "Selvä. Tämä ryhmä seuraa: Työntekijä palstalla, Yksinäisyysryhmä"
    assert (stopped.text, stopped.buttons) == ("Selvä. Ryhmä ei seuraa enää mitään.", ("Valitse lisää",))
    assert follows(chat) == []
    assert log(chat) == [("follow", None), ("follow", None), ("unfollow", None)]


def test_everything_takes_the_place_of_single_series_and_the_other_way_round(chat):
    chat.happens("added", "tiina", into="group1")
    chat.presses("tiina", "Yksinäisyysryhmä", into="group1")
    (all_of_it,) = chat.presses("tiina", "Kaikki", into="group1")
    everything = follows(chat)
    chat.presses("tiina", "Työntekijä palstalla", into="group1")

    assert all_of_it.text == "Selvä. Tämä ryhmä seuraa: kaikki"
    assert everything == ["*"]
    assert follows(chat) == ["palsta"]


def test_only_organizers_choose_and_others_hear_nothing(chat):
    chat.happens("added", "tiina", into="group1")
    chat.says("anna", "moi")
    silence = [
        chat.presses("anna", "Kaikki", into="group1"),
        chat.presses("tuntematon", "Lisää", into="group1"),
        chat.says("anna", "/seuraa kaikki", into="group1"),
        chat.says("anna", "/seuraa", into="group1"),
    ]

    assert silence == [[], [], [], []]
    assert follows(chat) == []


def test_who_is_an_organizer_no_longer_chooses_no_longer(chat):
    chat.happens("added", "tiina", into="group1")
    with chat.transaction() as store:
        store.organizers.revoke_all(now=chat.now)

    assert chat.presses("tiina", "Kaikki", into="group1") == []
    assert follows(chat) == []


# ---- seuraa


@pytest.mark.parametrize(
    ("typed", "series"),
    [
        ("/seuraa ryhma", "ryhma"),
        ("/seuraa Yksinäisyysryhmä", "ryhma"),
        ("/seuraa yksinaisyysrhymä", "ryhma"),
        ("!seuraa Loneliness group", "ryhma"),
        ("/följ Odlingslotten", None),
        ("/seuraa PALSTA", "palsta"),
        ("/seuraa kaikki", "*"),
        ("/seuraa allt", "*"),
        ("/seuraa asiakasraati", "asiakasraati"),
    ],
)
def test_a_series_can_be_named_with_slips_and_in_any_language(chat, typed, series):
    (heard,) = chat.says("tiina", typed, into="group1")

    assert follows(chat) == ([series] if series else [])
    assert heard.text.startswith("Selvä." if series else "En löytänyt sitä.")


def test_seuraa_alone_shows_the_buttons(chat):
    (asked,) = chat.says("tiina", "/seuraa", into="group1")

    assert (asked.text, asked.buttons) == (ASK.format("ei mitään"), FIRST_PAGE)


def test_seuraa_in_private_says_where_to_write_it(chat):
    (how,) = chat.says("tiina", "seuraa kaikki")

    assert how.text == "Lisää minut ensin ryhmään.\nKirjoita sitten ryhmässä: /seuraa"
    assert how.buttons == (HOME,)


@pytest.mark.parametrize("action", ["follow", "follow.more", "follow.none"])
def test_a_button_for_a_channel_that_is_gone_is_old(chat, action):
    arguments = ("999",) if action == "follow.none" else ("0", "999")
    button = chat.store.vault.seal_button(chat.conversation("tiina").id, action, arguments)

    assert [each.text for each in chat.sends_button("tiina", button)] == [
        "Tämä valinta on vanha.\nValitse: Alkuun."
    ]


def test_no_button_makes_a_persons_chat_follow_like_a_group(chat):
    chat.says("anna", "moi")
    anna = str(chat.conversation("anna").id)
    me = chat.conversation("tiina").id
    for arguments in (("ryhma", anna), ("ryhma",)):
        chat.sends_button("tiina", chat.store.vault.seal_button(me, "follow", arguments))

    assert follows(chat, "anna") == []
    assert follows(chat, "tiina") == []


# ---- what a group gets


def test_a_group_that_begins_to_follow_is_shown_the_open_poll_once(chat):
    round_id = opens(chat, "toimintatoive")
    chat.happens("added", "tiina", into="group1")
    _, card = chat.presses("tiina", "Yksinäisyysryhmä", into="group1")
    again = chat.presses("tiina", "Kaikki", into="group1")
    later = chat.ticks(to=chat.now + timedelta(minutes=5))

    assert card.text == (
        "Kysely: Mitä teemme ryhmässä ensi kerralla?\nKirjoita minulle yksityisesti: kysely.\nTäällä kukaan ei näe vastaustasi."
    )
    assert card.buttons == ("Vastaa",)
    assert card.shown[0].deep_link == f"kysely-{round_id}"
    assert len(again) == 1
    assert later == []


def test_a_group_is_shown_no_poll_of_another_series(chat):
    opens(chat, "toimintatoive")
    chat.happens("added", "tiina", into="group1")

    assert len(chat.presses("tiina", "Työntekijä palstalla", into="group1")) == 1


def test_a_channel_is_shown_the_poll_too(chat):
    opens(chat, "toimintatoive")
    chat.happens("added", "tiina", into="channel1")
    heard = chat.presses("tiina", "Yksinäisyysryhmä")

    assert [each.who for each in heard] == ["tiina", "channel1"]


def test_a_vote_is_never_taken_in_a_group(chat):
    round_id = opens(chat, "toimintatoive")
    hears(chat, "group1")
    chat.says("anna", "moi")
    group = chat.conversation("group1").id
    button = chat.store.vault.seal_button(group, "vote", (str(round_id), "peli"))
    heard = chat.sends_button("anna", button, into="group1")

    assert heard == []
    assert ballots(chat, round_id) == 0


@pytest.mark.parametrize("typed", ["2", "!2", "lautapelejä", "!lautapelejä"])
@pytest.mark.parametrize("edited", [False, True])
def test_where_the_bot_may_write_first_a_poll_is_asked_and_answered_in_private_only(typed, edited):
    chat = quiet_chat(Chat(platform="matrix", reachable=True, retractable=True))
    round_id = opens(chat, "toimintatoive")
    hears(chat, "group1")
    asked = chat.says("anna", "!kysely", into="group1")
    in_group = chat.edits("anna", typed, into="group1") if edited else chat.says("anna", typed, into="group1")
    before = ballots(chat, round_id)
    chat.says("anna", "2")

    assert [(each.who, each.text.split("\n")[0], len(each.buttons)) for each in asked] == [
        ("anna", "Mitä teemme ryhmässä ensi kerralla?", 6),
        ("group1", "Vastasin sinulle yksityisesti.", 0),
    ]
    assert (in_group, before) == ([], 0)
    assert closes(chat, round_id) == {"peli": 1}


# ---- what anybody may ask there


WORDS_FOR_ALL = ("seuraava", "tapahtumat", "ryhmä", "palsta", "asiakasraati", "apua")


@pytest.mark.parametrize("word", WORDS_FOR_ALL)
@pytest.mark.parametrize("traits", [{}, {"platform": "matrix", "reachable": True}])
def test_what_is_not_personal_is_answered_in_the_group_and_without_buttons(word, traits):
    chat = Chat(**traits)
    heard = chat.says("anna", word, into="group1")

    assert [(each.who, each.buttons) for each in heard] == [("group1", ())]
    assert chat.conversation("anna") is None
    assert chat.says("anna", "1", into="group1") == []


def test_the_same_words_are_told_in_the_group_as_in_private(chat):
    told = {
        word: (chat.says("anna", word, into="group1")[0].text, chat.says("anna", word)[0].text)
        for word in ("seuraava", "tapahtumat", "ryhmä", "palsta")
    }

    assert [word for word, (in_group, in_private) in told.items() if in_group != in_private] == []


@pytest.mark.parametrize(
    "word", ["kysely", "muistuta", "tietoni", "kieli", "lopeta", "tauko", "poista tietoni", "kysymykset"]
)
def test_what_is_personal_is_answered_in_private(word):
    chat = Chat(platform="matrix", reachable=True)
    heard = chat.says("anna", word, into="group1")

    assert [each.who for each in heard] == ["anna", "group1"]
    assert heard[1].text == "Vastasin sinulle yksityisesti."


@pytest.mark.parametrize(("platform", "mark"), [("telegram", "/"), ("matrix", "!")])
def test_help_in_a_group_says_what_can_be_asked_there(platform, mark):
    (heard,) = Chat(platform=platform).says("anna", "apua", into="group1")

    assert heard.text.replace(mark, "") == (
        "Voit kysyä minulta täällä:\n"
        "seuraava, tapahtumat, apua, ryhma, palsta, asiakasraati\n"
        "Muissa asioissa vastaan sinulle yksityisesti.\n"
        "Jos olet vaarassa, soita 112."
    )
    assert heard.text.count(mark) == 6


def times_of_the_panel(chat, where):
    """What is said there of when the client panel meets, which is for members."""
    (heard,) = chat.says("anna", "asiakasraati", into=where)
    return [line for line in heard.text.splitlines() if "26.1." in line or "jäsenille" in line]


def test_when_members_meet_is_told_in_a_group_that_follows_it_and_nowhere_else_where_others_read(chat):
    for where in ("group1", "channel1"):
        hears(chat, where, of="asiakasraati")
    for where in ("group2", "channel2"):
        hears(chat, where, of="ryhma")

    assert times_of_the_panel(chat, "group1") == ["ti 26.1. klo 14–16", "Muistutukset ovat vain jäsenille."]
    assert [times_of_the_panel(chat, where) for where in ("group2", "channel1", "channel2")] == [
        ["Ajat ovat vain jäsenille."]
    ] * 3


def test_a_single_time_for_members_is_told_in_a_group_that_follows_its_series_only(chat):
    empty_calendar(chat)
    plan(chat, event("", chat.now + timedelta(days=3), series="ryhma", visibility="members"))
    hears(chat, "group1", "channel1")
    last = {
        where: chat.says("anna", "ryhmä", into=where)[0].text.splitlines()[3:]
        for where in ("group1", "group2", "channel1")
    }

    assert last["group1"] == ["Seuraavaksi: Yksinäisyysryhmä", "ti 24.11. klo 12–13"]
    assert last["group2"] == last["channel1"] == ["Seuraava aika ei ole vielä kalenterissa."]


def test_a_question_in_own_words_is_answered_in_private_and_the_group_told_so():
    chat = Chat(platform="matrix", reachable=True)
    heard = chat.says("anna", "Pitääkö ryhmään ilmoittautua?", into="group1")

    assert [each.who for each in heard] == ["anna", "group1"]
    assert heard[0].text == chat.says("anna", "Pitääkö ryhmään ilmoittautua?")[0].text
    assert heard[1].text == "Vastasin sinulle yksityisesti."


def test_a_sample_of_the_story_from_adding_to_the_reminder():
    chat = Chat()
    with chat.transaction() as store:
        code = store.organizers.invite(now=chat.now)
    chat.says("tiina", f"jarjestaja {code}")
    chat.happens("added", "tiina", into="group1")
    chat.presses("tiina", "Yksinäisyysryhmä", into="group1")
    heard = chat.ticks(to=chat.now + timedelta(days=4, hours=1))

    assert texts(heard, "group1")[-1] == (
        "Muistutus: Yksinäisyysryhmä huomenna\nKeskustelukerta\nto 26.11. klo 13–15\nEsimerkkitalo, 2. kerros"
    )
