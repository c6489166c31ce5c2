from datetime import UTC, datetime

import pytest
import segno

from bot.core.plain_language import faults
from bot.i18n import LANGUAGES
from bot.posters.drawing import draw
from bot.posters.join_poster import join_poster
from tests.posters.paper import codes, edge, headings, pictures
from tests.support import sample_house

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HOUSE = sample_house().house
WAYS = {
    "web": "https://vertti.example.org",
    "telegram": "https://t.me/EsimerkkiVerttiBot",
    "matrix": "https://matrix.to/#/@vertti:matrix.example.org",
}


def poster(*ways, language="fi"):
    return join_poster(HOUSE, language, ways={way: WAYS[way] for way in ways}, now=NOW)


def test_it_says_what_vertti_is_how_to_begin_and_how_to_stop():
    given = dict(poster("telegram", "web").given)
    shown = [(each["name"], each["code"]["address"], each["note"]) for each in given.pop("ways")]

    assert given == {
        "language": "fi",
        "title": "Milloin ja missä? Kysy Vertiltä.",
        "organization": "Esimerkkilän sosiaaliasema",
        "heading": "Milloin ja missä?\nKysy Vertiltä.",
        "lead": "Vertti on botti, joka kertoo ryhmien ja tapahtumien ajat.\nSe muistuttaa sinua, jos haluat.",
        "steps": [
            "Näytä koodi puhelimen kameralle. Voit myös kirjoittaa osoitteen.",
            "Paina: Aloita. Tai kirjoita: hei.",
            "Kysy aikoja tai valitse muistutus.",
        ],
        "promises": [
            "Voit käyttää nimimerkkiä. Nimeä ei tarvitse kertoa.",
            "Voit lopettaa milloin vain. Kirjoita: lopeta.",
        ],
        "ask": {
            "heading": "Esimerkkilän sosiaaliasema",
            "lines": [
                "Sinulle vastaa sosiaaliohjaaja.",
                "Puhelin: 014 000 0000",
                "Auki: ma–pe klo 9–15",
                "Osoite: Esimerkkikatu 1, Jyväskylä",
            ],
        },
    }
    assert shown == [
        ("Nettisivu", "vertti.example.org", "Et tarvitse tiliä."),
        ("Telegram", "t.me/EsimerkkiVerttiBot", "Telegram voi nähdä viestit."),
    ]


def test_without_any_address_it_says_whom_to_ask():
    given = poster().given

    assert given["ways"] == []
    assert given["steps"][0] == "Kysy työntekijältä, mistä löydät Vertin."


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_labels_nobody_and_reads_easily(language):
    given = poster(*WAYS, language=language).given
    said = [given["lead"], *given["steps"], *given["promises"], *(each["note"] for each in given["ways"])]

    assert [found for text in said if (found := faults(text, language))] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("ways", [(), ("web",), ("web", "matrix"), tuple(WAYS)])
def test_it_fits_on_one_page_with_each_code_as_large_as_it_must_be(ways, language):
    (page,) = pictures(poster(*ways, language=language), at=NOW, ppi=150)
    found = codes(page)
    expected = [segno.make(WAYS[way], error="m", micro=False).matrix for way in ways]

    assert sorted(modules for modules, _ in found) == sorted(
        tuple(tuple(bool(module) for module in row) for row in matrix) for matrix in expected
    )
    assert [across for _, across in found if across / 150 * 25.4 < 30] == []
    assert edge(page, ppi=150) > 12


def test_an_address_leads_there_from_a_screen_too_and_is_broken_rather_than_cut_off():
    long = "https://vertti." + "hyvinvointialueen-aikuissosiaalityo." * 3 + "example.org/" + "x" * 80
    drawn = join_poster(HOUSE, "fi", ways=WAYS | {"web": long}, now=NOW)
    (pdf,) = draw(drawn.template, drawn.given, at=NOW)

    assert [page for page in pictures(drawn, at=NOW, ppi=50) if edge(page, ppi=50) < 7] == []
    assert b"/URI(https://t.me/EsimerkkiVerttiBot)" in pdf


def test_a_pdf_lists_what_there_is_to_find():
    drawn = poster(*WAYS, language="sv")
    (pdf,) = draw(drawn.template, drawn.given, at=NOW)

    assert headings(pdf) == [
        "När och var? Fråga Vertti.",
        "Webbsida",
        "Telegram",
        "Matrix",
        "Socialstationen i Esimerkkilä",
    ]
    assert b"/Alt(Kod till sidan vertti.example.org)" in pdf
