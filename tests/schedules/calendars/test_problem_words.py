"""What is wrong in a calendar has words in each language, and they say all that there is to say."""

import ast
from pathlib import Path

import pytest

from bot.i18n import LANGUAGES, LOCALES, PLACEHOLDER, read_catalogues

ROOT = Path(__file__).parents[3]
CATALOGUES = read_catalogues()
KEYS = sorted(key for key in CATALOGUES["fi"] if key.startswith("problem."))


def phrases():
    """The phrases that stand in the program: key, names of their values, where."""
    for path in sorted([*(ROOT / "schedules").rglob("*.py"), *(ROOT / "bot/content").rglob("*.py")]):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Phrase":
                key, *values = call.args
                if isinstance(key, ast.Constant) and str(key.value).startswith("problem."):
                    names = {each.value for value in values for each in value.keys}
                    yield key.value, names, f"{path.name}:{call.lineno}"


SAID = list(phrases())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_that_is_told_has_words_and_all_words_are_told(language):
    worded = {key for key in CATALOGUES[language] if key.startswith("problem.")}

    assert {key for key, _, _ in SAID} == worded


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_problem_has_just_the_values_that_its_words_want(language):
    wanted = {key: set(PLACEHOLDER.findall(CATALOGUES[language][key][0])) for key in KEYS}

    assert [(key, where) for key, names, where in SAID if names != wanted[key]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_is_a_clause_and_what_to_do_a_sentence(language):
    texts = {key: CATALOGUES[language][key][0] for key in KEYS}
    mends = {key: text for key, text in texts.items() if key.startswith("problem.mend.")}

    assert [key for key, text in texts.items() if key not in mends and text.endswith(".")] == []
    assert [key for key, text in mends.items() if text[-1] not in '.?:…"' and "://" not in text] == []


def test_the_words_of_problems_have_a_catalogue_of_their_own():
    others = [
        path.name
        for path in LOCALES.rglob("*.po")
        if path.name != "calendar_problems.po" and 'msgid "problem.' in path.read_text(encoding="utf-8")
    ]

    assert others == []
