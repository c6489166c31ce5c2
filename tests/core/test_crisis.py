"""Tests of bot/core/crisis.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.crisis import CRISIS_WORDS, is_crisis


@pytest.mark.parametrize(
    "said",
    [
        "haluan kuolla",
        "Haluaisin vain kuolla",
        "mä haluun jo kuolla",
        "tapan itseni",
        "mä tapan itteni",
        "aion tappaa itseni",
        "ystäväni aikoo tappaa itsensä",
        "itsemurha",
        "MIETIN ITSEMURHAA",
        "itse murha",
        "en jaksa elää",
        "en jaksa enää elää",
        "en pärjää enää",
        "mulla on tosi paha olla",
        "En jaksa enää.",
        "en halua enää elää",
        "toivon että kuolen",
        "viiltelen",
        "hätä",
        "HÄTÄ!!!",
        "minulla on hata",
        "olen hädässä",
        "apua heti",
        "Tarvitsen apua heti!",
        "auttakaa",
        "mikä on hätänumero",
        "112",
        "jag vill dö",
        "jag vill inte längre leva",
        "självmord",
        "jag behöver hjälp genast",
        "I want to die",
        "i want to kill myself",
        "suicidal thoughts",
        "I don't want to live",
        "it is an emergency",
        "tapan aikaa, mutta haluan kuolla",
    ],
)
def test_a_cry_for_help_is_heard(said):
    assert is_crisis(said)


@pytest.mark.parametrize(
    "said",
    [
        "itsemurah",
        "itsmurhaa",
        "itseemurha",
        "itsemuhra",
        "sjlävmord",
        "sucide",
        "suicde",
        "kuollla haluan kuolla",
    ],
)
def test_a_misspelt_cry_is_heard_too(said):
    assert is_crisis(said)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "apua",
        "hatapysaytys",
        "vessahätä",
        "/hätäpysäytys",
        "ei hätää",
        "ei ole mitään hätää",
        "tapan aikaa",
        "tappaa vähän aikaa",
        "tapaan ystävän torstaina",
        "tapaamme ryhmässä",
        "haluan kuulla lisää",  # one letter from kuolla
        "kuolen nauruun",
        "en jaksa tulla",
        "en jaksa enää tulla ryhmään",
        "itsepalvelu",
        "itsenäisyyspäivä",
        "klo 11.20",
        "jag kommer att hata bussen",
        "vill du komma",
        "I will do it",
        "help",
    ],
)
def test_an_everyday_word_is_no_cry(said):
    assert not is_crisis(said)


@given(st.sampled_from(CRISIS_WORDS), st.text(alphabet="aeiou ", max_size=5))
def test_each_crisis_word_is_heard_in_any_sentence(words, around):
    said = words.replace("*", "").replace(" ..", "").replace(" .", "")

    assert is_crisis(f"{around} {said.upper()}{'' if words.endswith(' .') else f' {around}'}")


def test_the_organization_adds_words_in_the_same_notation():
    added = ("kuristu*", "pois .. maailmasta")

    assert [
        is_crisis(said, added=added) for said in ("Kuristun", "pois tästä julmasta maailmasta", "moi")
    ] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("added", ["", "!!!", "*", ".."])
def test_an_added_word_without_letters_alarms_nobody(added):
    assert not is_crisis("hei, milloin ryhmä on", added=(added,))


@given(st.text(), st.lists(st.text(max_size=10), max_size=3))
def test_added_words_take_nothing_away(said, added):
    assert is_crisis(said, added=added) or not is_crisis(said)
