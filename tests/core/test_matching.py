"""Tests of bot/core/matching.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.function_words import FUNCTION_WORDS
from bot.core.matching import Matcher, NoIdea, Sure, Unsure, meant, named
from bot.core.phrases import fold

ENTRIES = {
    "hinta": ("Maksaako ryhmä jotain?", "Onko se ilmaista?", "Mitä osallistuminen kustantaa?"),
    "paikka": ("Missä ryhmä kokoontuu?", "Mikä on osoite?"),
    "palsta": ("Missä viljelypalsta on?", "Miten löydän palstalle?"),
    "puhua": ("Pitääkö ryhmässä puhua?", "Saanko olla hiljaa?"),
}
MATCHER = Matcher(ENTRIES, FUNCTION_WORDS["fi"])
SWEDISH = Matcher({"hinta": ("Vad kostar det?",), "paikka": ("Var är det?",)}, FUNCTION_WORDS["sv"])
MATCHERS = {"fi": MATCHER, "sv": SWEDISH}


@pytest.mark.parametrize(
    ("entry", "phrasing"), [(each, text) for each, texts in ENTRIES.items() for text in texts]
)
def test_what_stands_word_for_word_among_the_phrasings_is_meant_so(entry, phrasing):
    assert (MATCHER.match(phrasing)[0][0], MATCHER.verdict(f" {phrasing.upper()} ")) == (entry, Sure(entry))


def test_of_two_entries_with_the_same_phrasing_the_first_has_it():
    assert Matcher({"one": ("Missä?",), "two": ("missä",)}).verdict("MISSÄ") == Sure("one")


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


def test_what_stands_side_by_side_is_no_word():
    """ "paikka on" holds "ka o", and so does "mikä on": that says nothing."""
    assert Matcher({"paikka": ("Mikä on osoite?",)}).match("paikka onnellinen") == ()


def test_a_question_that_two_entries_know_as_well_is_asked_back():
    matcher = Matcher({"kesä": ("Kesän ryhmä",), "talvi": ("Talven ryhmä",)})

    assert matcher.verdict("ryhmä") == Unsure(("kesä", "talvi"))


@pytest.mark.parametrize("typed", ["missä", "mikä se on", "hei saanko olla", "onko se"])
def test_a_question_that_does_not_say_about_what_is_asked_back_however_well_one_entry_knows_it(typed):
    assert isinstance(MATCHER.verdict(typed), Unsure)


def test_such_a_question_has_its_answer_where_an_editor_wrote_it_down():
    assert (SWEDISH.verdict("var är det"), SWEDISH.verdict("var är du")) == (
        Sure("paikka"),
        Unsure(("paikka",)),
    )


def test_a_question_of_mostly_unknown_words_is_asked_back():
    assert MATCHER.verdict("mikä osoite sinne taas olikaan vai tiedättekö") == Unsure(("paikka",))


def test_what_most_phrasings_of_an_entry_say_tells_more_than_what_one_of_many_says():
    matcher = Matcher({"often": ("kahvi", "kahvia", "kahvit"), "once": ("kahvi", "pulla", "keksi")})

    assert [entry for entry, _ in matcher.match("kahvi")] == ["often", "once"]


def test_the_beginning_of_a_word_tells_more_than_its_end():
    matcher = Matcher({"end": ("linnassa",), "beginning": ("talolle",)})

    assert [entry for entry, _ in matcher.match("talossa")] == ["beginning", "end"]


def test_what_is_less_than_half_as_likely_as_the_best_is_not_offered():
    matcher = Matcher({"best": ("kahvi ja pulla",), "other": ("pulla",)})

    assert matcher.verdict("kahvi ja pulla kelpaisivat vallan mainiosti") == Unsure(("best",))


def test_no_more_than_three_are_offered():
    matcher = Matcher({name: (f"kysymys {name}",) for name in ("yksi", "kaksi", "kolme", "neljä")})

    assert matcher.verdict("kysymys") == Unsure(("yksi", "kaksi", "kolme"))


@pytest.mark.parametrize("typed", ["", "???", "👍", "x", "qwzxj"])
def test_what_shares_nothing_with_any_entry_has_no_nearest(typed):
    assert (MATCHER.match(typed), MATCHER.verdict(typed)) == ((), NoIdea())


def test_what_shares_too_little_names_the_nearest_topic():
    assert MATCHER.verdict("tarvitseekohan kenenkään oikeastaan osoite tietää") == NoIdea("paikka")


def test_without_entries_nothing_is_known():
    assert Matcher({}).verdict("Maksaako se?") == NoIdea()


@given(st.text())
def test_scores_are_shares_of_the_question_best_first(text):
    scores = [score for _, score in MATCHER.match(text)]

    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 + 1e-9 for score in scores)


@given(st.text(alphabet="kahvi se on", max_size=12))
def test_a_text_means_the_same_however_it_is_written(text):
    assert MATCHER.verdict(text) == MATCHER.verdict(f"  {text.upper()}?! ") == MATCHER.verdict(fold(text))


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("maksaako se", "fi", (Sure("hinta"), "fi")),
        ("vad kostar det", "fi", (Sure("hinta"), "sv")),
        ("maksaako se", "sv", (Sure("hinta"), "fi")),
        ("qwzxj", "fi", (NoIdea(), "fi")),
        ("missä", "sv", (NoIdea(), "sv")),  # in Finnish it might be either
    ],
)
def test_what_is_said_in_another_language_is_meant_where_that_is_sure(text, language, found):
    assert meant(text, MATCHERS, language) == found


def test_another_language_that_knows_less_of_the_text_does_not_decide():
    both = {"fi": Matcher({"a": ("kahvi pulla",), "b": ("kahvi keksi",)}), "sv": Matcher({"c": ("kahvi",)})}

    assert meant("kahvi pulla keksi", both, "fi") == (Unsure(("a", "b")), "fi")


BAKING, SONGS, JYP = ("Piparien leipominen",), ("Joululauluja ja glögiä", "Julsånger"), ("JYPin kahvit",)
COFFEE = {
    "fi": Matcher({"kahvi": ("onko kahvia", "ilmoittautua joukkoon")}),
    "sv": Matcher({"a": ("kaffe",)}),
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("piparit", (BAKING,)),
        ("Haluan ilmoittautua piparien leivontaan!", (BAKING,)),
        ("en pääsekään leipomaan", (BAKING,)),
        ("piparinpaisto", (BAKING,)),
        ("muistutus joululauluista", (SONGS,)),
        ("julsång", (SONGS,)),
        ("jyp", (JYP,)),
        ("kahvit", (JYP,)),  # nothing else is said
        ("onko teillä kahvit", ()),  # which is asked of anything
        ("piparit ja glögit", (BAKING, SONGS)),
        ("joululaulut ja piparien leipominen", (BAKING,)),  # two words of it, and one of the other
        ("pipo joukkue ja jono", ()),
        ("joulu", ()),
        ("jypp", ()),
        ("", ()),
    ],
)
def test_an_event_is_found_by_the_words_of_its_name_however_they_end(text, found):
    assert named(text, (BAKING, SONGS, JYP), COFFEE) == found
