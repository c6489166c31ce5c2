"""The one page over HTTP: the programme for everybody, the chat without scripts."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from bot.messages import ShownButton
from tests.web.house import DATA, NOW, Server, occurrence, saying

FIRST = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)  # a Thursday, 13 o'clock in Helsinki
WEEK = timedelta(days=7)
NAME = {"fi": "Yksinäisyysryhmä", "sv": "Ensamhetsgruppen", "en": "Loneliness group"}


def words(html: str) -> str:
    """Give what a page says: tags out, blanks joined, one line a block."""
    body = re.sub(r"<(script|style|template).*?</\1>", "", html, flags=re.DOTALL)
    text = re.sub(r"</?(?:a|strong|span|time)\b[^>]*>", "", body)
    return "\n".join(filter(None, (" ".join(unescape(line).split()) for line in re.split(r"<[^>]*>", text))))


def field(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None
    return unescape(found[1])


# ---- the programme -------------------------------------------------------------------------------------


async def test_the_programme_is_there_for_everybody(server: Server):
    await server.plan(
        occurrence("a", FIRST, series="ryhma", variant="keskustelu", title=NAME, place={"fi": "Talo, 2. kerros"}),
        occurrence("b", FIRST + WEEK, title={"fi": "Piparit"}, status="cancelled", signup=True),
        occurrence("c", FIRST + 2 * WEEK, title={"fi": "Laulua"}, status="tentative"),
        occurrence("d", NOW + timedelta(hours=2), title={"fi": "Kehitetään yhdessä"}, signup=True),
    )  # fmt: skip
    async with server.browser() as browser:
        page = await browser.get("/")
    said = words(page.text)
    programme = said[said.index("Ryhmät ja tapahtumat") : said.index("Kysy Vertiltä")]

    assert programme.splitlines() == [
        "Ryhmät ja tapahtumat",
        "Kehitetään yhdessä",
        "ma 23.11. klo 14.05–16.05 tänään",
        "Ilmoittaudu ennen kuin tulet.",
        "Yksinäisyysryhmä",
        "to 26.11. klo 13–15",
        "Keskustelukerta",
        "Talo, 2. kerros",
        "Näytä lisää tapahtumia",
        "PERUTTU Piparit",
        "to 3.12. klo 13–15",
        "Laulua",
        "to 10.12. klo 13–15",
        "Aika voi vielä muuttua.",
        "Ohjelma kalenteriin",
    ]
    assert "set-cookie" not in page.headers


async def test_what_is_not_public_is_not_shown(server: Server):
    await server.plan(
        occurrence("a", FIRST, title={"fi": "Asiakasraati"}, visibility="members"),
        occurrence("b", FIRST, title={"fi": "Työryhmä"}, visibility="staff"),
        occurrence("c", FIRST, title={"fi": "Uutiskirje"}, kind="broadcast"),
        occurrence("d", NOW - timedelta(hours=3), title={"fi": "Eilinen"}),
    )
    async with server.browser() as browser:
        said = words((await browser.get("/")).text)

    assert "Tulevia tapahtumia ei ole nyt." in said
    assert [name for name in ("Asiakasraati", "Työryhmä", "Uutiskirje", "Eilinen") if name in said] == []


async def test_markup_in_titles_is_shown_literally(server: Server):
    await server.plan(occurrence("a", FIRST, title={"fi": "<script>alert(1)</script> & {{nimi}}"}))
    async with server.browser() as browser:
        page = await browser.get("/")

    assert "<h3>&lt;script&gt;alert(1)&lt;/script&gt; &amp; {{nimi}}</h3>" in page.text


# ---- languages ------------------------------------------------------------------------------------------


GREETING = {"fi": "Kysy Vertiltä", "sv": "Fråga Vertti", "en": "Ask Vertti"}
CHOICES = [
    ("/", "", "fi"),
    ("/", "de-DE,de;q=0.9", "fi"),
    ("/", "sv-FI,fi;q=0.8", "sv"),
    ("/", "de, en-GB;q=0.5, sv;q=0.7", "sv"),
    ("/", "en;q=x, fi;q=0", "fi"),
    ("/?kieli=en", "sv", "en"),
    ("/?kieli=xx", "sv", "sv"),
]


async def test_the_page_speaks_the_readers_language(server: Server):
    await server.plan(occurrence("a", FIRST, title=NAME))
    async with server.browser() as browser:
        for address, accepted, language in CHOICES:
            page = await browser.get(address, headers={"Accept-Language": accepted})

            assert f'<html lang="{language}">' in page.text
            assert GREETING[language] in page.text
            assert NAME[language] in page.text


async def test_who_talks_with_vertti_has_one_language_on_the_page_and_in_the_chat(server: Server):
    visitor = await server.visitor("fi")
    async with server.browser(visitor, **{"Accept-Language": "en"}) as browser:
        before = await browser.get("/")
        switch = await browser.get("/?kieli=sv&start=seuraava")
        after = await browser.get("/")

    assert '<html lang="fi">' in before.text
    assert (switch.status_code, switch.headers["location"]) == (303, "/?start=seuraava")
    assert '<html lang="sv">' in after.text
    assert await server.language(visitor.place) == "sv"


# ---- the chat without scripts ---------------------------------------------------------------------------


async def test_a_chat_without_scripts(server: Server):
    async with server.browser() as browser:
        first = (await browser.get("/")).text
        said = {"id": field(first, "id"), "seen": "0", "kieli": "fi", "say": field(first, "say"), "text": ""}
        answer = await browser.post("/chat", data=said)
        second = (await browser.get(answer.headers["location"])).text
        pressed = {
            "id": field(second, "id"),
            "seen": field(second, "seen"),
            "kieli": "fi",
            "button": "ihminen",
        }
        await browser.post("/chat", data=pressed)
        third = (await browser.get("/")).text

    assert (answer.status_code, answer.headers["location"]) == (303, "/#chat-end")
    assert [each.text or each.button for each in server.heard] == ["aloita", "ihminen"]
    assert "Voit käyttää nimimerkkiä." in words(second)
    assert '<button name="button" value="seuraava">Mitä on seuraavaksi?</button>' in second
    assert "Voit käyttää nimimerkkiä." not in words(third)
    assert '<p class="text">Soita <a href="tel:0140000000">014 000 0000</a>.\nma–pe klo 9–15' in third
    assert words(third).count("ma 23.11. klo 12.05") == 1


async def test_what_is_typed_in_the_form_keeps_its_lines(server: Server):
    async with server.browser() as browser:
        await browser.post("/chat", data={**saying(), "text": "yksi\r\nkaksi ä"})

    assert [each.text for each in server.heard] == ["yksi\nkaksi ä"]


async def test_the_same_form_sent_twice_is_heard_once(server: Server):
    form = saying("hei")
    async with server.browser() as browser:
        await browser.post("/chat", data=form)
        await browser.post("/chat", data=form)

    assert [each.text for each in server.heard] == ["hei"]


async def test_nothing_typed_says_nothing(server: Server):
    async with server.browser() as browser:
        answer = await browser.post("/chat", data={**saying(), "text": "  "})

    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert server.heard == []


async def test_a_page_that_gets_no_answer_waits_no_longer_than_a_moment(server: Server):
    async with server.browser() as browser:
        answer = await browser.post("/chat", data=saying("hiljaa"))

    assert answer.status_code == 303
    assert answer.elapsed < timedelta(seconds=3)


async def test_a_file_is_there_to_load(server: Server):
    async with server.browser() as browser:
        await browser.post("/chat", data=saying("tietoni"))
        page = (await browser.get("/")).text

    assert 'href="data:application/json;charset=utf-8;base64,' in page
    assert f'download="{DATA.name}">Lataa tiedosto: {DATA.name}</a>' in page


async def test_a_button_that_opens_a_page_is_a_link(server: Server):
    visitor = await server.visitor()
    await server.push(visitor.place, "Ohjelma", ShownButton("Avaa", url="https://www.example.org/?a=1&b=2"))
    async with server.browser(visitor) as browser:
        page = (await browser.get("/")).text

    assert (
        '<a class="choice" href="https://www.example.org/?a=1&amp;b=2" rel="noopener noreferrer">Avaa</a>'
        in page
    )


async def test_somebody_erased_reads_the_goodbye_and_is_forgotten(server: Server):
    visitor = await server.visitor()
    async with server.browser(visitor) as browser:
        await browser.post("/chat", data=saying(button="erase"))
        goodbye = await browser.get("/")
        later = await browser.get("/")

    assert "Tietosi on poistettu. Hei hei!" in words(goodbye.text)
    assert 'vertti=""; expires=' in goodbye.headers["set-cookie"]
    assert "poistettu" not in words(later.text)
    assert await server.unread(visitor.place) is None


# ---- what a start link says -------------------------------------------------------------------------------


STARTS = [
    ("kysely-12", "/start kysely-12"),
    ("A_b-9", "/start A_b-9"),
    ("x" * 65, "aloita"),
    ('"><script>', "aloita"),
    ("", "aloita"),
]


async def test_a_start_link_is_offered_as_the_first_button(server: Server):
    async with server.browser() as browser:
        pages = [await browser.get("/", params={"start": start}) for start, _ in STARTS]

    assert [field(page.text, "say") for page in pages] == [said for _, said in STARTS]
    assert server.heard == []


# ---- trouble, in words --------------------------------------------------------------------------------------


async def test_there_is_no_such_page(server: Server):
    async with server.browser() as browser:
        answer = await browser.get("/ei-ole")

    assert (answer.status_code, words(answer.text).splitlines()[-2:]) == (
        404,
        ["Tällaista sivua ei ole.", "Takaisin sivulle"],
    )


async def test_a_fault_of_ours_is_owned(server: Server):
    async with server.browser() as browser:
        server.health = None  # type: ignore[assignment]
        answer = await browser.get("/health")

    assert answer.status_code == 500
    assert "Jotain meni vikaan. Vika on meidän." in words(answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    "text", ["ä" * 4001, "\n" + "rivi\n" * 900, "</textarea><b>&amp;" * 250, "x" * 20_000]
)
async def test_what_is_too_long_comes_back_in_its_field_with_how_much_fits(server: Server, text: str):
    async with server.browser() as browser:
        page = await browser.post("/chat", data=saying(text.replace("\n", "\r\n")))
        shorter = await browser.post("/chat", data={"id": field(page.text, "id"), "text": text[:4000]})
    found = re.search("<textarea[^>]*>\n(.*)</textarea>", page.text, re.DOTALL)

    assert page.status_code == 413
    assert found is not None
    assert unescape(found[1]) == text
    assert "Viesti on liian pitkä. Siihen mahtuu 4000 merkkiä." in words(page.text)
    assert "Kuulin: " in words(page.text), "it is answered, too"
    assert shorter.status_code == 303
    assert len({each.where for each in server.heard}) == 1
    assert len(server.heard) == 2


async def test_what_no_hand_types_is_refused_in_words(server: Server):
    async with server.browser() as browser:
        page = await browser.post("/chat", data=saying("x" * 131_072))

    assert page.status_code == 413
    assert "Viesti on liian pitkä. Siihen mahtuu 4000 merkkiä." in words(page.text)
    assert server.heard == []


async def test_before_anybody_listens_the_page_asks_for_patience(server: Server):
    server._tasks[0].cancel()
    async with server.browser() as browser:
        answer = await browser.post("/chat", data=saying("hei"))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "Hetki, en ole vielä valmis." in words(answer.text)


# ---- what keeps browsers in bounds --------------------------------------------------------------------------


async def test_every_answer_keeps_the_browser_in_bounds(server: Server):
    async with server.browser() as browser:
        for address in ("/", "/health", "/static/chat.js", "/ei-ole", "/chat/stream"):
            headers = (await browser.get(address)).headers

            assert (
                "default-src 'none'; script-src 'self'; style-src 'self'"
                in headers["content-security-policy"]
            )
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert (headers["x-content-type-options"], headers["referrer-policy"]) == (
                "nosniff",
                "no-referrer",
            )


async def test_nothing_comes_from_elsewhere_and_nothing_is_inline(server: Server):
    async with server.browser() as browser:
        page = (await browser.get("/")).text
        files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
        answers = [await browser.get(each) for each in files]

    assert re.findall(r'(?:src|href)="(?!/|#|tel:)[^"]*"', page) == []
    assert re.findall(r"<style|\son\w+=|\sstyle=|<script(?![^>]*\ssrc=)", page) == []
    assert {each.status_code for each in answers} == {200}
    assert {each.headers["cache-control"] for each in answers} == {"public, max-age=31536000, immutable"}
