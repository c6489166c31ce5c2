"""The page on a phone: a real Chromium, 360 pixels wide, light and dark, with and without scripts and network."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Route, expect

from bot.messages import Outgoing, ShownButton, ShownPicture
from bot.store import Store
from tests.support import CONTENT
from tests.web.house import Server, occurrence

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCREENSHOTS = Path(__file__).parents[1] / "screenshots"
FINGER = 44  # pixels, the least that a thumb hits
WATCH_POLICY = (
    "addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective))"
)
FIRST = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
ALL_RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    await server.start()
    place = {"fi": "Esimerkkitalo, 2. kerros"}
    group = {"series": "ryhma", "title": {"fi": "Yksinäisyysryhmä", "sv": "Ensamhetsgruppen"}, "place": place}
    await server.plan(
        occurrence(
            "k", FIRST - timedelta(days=3), title={"fi": "Kehitetään yhdessä"}, signup=True, place=place
        ),
        occurrence("a", FIRST, variant="keskustelu", **group),
        occurrence("b", FIRST + timedelta(days=7), variant="toiminta", status="cancelled", **group),
        occurrence("p", FIRST + timedelta(days=13), title={"fi": "Piparien leipominen"}, status="tentative"),
    )
    yield server
    await server.stop()


@dataclass
class Phone:
    """One person's browser; what its console complains of is kept."""

    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    forgiven: str = "no complaint"  # what the browser itself says of trouble that a test makes on purpose

    def listen(self, page: Page) -> None:
        def heard(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning") and self.forgiven not in message.text:
                self.complaints.append(message.text)

        page.on("console", heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def tab(self) -> Page:
        page = await self.context.new_page()
        self.listen(page)
        return page

    async def type(self, text: str) -> None:
        await self.page.get_by_label("Kirjoita viesti").fill(text)
        await self.page.keyboard.press("Enter")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def sees(self, text: str, page: Page | None = None) -> None:
        await expect(log(page or self.page).get_by_text(text).last).to_be_visible()

    async def conversation(self) -> list[str]:
        """Give all that stands in the log, as a screen reader gets it: who, then the first line said."""
        bubbles = await log(self.page).locator(".message").all()
        texts = [(await each.locator(".who, .text").all_text_contents()) for each in bubbles]
        return [f"{who} {text.splitlines()[0]}" for who, text in texts]


def log(page: Page) -> Locator:
    return page.get_by_role("log")


async def take_phone(chromium: Browser, **settings: object) -> Phone:
    viewport = {"width": 360, "height": 740}
    context = await chromium.new_context(**{"viewport": viewport, "locale": "fi-FI", **settings})  # type: ignore[arg-type]
    context.set_default_timeout(10_000)
    await context.add_init_script(WATCH_POLICY)
    phone = Phone(context, await context.new_page())
    phone.listen(phone.page)
    return phone


@pytest_asyncio.fixture(loop_scope="session")
async def phone(chromium: Browser, house: Server) -> AsyncIterator[Phone]:
    phone = await take_phone(chromium)
    yield phone
    await phone.context.close()

    assert phone.complaints == []


async def violations(page: Page) -> list[str]:
    found = await Axe().run(page, options=ALL_RULES)
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in found.response["violations"]]


async def until_heard(house: Server, number: int) -> list[str]:
    async with asyncio.timeout(15):
        while len(house.heard) < number:
            await asyncio.sleep(0.01)
    return [each.text or each.button for each in house.heard]


async def until_unread(house: Server, texts: list[str] | None) -> None:
    """Wait until so much waits for who spoke first; None: until they are forgotten."""
    async with asyncio.timeout(15):
        while await house.unread(house.heard[0].where) != texts:
            await asyncio.sleep(0.01)


GREETING = "Vertti: Hei! Olen Vertti, botti."


async def test_a_newcomer_presses_a_button_and_is_answered(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    before = await phone.context.cookies()
    await phone.button("Aloita").click()
    await phone.button("Mitä on seuraavaksi?").click()
    await phone.sees("to 26.11. klo 13–15")
    await until_unread(house, [])
    (cookie,) = await phone.context.cookies()

    assert before == []
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert [each.text or each.button for each in house.heard] == ["aloita", "seuraava"]
    assert await phone.conversation() == [
        GREETING,
        "Sinä: Aloita",
        "Vertti: Hei! Olen botti.",
        "Sinä: Mitä on seuraavaksi?",
        "Vertti: Yksinäisyysryhmä",
    ]


async def test_the_second_press_of_a_double_tap_falls_on_nothing(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await phone.button("Aloita").dblclick()
    await expect(phone.button("Lisää")).to_be_visible()

    assert await until_heard(house, 1) == ["aloita"]


async def test_everything_goes_by_keyboard(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await phone.page.keyboard.press("Tab")
    await phone.page.keyboard.press("Enter")  # the link to the chat
    await phone.page.keyboard.press("Tab")
    await expect(phone.button("Aloita")).to_be_focused()
    await phone.page.keyboard.press("Tab")
    await expect(phone.page.get_by_label("Kirjoita viesti")).to_be_focused()
    await phone.page.keyboard.type("seuraava")
    await phone.page.keyboard.press("Shift+Enter")
    await phone.page.keyboard.press("Backspace")
    await phone.page.keyboard.press("Enter")
    await expect(phone.button("Alkuun")).to_be_visible()
    await expect(phone.page.get_by_label("Kirjoita viesti")).to_be_focused()
    await phone.page.keyboard.press("Shift+Tab")
    await expect(phone.button("Alkuun")).to_be_focused()
    await phone.page.keyboard.press("Space")
    await expect(phone.button("Lisää")).to_be_visible()
    await expect(phone.button("Alkuun")).to_be_focused()
    await phone.page.keyboard.press("Tab")
    await expect(phone.button("Mitä on seuraavaksi?")).to_be_focused()

    assert await until_heard(house, 2) == ["seuraava", "aloita"]


async def test_what_is_typed_without_a_network_is_sent_once_on_return(phone: Phone, house: Server):
    phone.forgiven = "net::ERR"
    await phone.page.goto(house.url)
    await phone.type("nolla")
    await phone.sees("Kuulin: nolla")
    await phone.context.set_offline(True)
    await phone.type("yksi")
    await phone.sees("Odottaa verkkoa.")
    await phone.context.set_offline(False)
    await phone.sees("Kuulin: yksi")
    await expect(log(phone.page).get_by_text("Odottaa verkkoa.")).to_have_count(0)
    await house.stop()
    await phone.type("kaksi")
    await phone.type("kolme")
    await expect(log(phone.page).get_by_text("Odottaa verkkoa.")).to_have_count(2)
    await house.start()
    await phone.page.reload()
    await phone.sees("Kuulin: kolme")

    assert [each.text for each in house.heard] == ["nolla", "yksi", "kaksi", "kolme"]
    assert await phone.conversation() == [
        GREETING,
        *(
            f"Sinä: {text}" if mine else f"Vertti: Kuulin: {text}"
            for text in ("nolla", "yksi")
            for mine in (1, 0)
        ),
        "Sinä: kaksi",
        "Sinä: kolme",
        "Vertti: Kuulin: kaksi",
        "Vertti: Kuulin: kolme",
    ]
    assert await phone.page.evaluate("localStorage.length") == 0


async def test_what_was_typed_in_a_closed_tab_is_sent_by_the_next(phone: Phone, house: Server):
    phone.forgiven = "net::ERR"
    await phone.page.goto(house.url)
    await phone.context.set_offline(True)
    await phone.type("jäi kesken")
    await phone.sees("Odottaa verkkoa.")
    await phone.page.close()
    await phone.context.set_offline(False)
    phone.page = await phone.tab()
    await phone.page.goto(house.url)
    await phone.sees("Kuulin: jäi kesken")

    assert [each.text for each in house.heard] == ["jäi kesken"]
    assert await phone.conversation() == [GREETING, "Sinä: jäi kesken", "Vertti: Kuulin: jäi kesken"]


async def test_when_an_answer_is_lost_it_is_said_again_and_heard_once(phone: Phone, house: Server):
    phone.forgiven = "net::ERR"
    losses = iter([True])

    async def lose_the_first(route: Route) -> None:
        answer = await route.fetch()
        if next(losses, False):
            await route.abort()
        else:
            await route.fulfill(response=answer)

    await phone.page.route("**/chat/say", lose_the_first)
    await phone.page.goto(house.url)
    await phone.type("hei")
    await phone.sees("Kuulin: hei")

    assert [each.text for each in house.heard] == ["hei"]


async def show_the_door(phone: Phone, house: Server, name: str) -> None:
    """Let somebody who has said hello be shown a picture of this name."""
    await phone.page.goto(house.url)
    await phone.type("hei")
    await phone.sees("Kuulin: hei")
    await house.web.send(
        Outgoing(
            key="door",
            where=house.heard[0].where,
            text="Ovi: sininen",
            buttons=(ShownButton("Tulen paikalle", data="seuraava"),),
            picture=ShownPicture(name, CONTENT / name, "Kuva ovesta"),
        )
    )


async def test_a_picture_has_words_and_moves_nothing_when_it_has_loaded(phone: Phone, house: Server):
    loaded = asyncio.Event()

    async def load_late(route: Route) -> None:
        await loaded.wait()
        await route.continue_()

    await phone.page.route("**/picture/ovi.png", load_late)
    await show_the_door(phone, house, "ovi.png")
    picture, below = (
        phone.page.get_by_role("img", name="Kuva ovesta", exact=True),
        phone.button("Tulen paikalle"),
    )
    await expect(below).to_be_visible()
    before = await picture.bounding_box(), await below.bounding_box()
    loaded.set()
    await expect(picture).to_have_js_property("naturalWidth", 600)

    assert (await picture.bounding_box(), await below.bounding_box()) == before
    assert await phone.page.evaluate("document.documentElement.scrollWidth") == 360


async def test_where_a_picture_is_missing_its_words_stand_alone(phone: Phone, house: Server):
    phone.forgiven = "404"
    await show_the_door(phone, house, "poissa.png")
    await phone.sees("Ovi: sininen")
    await expect(phone.button("Tulen paikalle")).to_be_visible()
    await expect(phone.page.locator(".picture")).to_have_count(0)


async def test_a_reminder_appears_on_all_open_pages_and_after_a_reload(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await phone.type("hei")
    await phone.sees("Kuulin: hei")
    second = await phone.tab()
    await second.goto(house.url)
    async with asyncio.timeout(10):
        while house.web.open_pages() < 2:
            await asyncio.sleep(0.01)
    await house.push(house.heard[0].where, "Muistutus: sinulla on tapaaminen huomenna.")
    await phone.sees("Muistutus:")
    await phone.sees("Muistutus:", second)
    await phone.page.reload()
    await phone.sees("Muistutus:")

    assert await phone.conversation() == [
        GREETING,
        "Sinä: hei",
        "Vertti: Kuulin: hei",
        "Vertti: Muistutus: sinulla on tapaaminen huomenna.",
    ]


async def test_what_came_while_the_page_was_closed_is_there_on_return(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await phone.type("hei")
    await phone.sees("Kuulin: hei")
    await until_unread(house, [])
    await phone.page.close()
    await house.push(house.heard[0].where, "Muistutus: sinulla on tapaaminen huomenna.")
    phone.page = await phone.tab()
    await phone.page.goto(house.url)
    await phone.sees("Muistutus:")

    assert await phone.conversation() == [GREETING, "Vertti: Muistutus: sinulla on tapaaminen huomenna."]


async def test_a_file_is_there_after_a_reload_too(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    for _ in range(2):
        await phone.type("tietoni")
        await phone.button("Poista tietoni").last.wait_for()
    await until_unread(house, [])
    await phone.page.reload()
    async with phone.page.expect_download() as download:
        await phone.page.get_by_role("link", name="Lataa tiedosto: tietoni.json").click()  # the one of last
    loaded = await (await download.value).path()

    assert loaded.read_text(encoding="utf-8") == '{"kieli": "fi", "ä": []}\n'


async def test_the_page_follows_the_language_of_the_chat_at_once(phone: Phone, house: Server):
    await phone.page.goto(f"{house.url}/?kieli=fi")
    await phone.page.get_by_label("Kirjoita viesti").fill("på svenska")
    await phone.page.keyboard.press("Enter")
    await phone.page.get_by_label("Skriv ett meddelande").fill("ännu inte sagt")
    heading = phone.page.get_by_role("heading", name="Ensamhetsgruppen").first
    await expect(heading).to_be_visible()
    await expect(phone.button("Skicka")).to_be_visible()

    assert await phone.page.locator("html").get_attribute("lang") == "sv"
    assert await phone.page.title() == "Vertti: grupper och evenemang"
    assert await phone.page.get_by_label("Skriv ett meddelande").input_value() == "ännu inte sagt"
    assert (await phone.conversation())[1:] == ["Du: på svenska", "Vertti: Kuulin: på svenska"]
    assert phone.page.url == f"{house.url}/"

    await phone.page.keyboard.press("Enter")
    await phone.sees("Kuulin: ännu inte sagt")

    assert house.heard[-1].language == "sv"


async def test_whoever_is_erased_leaves_nothing_on_the_device(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await phone.type("tietoni")
    async with phone.page.expect_download() as download:
        await phone.page.get_by_role("link", name="Lataa tiedosto: tietoni.json").click()
    loaded = await (await download.value).path()
    await phone.button("Poista tietoni").click()
    await phone.sees("Tietosi on poistettu.")
    await until_unread(house, None)

    assert loaded.read_text(encoding="utf-8") == '{"kieli": "fi", "ä": []}\n'
    assert await phone.conversation() == [GREETING, "Vertti: Tietosi on poistettu. Hei hei!"]
    assert await phone.page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
    assert await phone.context.cookies() == []

    await phone.type("hei taas")
    await phone.sees("Kuulin: hei taas")

    assert house.heard[-1].where != house.heard[0].where


async def test_a_goodbye_that_waited_stays_on_the_screen(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await phone.type("hei")
    await phone.sees("Kuulin: hei")
    await until_unread(house, [])
    await phone.page.route("**/chat/stream", lambda route: route.abort())
    phone.forgiven = "net::ERR"
    await phone.page.goto("about:blank")
    await house.accept([replace(house.heard[0], id="later", text="", what="button", button="erase")])
    await phone.page.goto(house.url)
    await phone.sees("Tietosi on poistettu.")

    assert await phone.conversation() == [GREETING, "Vertti: Tietosi on poistettu. Hei hei!"]
    assert await phone.page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]
    assert await phone.context.cookies() == []


async def test_what_comes_again_is_shown_once(phone: Phone, house: Server):
    phone.forgiven = "net::ERR"
    await phone.page.route("**/chat/seen", lambda route: route.abort())
    await phone.page.goto(house.url)
    await phone.type("hei")
    await phone.sees("Kuulin: hei")
    await phone.page.reload()
    await phone.type("taas")
    await phone.sees("Kuulin: taas")

    assert await phone.conversation() == [
        GREETING,
        "Sinä: hei",
        "Vertti: Kuulin: hei",
        "Sinä: taas",
        "Vertti: Kuulin: taas",
    ]
    assert await house.unread(house.heard[0].where) == ["Kuulin: hei", "Kuulin: taas"]


async def test_texts_are_shown_literally_and_numbers_can_be_called(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await phone.type("<b>hei</b> & 112")
    await phone.sees("Kuulin: <b>hei</b> & 112")
    await phone.type("ihminen")
    await phone.sees("ma–pe klo 9–15")
    links = (
        await log(phone.page)
        .get_by_role("link")
        .evaluate_all("all => all.map((a) => [a.textContent, a.href])")
    )

    assert links == [["112", "tel:112"], ["014 000 0000", "tel:0140000000"], ["112", "tel:112"]]
    assert await log(phone.page).locator("b").count() == 0


@pytest.mark.parametrize("size", [4001, 70_000])
async def test_what_is_too_long_comes_back_into_the_field_with_how_much_fits(
    phone: Phone, house: Server, size: int
):
    phone.forgiven = "413"
    note = phone.page.get_by_text("Viesti on liian pitkä. Siihen mahtuu 4000 merkkiä.")
    text = phone.page.get_by_label("Kirjoita viesti")
    await phone.page.goto(house.url)
    await phone.type("x" * size)
    await expect(note).to_be_visible()
    given_back = await text.input_value()
    await phone.page.screenshot(path=SCREENSHOTS / f"6-too-long-{size}.png")
    await phone.type("x" * 12)
    await phone.sees("Kuulin: xxxxxxxxxxxx")
    await phone.page.reload()
    await phone.sees("Kuulin: xxxxxxxxxxxx")

    assert given_back == "x" * size
    assert await text.input_value() == ""
    assert await note.count() == 0
    assert [len(each.text) for each in house.heard] == ([size, 12] if size < 65_536 else [12])
    assert [each for each in await phone.conversation() if each.startswith("Sinä")] == [f"Sinä: {'x' * 12}"]
    assert await phone.page.evaluate("localStorage.length") == 0


async def test_what_waited_and_is_too_long_comes_back_beside_what_was_typed_since(
    phone: Phone, house: Server
):
    phone.forgiven = "Failed to load resource"  # offline, then too long
    text = phone.page.get_by_label("Kirjoita viesti")
    await phone.page.goto(house.url)
    await phone.context.set_offline(True)
    await phone.type("x" * 4001)
    await phone.sees("Odottaa verkkoa.")
    await text.fill("Vielä tämä.")
    await phone.context.set_offline(False)

    await expect(text).to_have_value("x" * 4001 + "\nVielä tämä.")


async def test_where_the_stream_does_not_come_through_the_page_asks(phone: Phone, house: Server):
    phone.forgiven = "502"
    await phone.page.clock.install()
    await phone.page.route("**/chat/stream", lambda route: route.fulfill(status=502, body=""))
    await phone.page.goto(house.url)
    await phone.type("hei")
    await until_heard(house, 1)
    await until_unread(house, ["Kuulin: hei"])
    await phone.page.clock.fast_forward(15_000)
    await phone.sees("Kuulin: hei")


async def test_a_start_link_is_said_once(phone: Phone, house: Server):
    await phone.page.goto(f"{house.url}/?start=kysely-12")
    await phone.button("Aloita").click()
    await phone.sees("Kuulin: /start kysely-12")
    await phone.page.reload()
    await phone.sees("Kuulin: /start kysely-12")
    await phone.button("Aloita").first.click()
    await phone.button("Lisää").wait_for()

    assert [each.text for each in house.heard] == ["/start kysely-12", "aloita"]
    assert phone.page.url == f"{house.url}/"


async def test_the_address_of_a_calendar_is_copied_in_one_tap(phone: Phone, tmp_path: Path):
    server = Server(tmp_path, public_url="https://vertti.example.org")
    await server.start()
    visitor = await server.visitor()

    def make(store: Store) -> str:
        person = store.people.find(visitor.place)
        assert person is not None
        return store.feeds.token(store.feeds.make(person.id, named=False))

    token = await server.database.write(make)
    await phone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await phone.page.goto(f"{server.url}/calendar/{token}")
    await phone.button("Kopioi osoite").click()
    await expect(phone.page.get_by_text("Osoite on kopioitu.")).to_be_visible()
    copied = await phone.page.evaluate("navigator.clipboard.readText()")
    wrong = await violations(phone.page)
    await server.stop()

    assert copied == f"https://vertti.example.org/calendar/{token}.ics"
    assert wrong == []


async def test_the_organizers_link_says_to_whom_it_speaks(phone: Phone, house: Server):
    await phone.page.goto(f"{house.url}/?start=jarjestaja-abc")
    await phone.sees("Sinut on kutsuttu järjestäjäksi.")
    await phone.button("Aloita").click()
    await phone.sees("Kuulin: /start jarjestaja-abc")


async def test_the_page_follows_the_language_without_scripts_too(chromium: Browser, house: Server):
    phone = await take_phone(chromium, java_script_enabled=False)
    await phone.page.goto(house.url)
    await phone.page.get_by_label("Kirjoita viesti").fill("på svenska")
    await phone.button("Lähetä").click()
    await expect(phone.button("Skicka")).to_be_visible()
    language = await phone.page.locator("html").get_attribute("lang")
    await phone.context.close()

    assert language == "sv"


async def test_the_chat_works_without_scripts(chromium: Browser, house: Server):
    phone = await take_phone(chromium, java_script_enabled=False)
    await phone.page.goto(house.url)
    await phone.button("Aloita").click()
    await phone.button("Mitä on seuraavaksi?").click()
    await phone.sees("to 26.11. klo 13–15")
    await phone.page.get_by_label("Kirjoita viesti").fill("hei")
    await phone.button("Lähetä").click()
    await phone.sees("Kuulin: hei")
    await phone.context.close()

    assert [each.text or each.button for each in house.heard] == ["aloita", "seuraava", "hei"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_everybody_can_read_and_reach_everything(chromium: Browser, house: Server, scheme: str):
    phone = await take_phone(chromium, color_scheme=scheme, device_scale_factor=2, reduced_motion="reduce")
    page = phone.page
    await page.goto(house.url)
    SCREENSHOTS.mkdir(exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"1-programme-{scheme}.png")
    for summary in await page.locator("summary").all():
        await summary.click()
    first = await violations(page)
    await page.screenshot(path=SCREENSHOTS / f"2-opened-{scheme}.png", full_page=True)
    await page.goto(house.url)
    await phone.button("Aloita").click()
    await phone.button("Mitä on seuraavaksi?").click()
    await phone.button("Muistuta minua").wait_for()
    await page.screenshot(path=SCREENSHOTS / f"3-chat-{scheme}.png")
    await phone.type("tietoni")
    await phone.button("Poista tietoni").wait_for()
    await phone.context.set_offline(True)
    phone.forgiven = "net::ERR"
    await phone.type("Tuleeko sinne muitakin uusia?")
    await phone.sees("Odottaa verkkoa.")
    await page.screenshot(path=SCREENSHOTS / f"4-offline-{scheme}.png")
    second = await violations(page)
    small = await page.locator("nav a, button, .choice, summary, textarea, footer p a").evaluate_all(
        f"all => all.filter((one) => one.getBoundingClientRect().height < {FINGER}).map((one) => one.outerHTML)"
    )
    shown = await page.evaluate("document.documentElement.scrollWidth")
    await phone.context.close()

    assert (first, second) == ([], [])
    assert small == []
    assert shown == 360
    assert phone.complaints == []


async def test_at_twice_the_size_nothing_is_cut_off(chromium: Browser, house: Server):
    phone = await take_phone(chromium, viewport={"width": 180, "height": 370}, device_scale_factor=4)
    await phone.page.goto(house.url)
    await phone.button("Aloita").click()
    await phone.button("Puhu ihmisen kanssa").wait_for()
    await phone.page.screenshot(path=SCREENSHOTS / "5-twice-the-size.png")
    shown = await phone.page.evaluate("document.documentElement.scrollWidth")
    cut = await phone.page.locator("body *:not(.who, .skip)").evaluate_all(
        "all => all.filter((one) => one.getBoundingClientRect().left < 0"
        " || one.getBoundingClientRect().right > innerWidth).map((one) => one.outerHTML.slice(0, 80))"
    )
    tight = await phone.page.locator("button, .text, .event, h2, h3").evaluate_all(
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.outerHTML.slice(0, 80))"
    )
    await phone.context.close()

    assert shown == 180
    assert (cut, tight) == ([], [])


async def test_the_page_says_plainly_where_reminders_show_and_what_is_kept(phone: Phone, house: Server):
    await phone.page.goto(house.url)
    await expect(
        phone.page.get_by_text("Muistutus näkyy tässä, kun sivu on auki. Muuten näet sen, kun palaat.")
    ).to_be_visible()
    await phone.page.get_by_text("Mitä sinusta jää talteen?").click()
    await expect(phone.page.get_by_text(re.compile("Mitä kirjoitat, ei jää talteen"))).to_be_visible()
