"""The rules that every text keeps, whoever wrote it."""

import ast
import re
from pathlib import Path

import pytest

import handlers
import schedules
from bot.core.phrases import fold
from bot.core.plain_language import button_faults, faults
from bot.i18n import LANGUAGES, LOCALES, PLACEHOLDER, read_catalogues
from bot.router import discover
from tests.support import sample_house

ROOT = Path(__file__).parent.parent
CATALOGUES = read_catalogues()
KEYS = sorted(set().union(*CATALOGUES.values()))
CONTENT = sample_house().house.content

SAYS = {"say", "Phrase", "button", "optional"}  # what takes a key first
BUTTONS = {"button"}


def modules():
    """The program's own source, parsed."""
    return [
        ast.parse(path.read_text(encoding="utf-8"))
        for package in ("bot", "handlers", "schedules")
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def first_arguments(tree, callers):
    """The strings that stand in the first argument of these calls, in either branch of an if."""
    for call in ast.walk(tree):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in callers
            and call.args
        ):
            chosen = call.args[0]
            for part in (chosen.body, chosen.orelse) if isinstance(chosen, ast.IfExp) else (chosen,):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    yield part.value


def built_keys(tree):
    """The shapes of keys that are put together: f"faq.{id}.a"."""
    for text in ast.walk(tree):
        if isinstance(text, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else None for part in text.values]
            if any(part and re.search(r"[a-z]\.|\.[a-z]", part) for part in parts):
                yield re.compile("".join(".+" if part is None else re.escape(part) for part in parts))


TREES = modules()
USED = {key for tree in TREES for key in first_arguments(tree, SAYS)}
ON_BUTTONS = {key for tree in TREES for key in first_arguments(tree, BUTTONS)} & set(KEYS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_that_the_program_says_has_words(language):
    of_content = {"command", "faq", "topic", "poll", "series"}
    missing = {key for key in USED - CATALOGUES[language].keys() if key.partition(".")[0] not in of_content}

    assert missing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_the_phrases_of_the_others(language):
    assert sorted(CATALOGUES[language]) == KEYS


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_in_two_catalogues_or_twice_in_one(language):
    files = sorted((LOCALES / language / "LC_MESSAGES").glob("*.po"))
    keys = [
        key for path in files for key in re.findall(r'^msgid "(.+)"', path.read_text("utf-8"), re.MULTILINE)
    ]

    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("key", KEYS)
def test_a_phrase_has_the_same_placeholders_and_forms_in_each_language(key):
    shapes = {
        tuple(frozenset(PLACEHOLDER.findall(form)) for form in CATALOGUES[language][key])
        for language in LANGUAGES
        if key in CATALOGUES[language]
    }

    assert len(shapes) == 1


def test_every_phrase_is_said_somewhere():
    sources = [
        path.read_text(encoding="utf-8")
        for package in ("bot", "handlers", "schedules")
        for path in (ROOT / package).rglob("*")
        if path.suffix in (".py", ".html", ".js")
    ]
    literals = set(re.findall(r"""["'`]([a-z_]+(?:\.[a-z_0-9]+)*)["'`]""", "\n".join(sources)))
    begun = re.findall(
        r"""["']([a-z_]+\.(?:[a-z_]+\.)*)["'] *[~+]""", "\n".join(sources)
    )  # "web.language." ~ code
    shapes = [shape for tree in TREES for shape in built_keys(tree)]
    shapes += [re.compile(re.escape(beginning) + "[a-z_]+") for beginning in begun]
    put_together = {key for key in KEYS if set(key.split(".")) <= literals}  # f"{kind}.{question}"
    unsaid = [key for key in KEYS if not any(shape.fullmatch(key) for shape in shapes)]

    assert {*unsaid} - literals - put_together == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_reads_easily(language):
    hard = {
        key: found
        for key, forms in CATALOGUES[language].items()
        for form in forms
        if (found := faults(form, language))
    }

    assert hard == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_has_few_and_short_words(language):
    labels = {key: form for key in ON_BUTTONS for form in CATALOGUES[language][key]}
    bad = {key: found for key, form in labels.items() if (found := button_faults(PLACEHOLDER.sub("x", form)))}

    assert labels
    assert bad == {}


def test_the_organizations_own_words_replace_phrases_that_there_are_with_the_same_placeholders():
    of_messages = {
        key: {frozenset(PLACEHOLDER.findall(text)) for text in words.values()}
        for key, words in CONTENT.messages.items()
    }
    of_catalogues = {
        key: {frozenset(PLACEHOLDER.findall(CATALOGUES["fi"].get(key, ("{{?}}",))[0]))} for key in of_messages
    }

    assert of_messages == of_catalogues


def test_every_handler_has_a_test_file():
    names = [path.stem for path in (ROOT / "handlers").glob("*.py") if path.stem != "__init__"]
    untested = [name for name in names if not (ROOT / f"tests/handlers/test_{name}.py").exists()]

    assert untested == []


def test_every_command_that_is_answered_has_a_line_of_help_in_each_language():
    answered = discover([handlers]).commands
    helped = {each.name for each in CONTENT.commands if set(each.help) == set(LANGUAGES)}

    assert answered.keys() - helped == set()


def test_only_organizers_are_shown_what_is_theirs():
    routes = discover([handlers]).commands
    for_all = {each.name for each in CONTENT.commands if each.who == "all" and not each.hidden}

    assert {name for name, route in routes.items() if route.organizers} & for_all == set()


def test_every_action_is_short_enough_for_a_button():
    actions = discover([handlers, schedules]).buttons

    assert [each for each in actions if not re.fullmatch(r"[a-z.]{1,16}", each)] == []


def test_no_handler_or_job_waits_for_anything():
    waiting = [
        path.name
        for package in ("handlers", "schedules", "bot/actions", "bot/core")
        for path in (ROOT / package).rglob("*.py")
        if any(
            isinstance(each, ast.AsyncFunctionDef | ast.Await)
            for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]

    assert waiting == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_means_both_yes_and_no_and_no_yes_is_a_command(language):
    yes, no = (
        {fold(word) for word in CATALOGUES[language][f"typed.{means}"][0].split(",")}
        for means in ("yes", "no")
    )

    assert "" not in yes | no
    assert yes & no == set()
    assert [each for each in yes if CONTENT.vocabulary.command_of(each, forgive=True)] == []
