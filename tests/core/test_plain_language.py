"""Tests of bot/core/plain_language.py."""

import pytest

from bot.core.plain_language import button_faults, faults

LONG = "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen yksitoista kaksitoista"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ei maksa.\nOsallistuminen on ilmaista.",
        "Seuraava kerta: {{seuraava_aika}}.\nPaikka: {{paikka}}, {{osoite}}.",
        "Tapaamme ti 24.11. klo 13–15.",
        LONG,  # twelve words alone: the mean counts from two sentences on
    ],
)
def test_a_plain_text_has_no_faults(text):
    assert faults(text, "fi") == ()


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("a" * 301, "fi", ("301 characters, at most 300",)),
        ("a.\n" * 6 + "a.", "fi", ("7 lines, at most 6",)),
        (f"{LONG} liikaa.", "fi", ("a sentence of 13 words, at most 12: yksi kaksi kolme neljä ...",)),
        (
            "Tule ti 24.11. klo 13 yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän.",
            "fi",
            ("a sentence of 14 words, at most 12: Tule ti 24.11. klo ...",),
        ),
        (f"{LONG}. {LONG}.", "fi", ("12.0 words a sentence, at most 8 on average",)),
        (
            "Tule, jos jaksat, kun sinulle sopii.",
            "fi",
            ("more than one subordinate clause: Tule jos jaksat kun ...",),
        ),
        ("Tämä lisää osallisuutta.", "fi", ("jargon: osallisuutta",)),
        ("Avaa linkki.", "fi", ("jargon: linkki",)),
        ("Olet syrjäytynyt.", "fi", ("a label: syrjäytynyt",)),
        ("Virheellinen luku.", "fi", ("blame: Virheellinen",)),
        ("Tule esim. torstaina.", "fi", ("shortened: esim.",)),
        ("Öppna länken.", "sv", ("jargon: länken",)),
        ("Invalid number.", "en", ("blame: Invalid",)),
    ],
)
def test_what_is_hard_to_read_or_unkind_is_named(text, language, found):
    assert faults(text, language) == found


def test_a_language_without_lists_is_only_measured():
    assert faults("osallisuus virheellinen", "de") == ()


@pytest.mark.parametrize("label", ["⬅ Takaisin", "Takaisin", "😐 Siltä väliltä", "Kyllä, ottakaa yhteyttä"])
def test_a_short_label_is_a_good_button(label):
    assert button_faults(label) == ()


@pytest.mark.parametrize(
    ("label", "found"),
    [
        ("🏠", ("no words",)),
        ("Tapaaminen työntekijän kanssa", ("29 characters, at most 24",)),
        ("Jag vill inte svara nu", ("5 words, at most 4",)),
    ],
)
def test_a_button_says_its_thing_in_a_few_words(label, found):
    assert button_faults(label) == found
