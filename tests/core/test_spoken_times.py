"""Days and hours in words."""

import re

import pytest

from bot.core.spoken_times import in_figures


@pytest.mark.parametrize(
    ("words", "figures"),
    [
        ("kello yksi", "kello 13"),
        ("kello seitseman", "kello 19"),
        ("kello kahdeksan", "kello 8"),
        ("klo kaksitoista", "klo 12"),
        ("kl tre", "kl 15"),
        ("at three", "at 15"),
        ("puoli kaksi", "klo 13.30"),
        ("klo puoli 14", "klo 13.30"),
        ("halv ett", "klo 12.30"),
        ("puoli yksi", "klo 12.30"),
        ("yksi", "yksi"),
        ("puoli tuntia", "puoli tuntia"),
        ("toinen joulukuuta", "2 joulukuuta"),
        ("toinen ryhma", "toinen ryhma"),
    ],
)
def test_hours_and_days_get_figures_and_nothing_else_does(words, figures):
    assert in_figures(words) == figures


def test_each_day_of_a_month_has_its_word():
    ones = [
        "ensimmainen",
        "toinen",
        "kolmas",
        "neljas",
        "viides",
        "kuudes",
        "seitsemas",
        "kahdeksas",
        "yhdeksas",
    ]
    teens = ["yhdes", "kahdes", *ones[2:]]
    words = [*ones, "kymmenes", *(f"{each}toista" for each in teens), "kahdeskymmenes"]
    words += [*(f"kahdeskymmenes{each}" for each in ones), "kolmaskymmenes", "kolmaskymmenesensimmainen"]
    inflected = [re.sub(r"nen", "sena", word) if word.endswith("nen") else word for word in words]

    assert [in_figures(f"{word} tammikuuta") for word in words] == [f"{n} tammikuuta" for n in range(1, 32)]
    assert [in_figures(f"{word} tammikuuta") for word in inflected] == [
        f"{n} tammikuuta" for n in range(1, 32)
    ]
    assert in_figures("yhdentenatoista tammikuuta") == "11 tammikuuta"
