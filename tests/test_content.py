"""Tests of bot/content."""

from collections import Counter
from datetime import time, timedelta
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.content import Command, Content, FaqEntry, Option, Poll, Topic, phrases, placeholders, read_content
from bot.content.polls import KEYS
from bot.core.matching import Sure
from bot.core.opening_hours import OpeningHours
from bot.core.phrases import Asked, fold, within_one_edit
from bot.errors import Fault
from bot.i18n import LANGUAGES

SAMPLE = Path(__file__).parent.parent / "content"

COMMANDS = """\
- name: apua
  aliases: {fi: [ohje], en: [help]}
  help: {fi: Ohje., sv: Hjälp., en: Help.}
  short: {fi: Ohje, sv: Hjälp, en: Help}
  phrasings: {fi: ["Mitä osaat?"]}
  who: all
  menu: true
- name: kieli
  aliases: {fi: []}
  help: {fi: Kieli., sv: Språk., en: Language.}
  who: organizer
  rest: true
"""
FAQ = """\
topics:
  - {id: ryhma, name: {fi: Ryhmä, sv: Gruppen, en: The group}}
questions:
  - id: missa
    topic: ryhma
    short: {fi: "Missä?", sv: "Var?", en: "Where?"}
    q: {fi: "Missä ryhmä on?", sv: "Var är gruppen?", en: "Where is the group?"}
    a: {fi: "{{paikka}}, {{aika}}.", sv: "{{paikka}}, {{aika}}.", en: "{{paikka}}, {{aika}}."}
    next_times: {aika: ryhma}
    phrasings: {fi: [a 1, a 2, a 3], sv: [b 1, b 2, b 3], en: [c 1, c 2, c 3]}
    basis: S0
    fill: [paikka]
  - id: hata
    topic: ryhma
    short: {fi: "Hätä", sv: "Nöd", en: "Emergency"}
    q: {fi: "Tarvitsen apua.", sv: "Jag behöver hjälp.", en: "I need help."}
    a: {fi: "Soita 112.", sv: "Ring 112.", en: "Call 112."}
    phrasings: {fi: [d 1, d 2, d 3], sv: [e 1, e 2, e 3], en: [f 1, f 2, f 3]}
    priority: true
"""
ORGANIZATION = """\
values:
  paikka: {fi: Talo, sv: Huset, en: The house}
  puhelin: 014 000 0000
hours:
  - {days: [mo, fr], from: "09:00", to: "15:00"}
"""
POLLS = """\
- id: toive
  type: single
  anonymous: true
  audience: [ryhma]
  send: {after_event: ryhma, delay_minutes: 60}
  closes_after_hours: 72
  min_shown: 7
  q: {fi: "Mitä?", sv: "Vad?", en: "What?"}
  options:
    - {v: 1, fi: Peli, sv: Spel, en: Game}
    - {v: no, fi: Ei, sv: Nej, en: No}
  thanks: {fi: "Kiitos!", sv: "Tack!", en: "Thank you!"}
"""
FILES = {
    "commands.yaml": COMMANDS,
    "faq.yaml": FAQ,
    "organization.yaml": ORGANIZATION,
    "polls.yaml": POLLS,
    "messages.yaml": "welcome: {fi: Hei, sv: Hej, en: Hello}\n",
    "crisis.yaml": "also: [kuristu*]\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def change(folder: Path, name: str, old: str, new: str) -> None:
    """Replace one piece of a file."""
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def test_everything_in_the_files_becomes_values(folder):
    content, faults, warnings = read_content(folder)

    assert (faults, warnings) == ((), ())
    assert content == Content(
        commands=(
            Command(
                name="apua",
                aliases={"fi": ("ohje",), "en": ("help",)},
                help={"fi": "Ohje.", "sv": "Hjälp.", "en": "Help."},
                short={"fi": "Ohje", "sv": "Hjälp", "en": "Help"},
                phrasings={"fi": ("Mitä osaat?",)},
                menu=True,
            ),
            Command(
                name="kieli",
                aliases={"fi": ()},
                help={"fi": "Kieli.", "sv": "Språk.", "en": "Language."},
                who="organizer",
                rest=True,
            ),
        ),
        topics=(Topic("ryhma", {"fi": "Ryhmä", "sv": "Gruppen", "en": "The group"}),),
        faq=(
            FaqEntry(
                id="missa",
                topic="ryhma",
                short={"fi": "Missä?", "sv": "Var?", "en": "Where?"},
                q={"fi": "Missä ryhmä on?", "sv": "Var är gruppen?", "en": "Where is the group?"},
                a=dict.fromkeys(LANGUAGES, "{{paikka}}, {{aika}}."),
                phrasings={
                    "fi": ("a 1", "a 2", "a 3"),
                    "sv": ("b 1", "b 2", "b 3"),
                    "en": ("c 1", "c 2", "c 3"),
                },
                next_times={"aika": "ryhma"},
                fill=("paikka",),
            ),
            FaqEntry(
                id="hata",
                topic="ryhma",
                short={"fi": "Hätä", "sv": "Nöd", "en": "Emergency"},
                q={"fi": "Tarvitsen apua.", "sv": "Jag behöver hjälp.", "en": "I need help."},
                a={"fi": "Soita 112.", "sv": "Ring 112.", "en": "Call 112."},
                phrasings={
                    "fi": ("d 1", "d 2", "d 3"),
                    "sv": ("e 1", "e 2", "e 3"),
                    "en": ("f 1", "f 2", "f 3"),
                },
                priority=True,
            ),
        ),
        polls=(
            Poll(
                id="toive",
                kind="single",
                anonymous=True,
                audience=("ryhma",),
                closes_after=timedelta(hours=72),
                q={"fi": "Mitä?", "sv": "Vad?", "en": "What?"},
                options=(
                    Option("1", {"fi": "Peli", "sv": "Spel", "en": "Game"}),
                    Option("no", {"fi": "Ei", "sv": "Nej", "en": "No"}),
                ),
                after_series="ryhma",
                delay=timedelta(minutes=60),
                min_shown=7,
                thanks={"fi": "Kiitos!", "sv": "Tack!", "en": "Thank you!"},
            ),
        ),
        messages={"welcome": {"fi": "Hei", "sv": "Hej", "en": "Hello"}},
        organization={
            "paikka": {"fi": "Talo", "sv": "Huset", "en": "The house"},
            "puhelin": "014 000 0000",
        },
        hours=(OpeningHours(frozenset({0, 4}), time(9), time(15)),),
        crisis_words=("kuristu*",),
    )


BUTTON = "{fi: Ohje, sv: Hjälp, en: Help}"
KIELI = "{fi: Kieli., sv: Språk., en: Language.}"
CALL = '{fi: "Soita 112.", sv: "Ring 112.", en: "Call 112."}'
CALL_ALSO = CALL.replace(".", " tai {{nro}}.")
OPTIONS_MEANT = "9: 'opts' is unknown here. Did you mean 'options'?"
LANGUAGES_WANTED = "Write the text in each language."

# What is changed in a file, and what is said of it: line: what. mend.
FAULTS = {
    "commands.yaml": [
        ("  rest: true", "  rset: true", ["12: 'rset' is unknown here. Did you mean 'rest'?"]),
        ("  rest: true", "  rest: 1", ["12: '1' is none of the choices. Write one of: true, false."]),
        (
            "  rest: true",
            "  rest: true\n  rest: true",
            ["13: 'rest' stands here twice. Remove one of the two."],
        ),
        ("name: kieli", "name: Ö", ["8: 'Ö' cannot stand here. Write at most 32 of a-z, 0-9 and _."]),
        ("- name: kieli\n  ", "- ", ["8: 'name' is missing. Add name: to it."]),
        ("name: kieli", "name: apua", ["8: another command is called 'apua'. Give each its own name."]),
        ("name: kieli", "name: ohje", ["8: 'ohje' is a word of 'apua' too. Leave it to one of the two."]),
        ("{fi: []}", "{fi: [OHJE!]}", ["9: 'OHJE!' is a word of 'apua' too. Leave it to one of the two."]),
        ("{fi: []}", "{fi: ['?']}", ["9: '?' has no letters. Remove it."]),
        (
            "{fi: []}",
            "{fi: [hätä, kuristun]}",  # the second one is the organization's own
            [
                "9: 'hätä' is a crisis word and is answered with 112. Use another word for it.",
                "9: 'kuristun' is a crisis word and is answered with 112. Use another word for it.",
            ],
        ),
        ("{fi: []}", "{fi: kieli}", ["9: a list is wanted here. Put it in square brackets: [one, two]."]),
        ("{fi: []}", "{de: []}", ["9: 'de' is none of the choices. Write one of: fi, sv, en."]),
        ("{fi: []}", "[kieli]", ["9: names and values are missing here. Write name: value."]),
        (f"  short: {BUTTON}\n", "", ["1: 'short' is missing. Add the words for its button."]),
        (
            BUTTON,
            "{fi: Aivan liian pitkä ohje tähän, sv: Hjälp, en: Help}",
            [
                "4: the button fi has 28 characters, at most 24. Say it shorter.",
                "4: the button fi has 5 words, at most 4. Say it shorter.",
            ],
        ),
        (KIELI, "{fi: Kieli., en: ''}", [f"10: sv, en is missing. {LANGUAGES_WANTED}"]),
        (KIELI, "Kieli.", ["10: names and values are missing here. Write name: value."]),
        (KIELI, "{fi: K, fi: K, sv: S, en: L}", ["10: 'fi' stands here twice. Remove one of the two."]),
        (
            KIELI,
            "{fi: [K], sv: S, en: L}",
            [
                "10: a text is wanted here, not a list or a mapping. Put the text in quotes.",
                f"10: fi is missing. {LANGUAGES_WANTED}",
            ],
        ),
    ],
    "messages.yaml": [
        ("Hei", "'{{x}}'", ["1: {{x}} stands in some languages only. Use the same ones in each."]),
        ("Hei", "'{{x}'", ["1: the braces of a placeholder do not match. Write it as {{name}}."]),
        ("welcome", "W!", ["1: 'W!' cannot stand here. Write the key of a message: a-z, 0-9, _ and dots."]),
        ("welcome: ", "- ", ["1: names and values are missing here. Write name: value."]),
    ],
    "faq.yaml": [
        (
            "id: ryhma, name",
            "name",
            [
                "2: 'id' is missing. Add id: to it.",
                "5: there is no topic 'ryhma'. Add it to topics.",
                "14: there is no topic 'ryhma'. Add it to topics.",
            ],
        ),
        ("- id: hata", "- id: missa", ["13: there is another 'missa'. Give each question its own id."]),
        ("d 1", "A 1!", ["18: 'A 1!' is asked for in 'missa' too. Remove one of them."]),
        ("{aika:", "{k:", ["9: 'k' is not in the answer. Write {{k}} in it, or remove it."]),
        ("Soita 112", "Soita", ["17: it does not say 112. Tell people to call 112."]),
        (CALL, CALL_ALSO, ["13: 'without_fill' is missing. Add the answer without the placeholder."]),
        (
            "    basis: S0\n",
            "    priority: true\n",
            [
                "4: 'without_fill' is missing. Add the answer without the placeholder.",
                "8: it does not say 112. Tell people to call 112.",
                "19: 'missa' has priority too. There is one emergency answer.",
            ],
        ),
    ],
    "polls.yaml": [
        (
            "type: single",
            "type: ranking",
            ["2: 'ranking' is none of the choices. Write one of: single, smiley5, multiple, text."],
        ),
        (
            "type: single",
            "type: smiley5",
            ["10: the smileys are not 1 to 5. Give the five of them, the worst first."],
        ),
        (
            "  thanks:",
            "  max_choices: 2\n  thanks:",  # of another kind of poll
            [f"12: 'max_choices' is unknown here. Write one of: {', '.join(KEYS['single'])}."],
        ),
        ("  options:", "  opts:", ["1: 'options' is missing. Add options: to it.", OPTIONS_MEANT]),
        ("id: toive", "id: a\n- id: toive", ["1: 'type' is missing. Add type: to it."]),
        ("v: no", "v: '-'", ["11: '-' cannot stand here. Write at most 16 of a-z, 0-9 and _."]),
        ("v: no", "v: 1", ["10: two options have one v. Give each its own."]),
        ("    - {v: no, fi: Ei, sv: Nej, en: No}\n", "", ["10: there are 1 options. Give 2 to 5."]),
        (
            "min_shown: 7",
            "min_shown: 2",
            ["7: '2' is not a number that can stand here. Write a number from 3 to 20."],
        ),
        ("after_event: ryhma, ", "", ["5: 'after_event' is missing. Add after_event: to it."]),
    ],
    "organization.yaml": [
        ("values:", "vales:", ["1: 'vales' is unknown here. Did you mean 'values'?"]),
        (
            "puhelin: 014 000 0000",
            "puhelin: [014]",
            ["3: a text is wanted here, not a list or a mapping. Put the text in quotes."],
        ),
        ("mo, fr", "ma", ["5: 'ma' is none of the choices. Write one of: mo, tu, we, th, fr, sa, su."]),
        ('"09:00"', "25:00", ["5: '25:00' is not an hour of the day. Write it as \"13:00\"."]),
        ('"09:00"', "nine", ["5: 'nine' is not an hour of the day. Write it as \"13:00\"."]),
        ("15:00", "09:00", ["5: it closes before it opens. Write a later hour."]),
        ('00"}', '00", on_holidays: ok}', ["5: 'ok' is none of the choices. Write one of: true, false."]),
    ],
    "crisis.yaml": [
        ("kuristu*", "ei", ["1: 'ei' is too short for a crisis word. Write a longer one."]),
    ],
}


@pytest.mark.parametrize(
    ("name", "old", "new", "faults"), [(name, *case) for name, cases in FAULTS.items() for case in cases]
)
def test_each_fault_is_named_with_its_line_and_its_mend(folder, name, old, new, faults):
    change(folder, name, old, new)

    assert [str(fault) for fault in read_content(folder)[1]] == [f"{name}, line {fault}" for fault in faults]


def test_a_second_poll_of_the_same_id_is_named_and_left_out(folder):
    (folder / "polls.yaml").write_text(POLLS + POLLS.replace("7", "9"), encoding="utf-8")

    content, faults, _ = read_content(folder)

    assert [poll.min_shown for poll in content.polls] == [7]
    assert faults == (Fault("polls.yaml, line 13", "there is another 'toive'", "Give each poll its own id."),)


def test_of_two_texts_in_one_language_the_first_is_kept(folder):
    change(folder, "messages.yaml", "fi: Hei", "fi: Hei, fi: Moi")

    assert read_content(folder)[0].messages == {"welcome": {"fi": "Hei", "sv": "Hej", "en": "Hello"}}


def test_a_question_without_its_answer_is_left_out(folder):
    change(folder, "faq.yaml", f"    a: {CALL}\n", "")

    content, faults, _ = read_content(folder)

    assert [each.id for each in content.faq] == ["missa"]
    assert faults == (Fault("faq.yaml, line 13", "'a' is missing", "Add a: to it."),)


def test_all_faults_are_named_at_once(folder):
    change(folder, "commands.yaml", "  rest: true", "  rset: true")
    change(folder, "faq.yaml", "{aika: ryhma}", "{kello: ryhma}")
    change(folder, "polls.yaml", "v: no", "v: 1")
    (folder / "organization.yaml").unlink()

    assert [fault.where for fault in read_content(folder)[1]] == [
        "commands.yaml, line 12",
        "faq.yaml, line 9",
        "polls.yaml, line 10",
        "organization.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("commands.yaml", "{fi: []}", "{fi: [kieli, language, kieli]}"),  # twice, but for one command
        ("commands.yaml", "{fi: []}", "{fi: [kieli]}"),
        ("organization.yaml", '"09:00"', "09:00"),  # YAML 1.1 would make 540 of it
        ("polls.yaml", "  min_shown: 7\n", "  min_shown:\n"),
        ("faq.yaml", "topics:", "\ufefftopics:"),
    ],
)
def test_what_is_only_written_carelessly_is_no_fault(folder, name, old, new):
    change(folder, name, old, new)

    assert read_content(folder)[1] == ()


def test_a_sixth_command_in_the_menu_is_one_too_many(folder):
    one = "- {{name: n{0}, aliases: {{}}, help: {1}, short: {1}, who: all, menu: true}}\n"
    (folder / "commands.yaml").write_text("".join(one.format(n, BUTTON) for n in range(6)), encoding="utf-8")

    content, faults, _ = read_content(folder)

    assert len(content.commands) == 6
    assert faults == (
        Fault("commands.yaml, line 6", "the menu has more than 5 commands", "Take one out of it."),
    )


@pytest.mark.parametrize(
    ("edit", "fault", "kept"),
    [
        (
            ("commands.yaml", "[ohje], en: [help]}", "[ohje"),
            "commands.yaml, line 3",
            {"kieli", "missa", "hata"},
        ),
        (("faq.yaml", '"Missä?", sv', '"Missä?, sv'), "faq.yaml, line 6", {"apua", "kieli", "hata"}),
        (
            ("faq.yaml", "{id: ryhma,", "{id: ryhma, {"),
            "faq.yaml, line 3",
            {"apua", "kieli", "missa", "hata"},
        ),
    ],
)
def test_what_is_no_yaml_does_not_take_the_rest_with_it(folder, edit, fault, kept):
    change(folder, *edit)

    content, faults, _ = read_content(folder)

    assert [each.where for each in faults if each.what.startswith("this is no YAML")] == [fault]
    assert {each.name for each in content.commands} | {each.id for each in content.faq} == kept


@pytest.mark.parametrize(
    ("edit", "where", "kept"),
    [
        (("commands.yaml", "  aliases: {fi: [o", "\taliases: {fi: [o"), "commands.yaml, line 2", {"kieli", "missa", "hata"}),
        (("faq.yaml", '    short: {fi: "M', '\t   short: {fi: "M'), "faq.yaml, line 6", {"apua", "kieli", "hata"}),
        (("faq.yaml", "  - {id", "\t- {id"), "faq.yaml, line 2", {"apua", "kieli", "missa", "hata"}),
        (("organization.yaml", "  paikka", " \tpaikka"), "organization.yaml, line 2", {"apua", "kieli", "missa", "hata"}),
    ],
)  # fmt: skip
def test_a_tab_is_called_a_tab_with_its_mend_and_only_its_own_item_is_left_out(folder, edit, where, kept):
    change(folder, *edit)

    content, faults, _ = read_content(folder)

    mend = "Replace each tab there by spaces. Indent it like the lines beside it."
    assert faults == (Fault(where, "this is no YAML: a tab; use spaces", mend),)
    assert {each.name for each in content.commands} | {each.id for each in content.faq} == kept


@pytest.mark.parametrize(
    ("name", "written", "what"),
    [
        ("organization.yaml", b"values: [", "this is no YAML: did not find expected node content"),
        ("organization.yaml", b"\xff\xfe", "the file cannot be read (UnicodeDecodeError)"),
        ("organization.yaml", b"values: \x07", "this is no YAML: a character that YAML does not take"),
        ("organization.yaml", b"[" * 5000, "this is no YAML: a character that YAML does not take"),
        ("commands.yaml", b"", None),
        ("faq.yaml", b"topics", "names and values are missing here"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_named(folder, name, written, what):
    (folder / name).write_bytes(written)

    faults = [fault.what for fault in read_content(folder)[1] if fault.where.startswith(name)]

    assert faults[:1] == ([what] if what else [])


def test_an_empty_folder_gives_empty_content(tmp_path):
    content, faults, _ = read_content(tmp_path)

    assert content == Content()
    assert faults == tuple(
        Fault(name, "the file is missing", "Take the sample's as a beginning.")
        for name in ("commands.yaml", "faq.yaml", "organization.yaml")
    )


@given(
    st.sampled_from(sorted(FILES)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.text("-:[]{}#'\"\n\t &*!|> aä1", max_size=6)), max_size=4),
)  # fmt: skip
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
def test_no_spoilt_file_stops_the_reading(folder, name, cuts):
    text = FILES[name]
    for where, gone, put in cuts:
        at = int(where * len(text))
        text = text[:at] + put + text[at + gone :]
    (folder / name).write_text(text, encoding="utf-8")

    content, faults, _ = read_content(folder)
    (folder / name).write_text(FILES[name], encoding="utf-8")

    assert isinstance(content, Content)
    assert all(fault.what and fault.mend for fault in faults)


# ---- what is made of it --------------------------------------------------------------------------------


def test_every_text_of_content_is_a_phrase(folder):
    content, _, _ = read_content(folder)

    assert sorted(phrases(content)) == [
        "command.apua.help",
        "command.apua.short",
        "command.kieli.help",
        "faq.hata.a",
        "faq.hata.q",
        "faq.hata.short",
        "faq.missa.a",
        "faq.missa.q",
        "faq.missa.short",
        "poll.toive.option.1",
        "poll.toive.option.no",
        "poll.toive.q",
        "poll.toive.thanks",
        "topic.ryhma",
        "welcome",
    ]


def test_messages_win_over_other_texts_of_content():
    content = Content(topics=(Topic("ryhma", {"fi": "Ryhmä"}),), messages={"topic.ryhma": {"fi": "Porukka"}})

    assert phrases(content) == {"topic.ryhma": {"fi": "Porukka"}}


def test_values_are_those_of_the_language_that_are_filled_in():
    content = Content(organization={"a": "1", "b": {"fi": "2", "sv": "3"}, "c": "", "d": {"en": "4"}})

    assert (content.values("fi"), content.values("sv")) == ({"a": "1", "b": "2"}, {"a": "1", "b": "3"})


def entry(**more) -> FaqEntry:
    return FaqEntry(id="x", topic="t", short={"fi": "s"}, q={"fi": "q?"}, **more)


@pytest.mark.parametrize(
    ("asked", "known", "key"),
    [
        (entry(a={"fi": "Kyllä."}), {}, "faq.x.a"),
        (entry(a={"fi": "{{a}} {{b}}"}), {"a": "1", "b": "2"}, "faq.x.a"),
        (entry(a={"fi": "{{a}} {{b}}"}), {"a": "1"}, None),
        (entry(a={"fi": "{{a}}"}, without_fill={"fi": "Kyllä."}), {}, "faq.x.without_fill"),
    ],
)
def test_an_answer_with_an_empty_placeholder_is_withheld_or_replaced(asked, known, key):
    assert asked.answer(known) == key


def test_only_single_choice_and_smileys_are_asked_by_now(folder):
    (folder / "polls.yaml").write_text((SAMPLE / "polls.yaml").read_text(encoding="utf-8"), encoding="utf-8")

    content, faults, _ = read_content(folder)

    assert faults == ()
    assert {poll.kind: poll.served for poll in content.polls} == {
        "smiley5": True,
        "single": True,
        "multiple": False,
        "text": False,
    }


def test_a_question_may_be_an_answer_or_a_command(folder):
    content, _, _ = read_content(folder)

    assert content.questions("fi") == {
        "faq.missa": ("Missä ryhmä on?", "a 1", "a 2", "a 3"),
        "faq.hata": ("Tarvitsen apua.", "d 1", "d 2", "d 3"),
        "command.apua": ("Mitä osaat?",),
    }
    assert content.matchers["fi"].verdict("missä se ryhmä on") == Sure("faq.missa")
    assert content.vocabulary.command_of("kieli sv", forgive=False) == Asked("kieli", "sv")


def test_content_without_an_emergency_answer_says_so():
    assert (Content().emergency, Content(faq=(entry(a={}, priority=True),)).emergency) == (
        None,
        entry(a={}, priority=True),
    )


@pytest.mark.parametrize(
    ("name", "old", "new", "warning"),
    [
        ("organization.yaml", "values:", "example: true\nvalues:", Fault("organization.yaml", "its values are invented", "Put in your own, then remove the line `example`.")),
        ("organization.yaml", "{fi: Talo, sv: Huset, en: The house}", '""', Fault("faq.yaml: missa", "paikka is empty, so this answer is not sent", "Fill in paikka in organization.yaml.")),
        ("organization.yaml", "  paikka:", "  talo:", Fault("faq.yaml: missa", "{{paikka}} is in no file", "Add paikka to organization.yaml.")),
        ("faq.yaml", "a 1, ", "", Fault("faq.yaml: missa", "it has fewer than 3 phrasings in fi", "Add how people ask for it.")),
        ("faq.yaml", "    priority: true\n", "", Fault("faq.yaml", "no answer is the one to an emergency; the program's own is used", "Mark it with `priority: true`.")),
        ("messages.yaml", "fi: Hei", "fi: Lisää osallisuutta!", Fault("content: welcome (fi)", "jargon: osallisuutta", "Say it more simply.")),
    ],
)  # fmt: skip
def test_what_is_invented_unfilled_or_hard_to_read_is_a_warning(folder, name, old, new, warning):
    change(folder, name, old, new)

    assert read_content(folder)[1:] == ((), (warning,))


# ---- the sample that ships -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> Content:
    return read_content(SAMPLE)[0]


def test_the_sample_has_no_faults_and_is_plain():
    assert read_content(SAMPLE)[1:] == (
        (),
        (
            Fault(
                "organization.yaml",
                "its values are invented",
                "Put in your own, then remove the line `example`.",
            ),
            Fault(
                "faq.yaml: hata",
                "sosiaalipaivystys is empty, so `without_fill` is sent instead",
                "Fill in sosiaalipaivystys in organization.yaml.",
            ),
        ),
    )


def test_the_sample_is_whole(sample):
    assert (len(sample.commands), len(sample.faq), len(sample.polls)) == (40, 44, 5)
    assert [each.name for each in sample.commands if each.menu] == [
        "seuraava",
        "tapahtumat",
        "kysymykset",
        "kysely",
        "ihminen",
    ]


def test_no_page_of_questions_is_longer_than_a_screen(sample):
    sizes = Counter(each.topic for each in sample.faq)

    assert [topic.id for topic in sample.topics] == list(sizes)
    assert len(sizes) <= 9  # two pages of topics
    assert max(sizes.values()) <= 5


def test_no_two_commands_of_the_sample_lie_within_one_edit(sample):
    words = {
        fold(word).replace(" ", ""): each.name
        for each in sample.commands
        for word in (each.name, *(alias for aliases in each.aliases.values() for alias in aliases))
    }

    assert [
        pair for pair in combinations(words, 2) if words[pair[0]] != words[pair[1]] and within_one_edit(*pair)
    ] == []


def test_no_number_of_the_sample_can_be_called_by_somebody_in_need(sample):
    numbers = {
        name: sample.values("fi").get(name) for name in ("puhelin", "neuvonta_kanava", "sosiaalipaivystys")
    }

    assert numbers == {
        "puhelin": "014 000 0000",
        "neuvonta_kanava": "puhelin 014 000 0000",
        "sosiaalipaivystys": None,
    }


def test_the_times_in_answers_come_from_series_of_the_schedule(sample):
    assert {name: series for each in sample.faq for name, series in each.next_times.items()} == {
        "seuraava_aika": "ryhma",
        "palsta_seuraava": "palsta",
        "avoimet_ovet_aika": "avoimet_ovet",
    }


def test_placeholders_of_a_text_are_those_of_any_language():
    assert placeholders({"fi": "{{a}} {{ b }}", "sv": "{{c}}"}) == {"a", "b", "c"}
