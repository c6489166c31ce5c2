"""Tests of bot/core/phrases.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.phrases import Asked, Vocabulary, fold, is_one_of, number_of, within_one_edit

COMMANDS = {
    "seuraava": ["milloin", "koska", "nästa", "next"],
    "ryhma": ["ryhmä", "yksinäisyysryhmä"],
    "aloita": ["start", "hei", "kiitos"],
    "poista_tietoni": ["unohda_minut", "poista"],
    "kieli": ["language"],
    "seuraa": ["följ"],
    "hatapysaytys": ["seis"],
    "tiedota": ["lähetä"],
}
VOCABULARY = Vocabulary(COMMANDS, with_rest={"kieli", "seuraa", "tiedota"})

words = st.text(alphabet="abä", max_size=6)


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  Yksinäisyysryhmä! ", "yksinaisyysryhma"),
        ("PÅMINN", "paminn"),
        ("poista_tietoni", "poista tietoni"),
        ("kl. 13–15?", "kl 13 15"),
        ("can't", "cant"),
        ("a\u030ak\u200bka\u202e", "akka"),  # a with a loose ring, a zero-width space, a turn of direction
        ("👍", ""),
        ("", ""),
    ],
)
def test_all_spellings_of_a_text_have_one_shape(typed, folded):
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing_more(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet="aäåöo sS_-!?"))
def test_capitals_dots_and_signs_make_no_difference(text):
    plain = text.translate(str.maketrans("äåö_-!?", "aao    ")).lower()

    assert fold(text.upper()) == " ".join(plain.split())


def edits(word: str, letters: str = "abä") -> set[str]:
    """Everything that one edit makes of a word, spelt out."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    return (
        {word}
        | {head + tail[1:] for head, tail in cuts if tail}
        | {head + letter + tail for head, tail in cuts for letter in letters}
        | {head + letter + tail[1:] for head, tail in cuts if tail for letter in letters}
        | {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    )


@given(words, words)
def test_one_edit_adds_drops_changes_or_swaps_one_letter(one, other):
    assert within_one_edit(one, other) == (other in edits(one))


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        *(("1", 1), (" 2. ", 2), ("3)", 3), ("!4", 4), ("/ 5", 5), ("6️⃣", 6), ("７", 7), ("12", 12)),
        *(("nro 2", 2), ("Numero 3.", 3), ("nr. 4", 4), ("nummer 5", 5), ("number 6", 6)),
    ],
)
def test_a_number_is_read_with_what_people_put_around_it(typed, number):
    assert number_of(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "klo 13", "13.15", "123", "-1", "1 2", "yksi", "en", "1!", "numero", "nro 123", "!nro 1"]
)
def test_what_is_more_than_a_number_is_none(typed):
    assert number_of(typed) is None


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("/seuraava", Asked("seuraava", how="marked")),
        ("/seuraava@vertti_bot", Asked("seuraava", how="marked")),
        ("!Seuraava", Asked("seuraava", how="marked")),
        ("! seuraava", Asked("seuraava", how="marked")),
        ("@vertti_bot seuraava", Asked("seuraava")),
        ("@vertti_bot: /seuraa ryhma", Asked("seuraa", "ryhma", "marked")),
        ("SEURAAVA?", Asked("seuraava")),
        ("nasta", Asked("seuraava")),
        ("moi, seuraava kiitos", Asked("seuraava")),
        ("yksinäisyys ryhmä", Asked("ryhma")),
        ("Poista tietoni.", Asked("poista_tietoni")),
        ("/poista_tietoni", Asked("poista_tietoni", how="marked")),
        ("/poista tietoni heti", Asked("poista_tietoni", "heti", "marked")),
        ("/unohda minut heti", Asked("poista_tietoni", "heti", "marked")),
        ("kieli ruotsi", Asked("kieli", "ruotsi")),
        ("/start ryhma-1", Asked("aloita", "ryhma-1", "marked")),
        ("tiedota  Huomenna!\nTule mukaan.", Asked("tiedota", "Huomenna!\nTule mukaan.")),
        ("hei", Asked("aloita")),
        ("hei moi kiitos", Asked("aloita")),
    ],
)
def test_a_command_is_known_however_it_is_typed(typed, asked):
    assert VOCABULARY.command_of(typed, forgive=False) == asked


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("seurava", Asked("seuraava", how="forgiven")),
        ("/sueraava", Asked("seuraava", how="forgiven")),
        ("seuraavan", Asked("seuraava", how="forgiven")),
        ("poistatietoni", Asked("poista_tietoni")),
        ("ryhmän", Asked("ryhma", how="forgiven")),
        ("/tidota Huomenna", Asked("tiedota", "Huomenna", "forgiven")),
        ("hei seurava", Asked("seuraava", how="forgiven")),
        ("hatapysaytis", Asked("hatapysaytys", how="forgiven")),
    ],
)
def test_one_misspelt_letter_is_forgiven(typed, asked):
    assert VOCABULARY.command_of(typed, forgive=True) == asked


@pytest.mark.parametrize("typed", ["seurava", "/sueraava", "seuraavan"])
def test_nothing_is_forgiven_while_a_question_is_open(typed):
    assert VOCABULARY.command_of(typed, forgive=False) is None


@pytest.mark.parametrize(
    "typed",
    [
        "koska on avoimet ovet",  # begins like a command that takes no rest
        "seuraavan kerran en pääse",
        "tidota huomenna",  # misspelt and not marked: a sentence
        "neis",  # one edit from seis, and too short to tell
        "seiss",
        "/foo",
        "/",
        "!!!",
        "",
        "👍",
    ],
)
def test_what_asks_for_no_command_is_none(typed):
    assert VOCABULARY.command_of(typed, forgive=True) is None


def test_a_half_typed_word_means_the_longer_one():
    seuraa_first = Vocabulary({"seuraa": [], "seuraava": []})

    assert seuraa_first.command_of("seuraav", forgive=True) == Asked("seuraava", how="forgiven")


def test_a_word_that_two_commands_claim_belongs_to_the_first():
    vocabulary = Vocabulary({"apua": ["neuvo"], "ihminen": ["neuvo"]})

    assert vocabulary.command_of("neuvo", forgive=False) == Asked("apua")


@given(st.text())
def test_no_text_is_too_strange(text):
    asked = VOCABULARY.command_of(text, forgive=True)

    assert asked is None or asked.name in COMMANDS


def test_a_polite_word_after_a_command_that_says_more_is_what_it_says():
    words = Vocabulary({"tiedota": (), "apua": ()}, with_rest={"tiedota"})

    assert words.command_of("tiedota Hei!", forgive=True) == Asked("tiedota", "Hei!", "bare")
    assert words.command_of("apua kiitos", forgive=True) == Asked("apua")


WORDS = "kyllä, joo, ok, kyllä kiitos"


@pytest.mark.parametrize("text", ["kyllä", "KYLLÄ!", " Joo. ", "ok", "kyllä, kiitos", "Kyllä kiitos :)"])
def test_a_text_is_one_of_some_words_however_it_is_written(text):
    assert is_one_of(text, WORDS)


@pytest.mark.parametrize(
    "text",
    ["", " ", "👍", ",", "kyllä?", "ok？", "kyllä joo", "kyllä mutta ei nyt", "k", "okk", "kiitos", "joojoo"],
)
def test_it_is_none_where_anything_else_is_said_or_asked(text):
    assert not is_one_of(text, WORDS)
