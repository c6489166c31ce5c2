"""Tests of bot/core/matching.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.matching import Matcher, NoIdea, Sure, Unsure

ENTRIES = {
    "hinta": ("Maksaako ryhmä jotain?", "Onko se ilmaista?", "Mitä osallistuminen kustantaa?"),
    "paikka": ("Missä ryhmä kokoontuu?", "Mikä on osoite?"),
    "palsta": ("Missä viljelypalsta on?", "Miten löydän palstalle?"),
    "puhua": ("Pitääkö ryhmässä puhua?", "Saanko olla hiljaa?"),
}
MATCHER = Matcher(ENTRIES)


@pytest.mark.parametrize(
    ("entry", "phrasing"), [(each, text) for each, texts in ENTRIES.items() for text in texts]
)
def test_a_phrasing_finds_its_own_entry(entry, phrasing):
    assert (MATCHER.match(phrasing)[0], MATCHER.verdict(phrasing)) == (
        (entry, pytest.approx(1.0)),
        Sure(entry),
    )


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("MAKSAAKO RYHMA JOTAIN", "hinta"),
        ("maksako se", "hinta"),  # misspelt
        ("mikä olikaan ryhmän osoite", "paikka"),
        ("pitääkö siellä puhua", "puhua"),
    ],
)
def test_endings_capitals_and_mistakes_do_not_hide_the_words(typed, entry):
    assert MATCHER.verdict(typed) == Sure(entry)


def test_a_question_that_two_entries_know_as_well_is_asked_back():
    assert MATCHER.verdict("missä") == Unsure(("paikka", "palsta"))


def test_a_question_of_mostly_unknown_words_is_asked_back():
    assert MATCHER.verdict("mikä osoite sinne taas olikaan") == Unsure(("paikka",))


def test_no_more_than_three_are_offered():
    matcher = Matcher({name: (f"kysymys {name}",) for name in ("yksi", "kaksi", "kolme", "neljä")})

    assert matcher.verdict("kysymys") == Unsure(("yksi", "kaksi", "kolme"))


@pytest.mark.parametrize("typed", ["", "???", "👍", "x", "qwzxj"])
def test_what_shares_nothing_with_any_entry_has_no_nearest(typed):
    assert (MATCHER.match(typed), MATCHER.verdict(typed)) == ((), NoIdea())


def test_what_shares_too_little_names_the_nearest_topic():
    assert MATCHER.verdict("tarvitseekohan siinä osoite tietää") == NoIdea("paikka")


def test_without_entries_nothing_is_known():
    assert Matcher({}).verdict("Maksaako se?") == NoIdea()


@given(st.text())
def test_scores_are_shares_of_the_question_best_first(text):
    scores = [score for _, score in MATCHER.match(text)]

    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 + 1e-9 for score in scores)
