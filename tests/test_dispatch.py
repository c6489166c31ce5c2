"""What an update means and what becomes of it, with small routers of real handlers over a real database."""

import asyncio
import itertools
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.core.crisis import is_crisis
from bot.core.phrases import Vocabulary, fold, number_of
from bot.courier import Courier
from bot.dispatch import FLOOD, FLOOD_WINDOW, Dispatch, Flood
from bot.errors import StoreError, UserError
from bot.i18n import Wording, labels_of
from bot.meaning import HOME, LONGEST, Understanding
from bot.messages import Button, Incoming, Lane, Phrase, Place, Say, button, say
from bot.router import Ask, House, Router
from bot.store.delivery import Finished
from bot.store.dialogues import Dialogue
from bot.store.engine import Database
from bot.store.outbox import SENT, Ready
from bot.store.vault import Vault
from bot.translator import Translator
from tests.doubles.platform import StrictPlatform
from tests.support import empty_database

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
VAULT = Vault(bytes(range(32)))
ANNA, BERTIL = Place("telegram", "anna"), Place("telegram", "bertil")
GROUP = Place("telegram", "group", "group")
LABELS = {"label.one": ("Yksi kahvi",), "label.two": ("Kaksi",), "button.home": ("Alkuun",)} | {
    "label.buy": ("Osta kaksi kahvia",),
    "label.sell": ("Osta yksi",),
    "label.do": ("Tee juuri näin",),
    "label.menu": ("Tulevat jutut",),
    "label.next": ("Seuraavat",),
    "label.orgs": ("Työpöytä",),
    "typed.yes": ("kyllä, joo, ok, kyllä kiitos, eikay",),
    "typed.no": ("ei, en, tiedota",),
}
CHOICES = (button("label.one", "chosen", "1"), button("label.two", "chosen", "2"))
SENTENCES = (
    button("label.buy", "chosen", "buy"),
    button("label.sell", "chosen", "sell"),
    button("label.do", "chosen", "do", means="yes"),
)
DECISION = (
    button("label.one", "chosen", "yes", means="yes"),
    button("label.two", "chosen", "no", means="no"),
)
MENUS = (
    button("label.menu", "chosen", "menu"),
    button("label.next", "chosen", "next"),
    button("label.orgs", "orgs"),
)
ANSWERS = (replace(CHOICES[0], answer=True), CHOICES[1])


def told(key, **values):
    """What the small handlers here answer: which of them it was."""
    return Say(Phrase(key, values), (button("button.home", "home"),))


def small_router():  # noqa: C901 - many, and each of one line
    router = Router()

    @router.command("aloita")
    @router.button("home")
    def start(call):
        return told("start", text=call.text)

    @router.command("seuraava", in_groups=True)
    def following(call):
        return told("next", text=call.text)

    @router.command("kieli")
    def language(call):
        return told("language", text=call.text)

    @router.command("valitse")
    def choose(call):
        return Say(Phrase("choose"), CHOICES)

    @router.command("paata")
    def decide(call):
        return Say(Phrase("decide"), DECISION)

    @router.command("paataryhma", in_groups=True)
    def decide_in_group(call):
        return Say(Phrase("decide"), DECISION)

    @router.command("monisana")
    def choose_among_sentences(call):
        return Say(Phrase("sentences"), SENTENCES)

    @router.command("kahdesti")
    def decide_on_two(call):
        return Say(Phrase("decide"), (*DECISION, *DECISION))

    @router.command("aanesta")
    def decide_on_a_poll(call):
        return Say(Phrase("decide"), tuple(replace(each, answer=True) for each in DECISION))

    @router.command("valitseryhma", in_groups=True)
    def choose_in_group(call):
        return Say(Phrase("choose"), CHOICES)

    @router.button("chosen", in_groups=True)
    def chosen(call):
        return told("chosen", which=call.arguments[0])

    @router.command("kysy")
    def ask(call):
        return Ask(Say(Phrase("what"), CHOICES), "what", {"round": 7})

    @router.answer("what")
    def answer(call):
        return told("answered", text=call.text, round=call.state["round"])

    @router.command("kirjoita")
    def write(call):
        return Ask(say("text"), "text")

    @router.answer("text", yields=True)
    def written(call):
        return told("written", text=call.text)

    @router.command("paattele")
    def preview(call):
        return Ask(Say(Phrase("preview"), DECISION), "preview")

    @router.answer("preview", yields_to_any=True, keeps={"orgs"})
    def previewed(call):
        return told("previewed", text=call.text)

    @router.command("apua")
    def help_(call):
        return told("help")

    @router.command("hiljaa")
    def nothing(call):
        return None

    @router.command("monta")
    def several(call):
        return [told("one"), Ask(say("two"), "what", {"round": 8})]

    @router.command("rikki")
    def broken(call):
        call.store.books.set_bookmark("broken", "yes")
        raise ZeroDivisionError

    @router.command("loppu")
    def runs_out(call):
        return next(iter(()))

    @router.command("eikay")
    def declined(call):
        call.store.books.set_bookmark("declined", "yes")
        raise UserError(Phrase("cannot"))

    @router.command("tiedota", organizers=True)
    def announce(call):
        return told("announce", text=call.text)

    @router.button("orgs", organizers=True)
    def for_organizers(call):
        return told("for organizers")

    @router.button("secret", secret=True)
    def secret(call):
        return told("secret")

    @router.command("poista")
    def forget(call):
        call.store.people.forget(call.conversation.id)
        return say("goodbye")

    @router.event("unreadable")
    def unreadable(call):
        return told("unreadable")

    @router.event("added")
    def added(call):
        return told("added", by=call.person is not None)

    @router.event("edited")
    def edited(call):
        return Say(Phrase("asked again"), ANSWERS) if call.earlier == "telegram:answer" else None

    @router.event("withdrawn")
    def withdrawn(call):
        return told("taken back") if call.earlier == "telegram:answer" else None

    @router.otherwise
    def own_words(call):
        return None if call.earlier and call.text == "höpö" else told("faq", text=call.text)

    @router.crisis
    def emergency(call):
        return told("112")

    return router


COMMANDS = (
    "aloita", "seuraava", "kieli", "valitse", "valitseryhma", "kysy", "hiljaa", "monta", "rikki", "loppu", "eikay",
    "tiedota", "poista", "puuttuu", "kirjoita", "apua", "paata", "paataryhma", "kahdesti", "aanesta", "monisana",
    "paattele",
)  # fmt: skip


@dataclass
class Town:
    """People who talk, and what each of them hears."""

    database: Database
    heard: dict[str, list[str]] = field(default_factory=dict)
    said: list[Ready] = field(default_factory=list)
    aside: list[Ready] = field(default_factory=list)
    now: datetime = NOW

    def __post_init__(self):
        self._ids = itertools.count(1)
        self.router = small_router()
        wording = Wording({"fi": LABELS}, {}, lambda _: {}, "fi")
        house = House(
            content=Content(),
            content_dir=Path("content"),
            wording=wording,
            series={},
            zone=ZoneInfo("Europe/Helsinki"),
            language="fi",
            quiet_hours=None,
            default_leads=(),
            calendars=(),
        )
        vocabulary = Vocabulary(
            dict.fromkeys(COMMANDS, ()) | {"seuraava": ("next",)},
            with_rest={"kieli", "tiedota", "aloita"},
        )
        labels = labels_of(MENUS, wording, house.zone)
        understanding = Understanding(self.router, house, wording, vocabulary, is_crisis, labels)
        self.dispatch = Dispatch(self.database, understanding, lambda: self.now, self.aside.append, held=0.3)
        self.database.submit(lambda store: setattr(store.outbox, "on_ready", self.said.extend)).result(5)

    def update(self, text="", *, who=ANNA, where=None, identity=None, **more):
        return Incoming(
            id=identity or str(next(self._ids)), where=where or who, sender=who, text=text, **more
        )

    async def take(self, *updates):
        """Hand a batch over; give the keys of the phrases that are said because of it, with their readers."""
        before = len(self.said)
        await self.dispatch.accept(updates)
        return [
            (row.place.address, row.say.text.key, dict(row.say.text.values)) for row in self.said[before:]
        ]

    async def says(self, text, **more):
        """Somebody types; give the keys of what is answered."""
        return [key for _, key, _ in await self.take(self.update(text, **more))]

    async def asks(self, text, **more):
        """Somebody types, and what is answered arrives."""
        answers = await self.says(text, **more)
        await self.hears()
        return answers

    async def hears(self):
        """What was answered arrives."""
        arrived = [Finished(row.key, SENT) for row in self.said]
        await self.database.write(lambda store: store.delivery.finish(arrived, now=self.now))

    async def presses(self, shown, *, who=ANNA, where=None):
        place = where or who
        conversation = await self.database.read(lambda store: store.people.find(place))
        data = VAULT.seal_button(conversation.id, shown.action, shown.arguments)
        return [
            key
            for _, key, _ in await self.take(self.update(who=who, where=place, what="button", button=data))
        ]

    async def organizer(self, who=ANNA):
        def work(store):
            store.people.set_role(store.people.meet(who, language=None, now=NOW).id, "organizer")

        await self.database.write(work)

    async def bookmark(self, name):
        return await self.database.read(lambda store: store.books.bookmark(name))


@pytest.fixture
def database(tmp_path):
    database = Database(empty_database(tmp_path / "vertti.db"), VAULT)
    database.open()
    yield database
    database.close()


@pytest.fixture
def town(database):
    return Town(database)


# ---- the order of meanings -----------------------------------------------------------------------------------


async def test_crisis_words_come_before_everything(town):
    await town.says("kysy")

    assert await town.says("haluan tappaa itseni") == ["112"]
    assert await town.says("/kieli haluan tappaa itseni") == ["112"]
    assert await town.says("haluan tappaa itseni" + " ja" * LONGEST) == ["112"]


async def test_under_a_picture_too(town):
    assert await town.says("haluan tappaa itseni", what="unreadable") == ["112"]


async def test_an_organizers_own_announcement_is_no_cry_for_help(town):
    await town.organizer()

    assert await town.says("tiedota haluan tappaa itseni") == ["announce"]
    assert await town.says("haluan tappaa itseni") == ["112"]
    assert await town.says("tiedota haluan tappaa itseni", who=BERTIL) == ["112"]


async def test_a_number_or_its_words_choose_what_was_shown_last_in_reply(town):
    for said in ("1", "1.", " 1) ", "!1", "1️⃣", "Yksi kahvi", "yksi KAHVI!", "/yksi kahvi"):
        await town.says("valitse")
        updates = await town.take(town.update(said))
        assert updates == [("anna", "chosen", {"which": "1"})], said


@pytest.mark.parametrize(
    ("said", "which"),
    [("kyllä", "yes"), ("Joo!", "yes"), ("Kyllä, kiitos.", "yes"), ("ei", "no"), ("EN", "no")],
)
async def test_a_yes_or_a_no_chooses_what_means_it(town, said, which):
    await town.asks("paata")

    assert await town.take(town.update(said)) == [("anna", "chosen", {"which": which})]


@pytest.mark.parametrize("command", ["kahdesti", "aanesta", "valitse"])
async def test_where_two_mean_it_or_none_or_a_poll_asks_a_yes_chooses_nothing(town, command):
    await town.asks(command)

    assert await town.says("kyllä") == ["typed.to_what"]


async def test_in_a_group_a_yes_is_talk(town):
    await town.says("/paataryhma", where=GROUP)

    assert await town.says("kyllä", where=GROUP) == []


async def test_a_word_that_is_a_command_too_decides_where_something_is_to_decide(town):
    first = await town.says("eikay")
    await town.asks("paata")
    marked = await town.says("/eikay")
    await town.asks("paata")

    assert (first, marked) == (["cannot"], ["cannot"])
    assert await town.says("eikay") == ["chosen"]


async def test_a_yes_is_one_for_an_hour_and_a_second_one_decides_nothing(town):
    await town.asks("paata")
    town.now += timedelta(hours=1, seconds=1)

    assert await town.says("kyllä") == ["typed.to_what"]
    assert await town.says("kyllä") == ["typed.to_what"]


def push(store):
    store.outbox.push(store.people.find(ANNA), "push", told("push"), now=NOW)


async def test_a_yes_after_a_push_is_none(town):
    await town.asks("paata")
    await town.database.write(push)

    assert await town.says("kyllä") == ["typed.to_what"]


@pytest.mark.parametrize("command", ["paata", "paattele"])
async def test_a_no_stops_what_is_asked_whatever_was_said_since(town, command):
    no = [("anna", "chosen", {"which": "no"})]
    await town.asks(command)
    await town.database.write(push)
    after_a_push = await town.take(town.update("ei"))
    await town.asks(command)
    await town.asks("höpö", edits="99")
    between = await town.take(town.update("ei"))
    await town.says(command)
    town.now += timedelta(hours=3)

    assert (after_a_push, between, await town.take(town.update("ei"))) == (no, no, no)


async def test_later_a_no_that_is_a_command_too_is_the_command_for_who_may_ask_for_it(town):
    await town.asks("paata")
    town.now += timedelta(hours=3)
    others = await town.says("tiedota")
    await town.organizer()
    await town.asks("paata")
    now = await town.says("tiedota")
    await town.asks("paata")
    town.now += timedelta(hours=3)

    assert (others, now, await town.says("tiedota")) == (["chosen"], ["chosen"], ["announce"])


async def test_a_yes_that_is_typed_before_the_question_arrives_is_none(town):
    asked = await town.says("paata")

    assert (asked, await town.says("kyllä")) == (["decide"], ["typed.to_what"])


@pytest.mark.parametrize("between", [{"text": "7"}, {"text": "höpö", "edits": "99"}])
async def test_a_yes_to_what_is_said_between_is_none_but_the_question_can_be_answered(town, between):
    await town.asks("paata")
    (_, said, _), *_ = await town.take(town.update(**between))
    await town.hears()

    assert said in {"menu.number", "edit.write_anew"}
    assert await town.says("kyllä") == ["typed.to_what"]
    assert await town.says("1") == ["chosen"]


async def test_nor_is_one_after_being_asked_to_slow_down(town):
    for _ in range(FLOOD - 2):
        await town.says("seuraava")
    await town.asks("paata")
    slower = await town.asks("seuraava")
    town.now += FLOOD_WINDOW + timedelta(seconds=1)

    assert slower == ["trouble.slow_down"]
    assert await town.says("kyllä") == ["typed.to_what"]
    assert await town.says("1") == ["chosen"]


async def test_a_yes_to_nothing_shows_again_what_was_shown_and_the_way_home(town):
    await town.says("valitse")
    asked = await town.says("kyllä")
    home = town.said[-1].say.buttons
    again = await town.says("kyllä")

    assert (asked, again) == (["typed.to_what"], ["typed.to_what"])
    assert home == town.said[-1].say.buttons == (*CHOICES, HOME)
    assert await town.says("1") == ["chosen"]


@pytest.mark.parametrize("said", ["Tulevat jutut", "tulevat JUTUT!", "seuraavat"])
async def test_the_words_of_a_menus_button_work_whatever_is_shown(town, said):
    """ "seuraavat" is one letter from "seuraava" too, and that would be a guess."""
    await town.says("valitse")
    shown = await town.says(said)
    edited = await town.says(said, edits="99")

    assert (shown, edited) == (["chosen"], ["chosen"])


async def test_where_others_read_they_are_talk(town):
    assert await town.says("Tulevat jutut", where=GROUP) == []


async def test_they_do_what_only_organizers_may_for_organizers_only(town):
    before = await town.says("työpöytä")
    await town.organizer()

    assert (before, await town.says("työpöytä")) == (["faq"], ["for organizers"])


@pytest.mark.parametrize(
    ("command", "said", "key"),
    [
        ("kysy", "Tulevat jutut", "answered"),
        ("kirjoita", "Tulevat jutut", "written"),
        ("paattele", "Tulevat jutut", "chosen"),
        ("paattele", "Työpöytä", "previewed"),
    ],
)
async def test_an_open_question_takes_them_unless_it_yields_to_any_command(town, command, said, key):
    await town.organizer()
    await town.says(command)

    assert await town.says(said) == [key]


async def test_to_the_open_question_a_yes_is_an_answer_where_nothing_means_it(town):
    await town.says("kysy")

    assert await town.take(town.update("kyllä")) == [("anna", "answered", {"text": "kyllä", "round": 7})]


async def test_the_first_words_of_one_button_choose_it_unless_it_decides(town):
    await town.says("monisana")
    first = await town.take(town.update("osta kaksi"))
    await town.says("monisana")
    one_word = await town.says("osta")
    await town.says("monisana")
    decides = await town.says("tee juuri")

    assert first == [("anna", "chosen", {"which": "buy"})]
    assert (one_word, decides) == (["faq"], ["faq"])


@pytest.mark.parametrize("said", ["3", "0", "99.", "nro 7"])
async def test_a_number_that_is_not_on_the_menu_leaves_the_menu_open(town, said):
    await town.says("valitse")

    assert await town.take(town.update(said)) == [("anna", "menu.number", {"n": 2})]
    assert await town.take(town.update("2")) == [("anna", "chosen", {"which": "2"})]


async def test_a_number_while_nothing_is_shown_is_like_any_other_word(town):
    assert await town.says("1") == ["faq"]


async def test_a_number_that_is_not_among_the_choices_of_a_question_is_its_answer(town):
    await town.says("kysy")

    assert await town.take(town.update("12")) == [("anna", "answered", {"text": "12", "round": 7})]


async def test_in_a_group_a_number_that_is_not_on_the_menu_is_talk(town):
    await town.says("valitseryhma", where=GROUP)

    assert await town.says("9", where=GROUP) == []
    assert await town.says("2", where=GROUP) == ["chosen"]


async def test_a_question_mark_alone_asks_for_help(town):
    assert await town.says("?") == ["help"]
    assert await town.says(" ??") == ["help"]
    assert await town.says("missä?") == ["faq"]


async def test_a_lone_command_word_leaves_a_question_that_yields(town):
    for said in ("seuraava", "Seuraava.", "?"):
        await town.says("kirjoita")
        assert await town.says(said) in (["next"], ["help"])
        assert await town.says("mitä vain") == ["faq"], "the question is closed"
    for said in ("seuraavaa", "seuraava kiitos", "kieli ruotsi", "mitä vain"):
        await town.says("kirjoita")
        assert await town.take(town.update(said)) == [("anna", "written", {"text": said})]


async def test_an_explicit_command_leaves_the_open_question(town):
    await town.says("kysy")
    assert await town.says("/seuraava") == ["next"]
    assert await town.says("mitä vain") == ["faq"], "the question is closed"
    await town.says("kysy")
    assert await town.says("!kieli ruotsi") == ["language"]


async def test_the_open_question_takes_what_is_said_command_words_too(town):
    for said in ("seuraava", "mitä vain", "seuraavaa", "puuttuu"):
        await town.says("kysy")
        assert await town.take(town.update(said)) == [("anna", "answered", {"text": said, "round": 7})]


async def test_a_choice_of_the_open_question_comes_before_the_question(town):
    await town.says("kysy")

    assert await town.says("2") == ["chosen"]


async def test_without_a_question_a_bare_word_is_a_command_and_typing_mistakes_are_forgiven(town):
    assert await town.says("seuraava") == ["next"]
    assert await town.says("SEURAAVA?") == ["next"]
    assert await town.says("seurava") == ["next"]
    assert await town.says("kieli ruotsi") == ["language"]
    assert await town.says("milloin on seuraava ryhmä") == ["faq"]


async def test_what_is_none_of_these_goes_to_the_faq(town):
    assert await town.take(town.update("Missä ryhmä on?")) == [("anna", "faq", {"text": "Missä ryhmä on?"})]


async def test_of_several_answers_the_last_question_is_open(town):
    assert await town.says("monta") == ["one", "two"]
    assert await town.take(town.update("vastaus")) == [("anna", "answered", {"text": "vastaus", "round": 8})]


async def test_a_pressed_button_closes_the_open_question(town):
    await town.says("kysy")
    await town.presses(button("button.home", "home"))

    assert await town.says("mitä vain") == ["faq"]


async def test_a_handler_that_says_nothing_closes_it_too(town):
    await town.says("kysy")

    assert await town.says("/hiljaa") == []
    assert await town.says("mitä vain") == ["faq"]


async def test_a_question_is_open_for_a_day(town):
    await town.says("kysy")
    town.now += timedelta(hours=24)

    assert await town.says("mitä vain") == ["faq"]


async def test_a_push_never_steals_the_next_number(town):
    await town.says("valitse")

    def push(store):
        anna = store.people.find(ANNA)
        reminder = Say(Phrase("reminder"), (button("button.stop", "stop"),))
        store.outbox.push(anna, "reminder", reminder, now=NOW, lane=Lane.REMINDER)

    await town.database.write(push)

    assert await town.take(town.update("2")) == [("anna", "chosen", {"which": "2"})]


async def test_a_link_opens_what_it_names(town):
    assert await town.take(town.update("/start")) == [("anna", "faq", {"text": "/start"})]
    assert await town.take(town.update("/aloita kieli-12")) == [("anna", "language", {"text": "12"})]
    assert await town.take(town.update("/aloita seuraava")) == [("anna", "next", {"text": ""})]
    assert await town.take(town.update("/aloita moikka")) == [("anna", "start", {"text": "moikka"})]


async def test_a_command_that_nothing_answers_yet_says_so(town):
    assert await town.says("puuttuu") == ["trouble.not_yet"]


# ---- buttons -------------------------------------------------------------------------------------------------


async def test_a_button_reaches_its_handler(town):
    await town.says("moi")

    assert await town.presses(CHOICES[1]) == ["chosen"]


async def test_a_button_from_another_time_or_for_another_or_forged_is_old(town):
    await town.says("moi")
    await town.says("moi", who=BERTIL)
    bertil = await town.database.read(lambda store: store.people.find(BERTIL))
    somebody_elses = VAULT.seal_button(bertil.id, "chosen", ("1",))

    assert await town.presses(button("x", "gone")) == ["button.old"]
    for data in (somebody_elses, "", "chosen|1", "A" * 64, "\ud800", "\0", "é" * 100):
        assert await town.take(town.update(what="button", button=data)) == [("anna", "button.old", {})]


async def test_a_button_for_organizers_is_old_for_everybody_else(town):
    await town.says("moi")
    assert await town.presses(button("x", "orgs")) == ["button.old"]
    await town.organizer()
    assert await town.presses(button("x", "orgs")) == ["for organizers"]


async def test_a_command_for_organizers_is_not_there_for_everybody_else(town):
    assert await town.says("tiedota hei") == ["faq"]
    assert await town.says("/tiedota hei") == ["faq"]
    await town.organizer()
    assert await town.says("/tiedota hei") == ["announce"]


async def test_a_number_cannot_choose_what_only_opens_a_page(town):
    page = Button(Phrase("label.one"), url="https://a.example")

    def work(store):
        anna = store.people.meet(ANNA, language=None, now=NOW)
        store.dialogues.put(anna.id, Dialogue(choices=(page, CHOICES[1])), now=NOW)

    await town.database.write(work)

    assert await town.take(town.update("1")) == [("anna", "chosen", {"which": "2"})]


# ---- what was said before: edited, taken back -----------------------------------------------------------------


@pytest.mark.parametrize(("typed", "key"), [("seuraava", "next"), ("/seurava", "next"), ("Missä?", "faq")])
async def test_an_edit_asks_anew_what_was_asked(town, typed, key):
    await town.says("moi")

    assert await town.says(typed, edits="1") == [key]


async def test_an_edit_never_answers_what_is_open(town):
    await town.says("kysy")
    edits = [await town.says(each, edits="1") for each in ("mitä vain", "1", "yksi kahvi", "/seuraava")]

    assert edits == [["edit.write_anew"]] * 4
    assert await town.says("mitä vain") == ["answered"], "the question is open still"


async def test_an_edit_never_chooses_what_was_shown_last(town):
    await town.says("valitse")

    assert await town.says("2", edits="1") == ["faq"]


async def test_an_edit_that_nobody_understands_leaves_what_was_shown(town):
    await town.says("valitse")

    assert await town.says("höpö", edits="1") == ["edit.write_anew"]
    assert await town.says("2") == ["chosen"]


async def test_an_edited_answer_chooses_among_the_answers_of_its_own_question(town):
    await town.says("kysy")
    first = await town.take(town.update("yksi kahvi", edits="answer"))
    not_an_answer = await town.says("2", edits="answer")

    assert first == [("anna", "chosen", {"which": "1"})]
    assert not_an_answer == ["asked again"]


async def test_crisis_words_in_an_edit_are_heard(town):
    await town.says("kysy")

    assert await town.says("haluan tappaa itseni", edits="answer") == ["112"]
    assert await town.says("haluan tappaa itseni", edits="1", who=BERTIL) == ["112"], (
        "of whom nobody knows too"
    )


async def test_in_a_group_an_edited_command_is_asked_anew_and_other_words_are_not_answered(town):
    await town.says("seuraava", where=GROUP)

    assert await town.says("/seuraava", edits="1", where=GROUP) == ["next"]
    assert await town.says("höpö", edits="1", where=GROUP) == []


async def test_what_is_taken_back_is_answered_only_if_it_matters_and_closes_nothing(town):
    await town.says("kysy")

    assert await town.says("7", what="withdrawn") == []
    assert await town.says("answer", what="withdrawn") == ["taken back"]
    assert await town.says("mitä vain") == ["answered"]


async def test_of_strangers_who_edit_or_take_back_nothing_is_kept(town):
    for update in (
        town.update("answer", what="withdrawn"),
        town.update("seuraava", edits="1"),
        town.update("/seuraava", edits="1", where=GROUP),
    ):
        assert await town.take(update) == []

    assert await town.database.read(lambda store: store.people.count()) == 0


# ---- once in effect ------------------------------------------------------------------------------------------


async def test_an_update_handed_over_a_thousand_times_has_one_effect(town):
    update = town.update("seuraava")

    answers = await town.take(*[update] * 500)
    for _ in range(5):
        answers += await town.take(*[update] * 100)

    assert answers == [("anna", "next", {"text": ""})]
    assert await town.says("seuraava") == ["next"], "nor does it count as a flood"


async def test_the_same_id_on_another_platform_is_another_update(town):
    here, there = (
        town.update("seuraava", identity="7"),
        town.update("seuraava", who=Place("matrix", "anna"), identity="7"),
    )

    assert len(await town.take(here, there)) == 2


async def test_a_handler_that_fails_is_apologized_for_once_and_stops_no_other(town, capsys):
    broken, fine = town.update("rikki"), town.update("seuraava", who=BERTIL)

    answers = await town.take(broken, fine)
    again = await town.take(broken)

    assert answers == [("bertil", "next", {"text": ""}), ("anna", "trouble.sorry", {})]
    assert again == []
    assert await town.bookmark("broken") is None, "nothing of it was kept"
    said = capsys.readouterr().err
    assert "handler.failed" in said
    assert "ZeroDivisionError" in said
    assert await town.database.read(lambda store: store.books.count("handler.failed")) == 1


async def test_a_handler_that_runs_out_is_apologized_for(town):
    """StopIteration cannot be raised into a future; it must not leave anybody waiting."""
    assert await asyncio.wait_for(town.says("loppu"), 5) == ["trouble.sorry"]


async def test_what_cannot_be_is_said_kindly_and_nothing_is_changed(town):
    assert await town.says("eikay") == ["cannot"]
    assert await town.bookmark("declined") is None


async def test_after_an_apology_numbers_choose_what_it_showed(town):
    await town.says("valitse")
    await town.says("rikki")

    assert await town.says("1") == ["start"]


async def test_whoever_is_erased_hears_the_goodbye_and_nothing_is_open(town):
    await town.says("moi")

    assert await town.says("poista") == ["goodbye"]
    left = await town.database.read(lambda store: store.people.find(ANNA))
    assert left.state == "leaving"


# ---- groups --------------------------------------------------------------------------------------------------


async def test_in_a_group_only_what_is_said_to_us_is_heard(town):
    assert await town.says("seuraava", where=GROUP, addressed=False) == []
    assert await town.says("tapan itseni", where=GROUP, addressed=False) == []
    assert await town.database.read(lambda store: store.people.count()) == 0
    assert await town.says("seuraava", where=GROUP) == ["next"]


async def test_what_is_personal_is_answered_in_private_when_we_know_each_other(town):
    await town.says("moi")

    answers = await town.take(town.update("/kieli ruotsi", where=GROUP))

    assert answers == [("anna", "language", {"text": "ruotsi"})]


@pytest.mark.parametrize("sender", [ANNA, None])
async def test_where_we_may_not_write_first_a_button_leads_to_the_private_chat(town, sender):
    update = replace(town.update("/kieli ruotsi", where=GROUP), sender=sender)
    await town.take(update)

    (answer,) = town.said
    assert answer.place == GROUP
    assert answer.say == Say(Phrase("group.private"), (Button(Phrase("button.private"), deep_link="kieli"),))


@pytest.fixture
def matrix():
    """What is said there in a group, by whom we may write to first."""
    return {"where": Place("matrix", "room", "group"), "who": Place("matrix", "anna"), "reachable": True}


ANSWERED = ("room", "group.answered_privately", {})


async def test_where_we_may_write_first_what_is_personal_is_answered_in_private_and_the_group_told_so(
    town, matrix
):
    first = await town.take(town.update("/kieli ruotsi", language="sv", **matrix))
    again = await town.take(town.update("/kieli ruotsi", **matrix))
    met = await town.database.read(lambda store: store.people.find(matrix["who"]))

    assert first == again == [("anna", "language", {"text": "ruotsi"}), ANSWERED]
    assert (met.language, met.private) == ("sv", True)
    assert len({row.key for row in town.said}) == 4


async def test_whoever_had_left_is_answered_again_when_they_ask_in_a_group(town, matrix):
    await town.says("moi", who=matrix["who"])
    await town.says("", what="removed", who=matrix["who"])

    assert await town.take(town.update("/kieli ruotsi", **matrix)) == [
        ("anna", "language", {"text": "ruotsi"}), ANSWERED
    ]  # fmt: skip


async def test_who_asks_nothing_personal_in_a_group_is_not_met(town, matrix):
    for said in (
        "/seuraava",
        "/tiedota hei",
        "/tuntematon",
        "!tuntematon hei",
        "7",
        "ok",
        "👍",
        "tapan itseni",
    ):
        await town.says(said, **matrix)
    await town.says("mitä vain", addressed=False, **matrix)
    await town.says("", what="added", **matrix)

    assert await town.database.read(lambda store: store.people.find(matrix["who"])) is None


async def test_where_the_platform_does_not_say_who_asked_a_button_leads_to_the_private_chat(town, matrix):
    update = replace(town.update("/kieli ruotsi", **matrix), sender=None)

    assert await town.take(update) == [("room", "group.private", {})]


async def test_a_personal_no_is_said_in_private_too(town, matrix):
    assert await town.take(town.update("/eikay", **matrix)) == [("anna", "cannot", {}), ANSWERED]


async def test_of_what_is_answered_by_nothing_the_group_hears_nothing(town, matrix):
    assert await town.says("/hiljaa", **matrix) == []


async def test_what_is_secret_is_never_taken_where_others_read(town, matrix):
    await town.says("moi")
    await town.says("/seuraava", where=GROUP)
    await town.says("/seuraava", **matrix)
    anywhere = [
        await town.presses(button("x", "secret"), where=GROUP),
        await town.presses(button("x", "secret"), where=matrix["where"], who=matrix["who"]),
        await town.presses(button("x", "secret")),
    ]

    assert anywhere == [[], [], ["secret"]]


async def test_an_answer_in_private_does_not_open_anything_in_the_group(town):
    await town.says("moi")
    await town.take(town.update("/kysy", where=GROUP))

    assert await town.says("mitä vain", where=GROUP) == []
    assert await town.says("mitä vain") == ["answered"]


async def test_what_is_asked_in_a_group_closes_the_question_that_was_open_in_private(town):
    await town.says("kysy")
    await town.take(town.update("/hiljaa", where=GROUP))

    assert await town.says("mitä vain") == ["faq"]


async def test_in_a_group_own_words_are_not_answered_where_we_may_not_write_first(town, matrix):
    await town.says("moi")
    nameless = replace(town.update("mitä vain", **matrix), sender=None)
    channel = {**matrix, "where": Place("matrix", "news", "channel")}

    assert await town.says("mitä vain", where=GROUP) == []
    assert await town.take(nameless) == []
    assert await town.says("mitä vain", **channel) == []


async def test_own_words_said_to_us_in_a_group_are_answered_in_private_where_we_may_write_first(town, matrix):
    answers = await town.take(town.update("Missä ryhmä on?", **matrix))

    assert answers == [("anna", "faq", {"text": "Missä ryhmä on?"}), ANSWERED]
    assert await town.says("1", who=matrix["who"]) == ["start"], "what was answered is open there"


async def test_a_choice_of_the_private_chat_that_is_typed_in_a_group_chooses_nothing_and_closes_nothing(
    town, matrix
):
    await town.says("kysy", who=matrix["who"])

    assert await town.says("Yksi kahvi", **matrix) == []
    assert await town.says("1", who=matrix["who"]) == ["chosen"]


async def test_in_a_group_numbers_choose_too(town):
    await town.says("valitseryhma", where=GROUP)

    assert await town.says("2", where=GROUP, who=BERTIL) == ["chosen"]


async def test_a_groups_language_is_not_that_of_who_spoke_first(town):
    await town.says("seuraava", where=GROUP, language="en")
    await town.says("seuraava", language="en")
    await town.says("seuraava", who=BERTIL, language="de")

    languages = [
        (await town.database.read(lambda store, where=where: store.people.find(where))).language
        for where in (GROUP, ANNA, BERTIL)
    ]
    assert languages == [None, "en", None]


# ---- bad input -----------------------------------------------------------------------------------------------


async def test_an_over_long_text_gets_a_clear_answer(town):
    assert await town.take(town.update("a" * (LONGEST + 1))) == [("anna", "trouble.too_long", {"n": LONGEST})]
    assert await town.says("a" * LONGEST) == ["faq"]


async def test_a_text_of_a_megabyte_holds_nobody_up(town):
    began = asyncio.get_running_loop().time()
    await town.says("ä" * 1_000_000)

    assert asyncio.get_running_loop().time() - began < 2


@pytest.mark.parametrize("empty", ["", " ", "\n", "/", "!", "\u200b\u200d", "\u202e"])
async def test_an_empty_message_gets_an_answer_and_is_no_answer_to_a_question(town, empty):
    await town.says("kysy")

    assert await town.says(empty) == ["faq"] or empty in {"/", "!"}


async def test_what_nobody_sees_is_removed(town):
    assert await town.take(town.update("seu\u200braa\u202eva")) == [("anna", "next", {"text": ""})]
    assert await town.take(town.update("kello\u202e 13\u0000\ud800")) == [
        ("anna", "faq", {"text": "kello 13"})
    ]


YES = ("kyllä", "joo", "ok", "kyllä kiitos")
NEARLY = st.lists(
    st.sampled_from(
        [*YES, "ei", "k", "y", " ", "?", "!", ",", "mutta", "tee", "yksi", "kaksi", "/", "9", "ä", "👍"]
    ),
    max_size=4,
).map("".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(text=NEARLY | st.text(st.characters(), max_size=12))
def test_nothing_but_its_words_presses_a_yes(database, text):
    """Each example is typed by somebody else, and to the same house; its number and its label press it as ever."""
    who = Place("telegram", f"yes {text!r}")

    async def story():
        town = Town(database)
        await town.asks("/paata", who=who, identity=f"asked {text!r}")
        return await town.take(town.update(text, who=who, identity=repr(text)))

    pressed = [values["which"] for _, key, values in asyncio.run(story()) if key == "chosen"]
    is_yes = fold(text) in {*map(fold, YES)} and "?" not in text

    assert (pressed == ["yes"]) == (is_yes or number_of(text) == 1 or fold(text) == "yksi kahvi")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(st.characters(), max_size=40))
def test_whatever_is_typed_gets_one_answer(database, text):
    """Each example is typed by somebody else, and to the same house."""

    async def story():
        town = Town(database)
        return await town.says(text, who=Place("telegram", f"fuzz {text!r}"), identity=repr(text))

    answers = asyncio.run(story())

    assert len(answers) <= 1
    assert answers != ["trouble.sorry"]


# ---- events --------------------------------------------------------------------------------------------------


async def test_a_voice_message_or_a_picture_gets_a_kind_answer(town):
    assert await town.says("", what="unreadable") == ["unreadable"]
    assert await town.says("", what="unreadable", where=GROUP, addressed=False) == []


async def test_whoever_added_us_is_known_to_the_handler(town):
    await town.says("moi")

    assert await town.take(town.update(what="added", where=GROUP)) == [("group", "added", {"by": True})]
    assert await town.take(town.update(what="added", where=GROUP, who=BERTIL)) == [
        ("group", "added", {"by": False})
    ]


async def test_whoever_blocked_us_is_silent_until_they_come_back(town):
    async def state():
        return (await town.database.read(lambda store: store.people.find(ANNA))).state

    await town.says("moi")
    assert await town.says("", what="removed") == []
    assert await state() == "silent"
    assert await town.says("", what="returned") == []
    assert await state() == "active"


async def test_a_group_that_moved_is_found_at_its_new_address(town):
    await town.says("seuraava", where=GROUP)
    await town.says("new", what="moved", where=GROUP)

    found = await town.database.read(lambda store: store.people.find(Place("telegram", "new", "group")))
    assert found is not None


async def test_of_strangers_who_leave_nothing_is_kept(town):
    for what in ("removed", "returned", "moved", "unwanted"):
        assert await town.says("x", what=what) == []

    assert await town.database.read(lambda store: store.people.count()) == 0


# ---- flood ---------------------------------------------------------------------------------------------------


async def test_whoever_floods_is_asked_once_to_slow_down_and_nobody_else_is_slowed(town):
    updates = [town.update("seuraava") for _ in range(FLOOD + 10)]

    answers = await town.take(*updates, town.update("seuraava", who=BERTIL))

    keys = [key for who, key, _ in answers if who == "anna"]
    assert keys == ["next"] * (FLOOD - 1) + ["trouble.slow_down"]
    assert answers[-1] == ("bertil", "next", {"text": ""})


async def test_after_a_while_a_flood_is_forgotten(town):
    await town.take(*[town.update("seuraava") for _ in range(FLOOD + 10)])
    assert await town.says("seuraava") == []
    town.now += FLOOD_WINDOW

    assert await town.says("seuraava") == ["next"]


async def test_slowing_down_leaves_the_open_question_open(town):
    await town.says("kysy")
    town.now += FLOOD_WINDOW
    await town.take(*[town.update("", what="unreadable") for _ in range(FLOOD - 1)])
    await town.says("kysy")
    town.now += FLOOD_WINDOW

    assert await town.says("moi") != ["trouble.slow_down"]


async def test_in_a_group_nobody_is_scolded_before_others(town):
    answers = await town.take(*[town.update("seuraava", where=GROUP) for _ in range(FLOOD + 5)])

    assert [key for _, key, _ in answers] == ["next"] * (FLOOD - 1)


async def test_talk_among_others_in_a_group_is_no_flood(town):
    await town.take(*[town.update("hei", where=GROUP, addressed=False) for _ in range(FLOOD * 3)])

    assert await town.says("seuraava") == ["next"]


def test_talkers_who_were_quiet_are_forgotten():
    flood = Flood()
    for number in range(5000):
        update = Incoming(id=str(number), where=Place("web", str(number)), sender=None, text="moi")
        flood.verdict(update, NOW + number * timedelta(milliseconds=10))

    assert len(flood._recent) <= 1001, "those of the last ten seconds"


# ---- while nothing can be written ----------------------------------------------------------------------------


@pytest.fixture
def held_up(town):
    """The disk is full until the fixture's ``ends`` is called."""

    class FullDisk:
        async def begins(self):
            def work(store):
                self.cursor = store._cursor
                pages = self.cursor.execute("PRAGMA page_count").fetchone()[0]
                self.cursor.execute(f"PRAGMA max_page_count = {pages}")

            await town.database.write(work)
            self.ballast = town.database.queue([lambda store: store.books.set_bookmark("big", "x" * 500_000)])
            while town.database.trouble is None:
                await asyncio.sleep(0.01)

        def ends(self):
            self.cursor.execute("PRAGMA max_page_count = 1000000")

    return FullDisk()


async def accepted(town, *updates):
    """Try as a transport does, until it is taken."""
    while True:
        try:
            await town.dispatch.accept(updates)
        except StoreError:
            await asyncio.sleep(0.05)
        else:
            return


def keys(rows):
    return [(row.place.address, row.say.text.key) for row in rows]


async def test_a_full_disk_loses_nothing_and_leaves_nobody_without_an_answer(town, held_up):
    await town.says("moi")
    await town.says("moi", who=BERTIL)
    before = len(town.said)
    await held_up.begins()

    with pytest.raises(StoreError):
        await town.dispatch.accept(
            [town.update("seuraava", identity="a"), town.update("poista", who=BERTIL, identity="b")]
        )
    aside = keys(town.aside)
    taking = asyncio.ensure_future(
        accepted(town, town.update("seuraava", identity="a"), town.update("poista", who=BERTIL, identity="b"))
    )
    await asyncio.sleep(0.5)
    held_up.ends()
    await asyncio.wait_for(taking, 10)

    assert aside == [("anna", "next"), ("bertil", "trouble.hold_on")], "what only reads is answered at once"
    assert keys(town.aside) == aside, "once"
    assert keys(town.said[before:]) == [("anna", "next"), ("bertil", "goodbye")]
    assert town.said[before].key == town.aside[0].key, "so that the courier says it once"


async def test_through_the_courier_everybody_hears_everything_once(database, held_up, town):
    platform = StrictPlatform(latency=0.001)
    wording = Wording({"fi": {key: (key,) for key in ("start", "next", "faq", "goodbye", "trouble.hold_on", "button.home")}}, {}, lambda _: {}, "fi")  # fmt: skip
    translator = Translator(wording, VAULT, "fi", ZoneInfo("Europe/Helsinki"))
    courier = Courier(database, {"telegram": platform}, translator, lambda: datetime.now(UTC), time.monotonic)
    town.dispatch._say_unstored = courier.say_unstored
    serving = asyncio.create_task(courier.run())
    await asyncio.sleep(0.05)
    await town.dispatch.accept([town.update("moi"), town.update("moi", who=BERTIL)])
    await held_up.begins()
    updates = [town.update("seuraava"), town.update("poista", who=BERTIL)]
    taking = asyncio.create_task(accepted(town, *updates))
    await asyncio.sleep(0.7)
    meanwhile = platform.texts("anna"), platform.texts("bertil")
    held_up.ends()
    await asyncio.wait_for(taking, 10)
    await asyncio.sleep(0.5)
    serving.cancel()
    await asyncio.wait([serving])

    assert meanwhile == (["faq", "next"], ["faq", "trouble.hold_on"])
    assert platform.texts("anna") == ["faq", "next"]
    assert platform.texts("bertil") == ["faq", "trouble.hold_on", "goodbye"]
    assert await database.write(lambda store: store.people.count()) == 1, "who left is gone"


async def test_others_are_heard_while_some_wait(town, held_up):
    await town.says("moi")
    await town.says("moi", who=BERTIL)
    await held_up.begins()
    first, second = town.update("seuraava"), town.update("seuraava", who=BERTIL)
    with pytest.raises(StoreError):
        await town.dispatch.accept([first])

    with pytest.raises(StoreError):
        await town.dispatch.accept([first, second])

    assert keys(town.aside) == [("anna", "next"), ("bertil", "next")]
    held_up.ends()
    await accepted(town, first, second)


async def test_everybody_is_asked_once_to_hold_on_in_their_language(town, held_up):
    await town.says("moi")
    await held_up.begins()
    stranger = Place("telegram", "cecilia")

    for _ in range(2):
        with pytest.raises(StoreError):
            await town.dispatch.accept(
                [town.update("kysy"), town.update("poista"), town.update("moi", who=stranger, language="sv")]
            )

    held = [row for row in town.aside if row.say.text.key == "trouble.hold_on"]
    assert [(row.place.address, row.language) for row in held] == [("anna", None), ("cecilia", "sv")]
    held_up.ends()
    await asyncio.wait_for(held_up.ballast, 10)


async def test_in_groups_and_of_events_nothing_is_said_meanwhile(town, held_up):
    await town.says("seuraava", where=GROUP)
    await held_up.begins()

    with pytest.raises(StoreError):
        await town.dispatch.accept([town.update("seuraava", where=GROUP), town.update(what="removed")])

    assert town.aside == []
    held_up.ends()
    await asyncio.wait_for(held_up.ballast, 10)


async def test_a_handler_that_fails_meanwhile_is_apologized_for_afterwards(town, held_up):
    await town.says("moi")
    before = len(town.said)
    await held_up.begins()
    update = town.update("rikki")
    with pytest.raises(StoreError):
        await town.dispatch.accept([update])
    held_up.ends()
    await accepted(town, update)

    assert keys(town.aside) == [("anna", "trouble.hold_on")]
    assert keys(town.said[before:]) == [("anna", "trouble.sorry")]


async def test_a_short_hold_up_goes_unnoticed(town):
    await town.says("moi")
    opened = threading.Event()
    town.database.submit(lambda _: opened.wait(5))
    asyncio.get_running_loop().call_later(0.5, opened.set)

    assert await town.says("seuraava") == ["next"]
    assert town.aside == []


async def test_a_writer_that_is_stuck_for_whatever_reason_is_noticed_after_two_seconds(town):
    await town.says("moi")
    opened = threading.Event()
    town.database.submit(lambda _: opened.wait(10))
    began = asyncio.get_running_loop().time()

    with pytest.raises(StoreError):
        await town.dispatch.accept([town.update("seuraava")])

    opened.set()
    assert keys(town.aside) == [("anna", "next")]
    assert 2 <= asyncio.get_running_loop().time() - began < 4


async def test_nothing_is_accepted_after_the_end(town):
    town.database.close()

    with pytest.raises(StoreError):
        await town.dispatch.accept([town.update("moi")])
    await town.dispatch.accept([])


# ---- nobody is named -----------------------------------------------------------------------------------------


async def test_neither_words_nor_addresses_stand_in_the_log(town, capsys):
    canary = Place("telegram", "4711471147")
    await town.take(
        town.update("rikki kanarialintu", who=canary), town.update("/rikki kanarialintu", who=canary)
    )
    await town.take(town.update(what="button", button="kanarialintu", who=canary))

    said = capsys.readouterr().err
    assert "handler.failed" in said
    assert "kanarialintu" not in said
    assert "4711471147" not in said
