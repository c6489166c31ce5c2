import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, read_catalogues
from bot.posters.letters import drawable, lacks

CATALOGUES = read_catalogues()


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("Yksinäisyysryhmä, klo 13–15 → “hei” €", "Yksinäisyysryhmä, klo 13–15 → “hei” €"),
        ("a\u0308iti", "äiti"),
        ("🎄 Joulupuuro 🎄", "Joulupuuro"),
        ("Kahvit 🥐 ja tee", "Kahvit ja tee"),
        ("yksi\nkaksi", "yksi\nkaksi"),
        ("Кофе, καφές", "Кофе, καφές"),
        ("🎄", ""),
    ],
)
def test_only_what_has_a_shape_is_drawn(text, drawn):
    assert drawable(text) == drawn


@pytest.mark.parametrize(
    ("text", "lacking"), [("🎄 Joulu", False), ("咖啡", True), ("kahvi", False), ("", False)]
)
def test_a_missing_picture_is_none_a_missing_letter_is_one(text, lacking):
    assert lacks(text) is lacking


@given(st.text())
def test_what_was_made_drawable_stays_as_it_is(text):
    assert drawable(drawable(text)) == drawable(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_font_has_every_letter_of_our_own_words(language):
    words = [form for forms in CATALOGUES[language].values() for form in forms]

    assert [each for each in words if drawable(each) != each] == []
