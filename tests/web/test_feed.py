"""Calendar feeds over HTTP, read by another program than the one that writes them."""

import asyncio
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import vobject

from bot.messages import Place
from tests.web.house import NOW, Server, occurrence

FIRST = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)
WEEK = timedelta(days=7)
GROUP = {"series": "ryhma", "title": {"fi": "Yksinäisyysryhmä", "sv": "Ensamhetsgruppen"}}
PUBLIC = "https://vertti.example.org"


@pytest.fixture
async def server(tmp_path):
    server = Server(tmp_path, public_url=PUBLIC)
    await server.start()
    yield server
    await server.stop()


async def someone(server, *, series=(), named=False):
    """Somebody with a feed; give its secret part."""

    def meet(store):
        person = store.people.meet(Place("web", "somebody"), language="fi", now=NOW)
        for each in series:
            store.subscriptions.add(person.id, each)
        return store.feeds.token(store.feeds.make(person.id, named=named))

    return await server.database.write(meet)


async def titles(server, path, **headers):
    async with server.browser() as browser:
        answer = await browser.get(path, headers=headers)
    assert answer.status_code == 200
    return [each.summary.value for each in getattr(vobject.readOne(answer.text), "vevent_list", [])]


async def test_the_public_programme_is_a_calendar_of_what_anybody_may_come_to(server):
    await server.plan(
        occurrence("a", FIRST, **GROUP),
        occurrence("b", FIRST + WEEK, title={"fi": "Asiakasraati"}, visibility="members"),
        occurrence("c", FIRST + WEEK, title={"fi": "Vuosikertomus"}, visibility="staff"),
        occurrence("d", FIRST + WEEK, title={"fi": "Uutiskirje"}, kind="broadcast"),
        occurrence("e", FIRST + WEEK, title={"fi": "Piparit"}, status="cancelled"),
        occurrence("f", NOW - 60 * WEEK, title={"fi": "Vanha"}),
    )

    assert await titles(server, "/calendar.ics") == ["Yksinäisyysryhmä", "PERUTTU: Piparit"]
    assert await titles(server, "/calendar.ics?kieli=sv") == ["Ensamhetsgruppen", "INSTÄLLD: Piparit"]


async def test_a_feed_holds_what_its_owner_hears_of_and_names_no_group(server):
    await server.plan(
        occurrence("a", FIRST, **GROUP),
        occurrence("b", FIRST + WEEK, series="asiakasraati", visibility="members"),
        occurrence("c", FIRST + WEEK, series="jyp", title={"fi": "JYPin kahvit"}),
    )
    token = await someone(server, series=("ryhma", "asiakasraati"))

    assert await titles(server, f"/calendar/{token}.ics") == ["Tapaaminen", "Tapaaminen"]


async def test_a_feed_names_the_groups_when_its_owner_wants_so(server):
    await server.plan(occurrence("a", FIRST, **GROUP))
    token = await someone(server, series=("ryhma",), named=True)

    assert await titles(server, f"/calendar/{token}.ics") == ["Yksinäisyysryhmä"]


async def test_who_hears_of_nothing_gets_the_programme(server):
    await server.plan(
        occurrence("a", FIRST, **GROUP), occurrence("b", FIRST, series="asiakasraati", visibility="members")
    )
    token = await someone(server)

    assert await titles(server, f"/calendar/{token}.ics") == ["Tapaaminen"]


@pytest.mark.parametrize("series", [(), ("ryhma",)], ids=["of nothing", "of the group"])
async def test_who_chose_areas_gets_these_and_what_has_none_and_what_they_take_part_in(server, series):
    await server.plan(
        occurrence("a", FIRST, **GROUP | {"title": {"fi": "Kajaanissa"}, "area": "kajaani"}),
        occurrence("b", FIRST + WEEK, **GROUP | {"title": {"fi": "Mikkelissä"}, "area": "mikkeli"}),
        occurrence("c", FIRST + 2 * WEEK, **GROUP | {"title": {"fi": "Kaikkialla"}}),
        occurrence(
            "d", FIRST + 3 * WEEK, **GROUP | {"title": {"fi": "Retki"}, "area": "mikkeli", "signup": True}
        ),
    )
    token = await someone(server, series=series, named=True)

    def choose(store):
        me = store.people.find(Place("web", "somebody")).id
        store.areas.add(me, "kajaani")
        store.sign_ups.add(store.calendar.coming(FIRST + 3 * WEEK)[0].id, me, "coming")

    await server.database.write(choose)

    assert await titles(server, f"/calendar/{token}.ics") == ["Kajaanissa", "Kaikkialla", "Retki"]
    assert len(await titles(server, "/calendar.ics")) == 4


async def test_a_changed_date_keeps_its_uid_and_counts_its_changes(server):
    async def event():
        async with server.browser() as browser:
            return vobject.readOne((await browser.get("/calendar.ics")).text).vevent

    await server.plan(occurrence("a", FIRST, **GROUP))
    before = await event()
    await server.plan(occurrence("a", FIRST + timedelta(hours=1), **GROUP))
    after = await event()

    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) == int(before.sequence.value) + 1
    assert after.dtstart.value == FIRST + timedelta(hours=1)


async def test_whatever_becomes_of_a_date_its_sequence_never_goes_back(server):
    async def event():
        async with server.browser() as browser:
            it = vobject.readOne((await browser.get("/calendar.ics")).text).vevent
        return it.uid.value, int(it.sequence.value), it.dtstamp.value

    found = []
    later = {"start": FIRST + timedelta(hours=1)}
    for changes in ({}, later, {}, {"status": "cancelled"}, {}, {"place": {"fi": "Toinen talo"}}, {}, {}):
        values = {"start": FIRST, **GROUP, **changes}
        await server.plan(occurrence("a", values.pop("start"), **values))
        found.append(await event())
        server.now += timedelta(minutes=1)

    assert len({uid for uid, _, _ in found}) == 1
    assert [number for _, number, _ in found] == [0, 1, 2, 3, 4, 5, 6, 6]
    assert found[-1] == found[-2]  # what is as it was has the stamp it had
    assert sorted(stamp for _, _, stamp in found) == [stamp for _, _, stamp in found]


async def test_what_was_cancelled_is_shown_as_such_for_thirty_days_after_it_would_have_been(server):
    await server.plan(occurrence("a", FIRST, **GROUP | {"status": "cancelled"}))
    server.now = FIRST + timedelta(days=30)
    still = await titles(server, "/calendar.ics")
    server.now += timedelta(days=2)

    assert still == ["PERUTTU: Yksinäisyysryhmä"]
    assert await titles(server, "/calendar.ics") == []


async def test_a_calendar_is_the_same_on_the_next_day(server):
    await server.plan(occurrence("a", FIRST, **GROUP))
    token = await someone(server, series=("ryhma",))
    async with server.browser() as browser:
        first = await browser.get(f"/calendar/{token}.ics")
        server.now += timedelta(days=1)
        headers = {"If-None-Match": first.headers["etag"]}
        again = await browser.get(f"/calendar/{token}.ics", headers=headers)

    assert again.status_code == 304
    assert {name: again.headers[name] for name in ("etag", "cache-control")} == {
        name: first.headers[name] for name in ("etag", "cache-control")
    }


@pytest.mark.parametrize("path", ["/calendar.ics", "/calendar/{}.ics", "/calendar/{}"])
async def test_whoever_asks_for_the_head_gets_no_body(server, path):
    await server.plan(occurrence("a", FIRST, **GROUP))
    path = path.format(await someone(server))
    async with server.browser() as browser:
        whole, head = await browser.get(path), await browser.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers.get("etag") == whole.headers.get("etag")
    assert head.headers["content-type"] == whole.headers["content-type"]


async def test_an_address_stands_in_no_log_and_is_told_to_no_other_page(server, caplog, capsys):
    caplog.set_level("DEBUG")
    token = await someone(server)
    async with server.browser() as browser:
        answers = [
            await browser.get(f"/calendar/{each}")
            for each in (token, f"{token}.ics", f"{token[:-1]}.ics", f"{token[:-1]}")
        ]
    ours = [each for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]

    assert [each.headers["referrer-policy"] for each in answers] == ["no-referrer"] * 4
    assert not [each for each in ours if token[:-1] in each.getMessage()]
    assert token[:-1] not in "".join(capsys.readouterr())


async def test_two_other_programs_read_the_same(server):
    await server.plan(
        occurrence("a", FIRST, **GROUP),
        occurrence("b", FIRST + WEEK, **GROUP | {"status": "cancelled"}),
        occurrence("c", datetime(2027, 3, 28, 1, 30, tzinfo=UTC), **GROUP),
    )
    token = await someone(server, series=("ryhma",))
    async with server.browser() as browser:
        text = (await browser.get(f"/calendar/{token}.ics")).text
    one = [
        (each.dtstart.value, each.summary.value, each.status.value)
        for each in vobject.readOne(text).vevent_list
    ]
    other = [
        (each.start, str(each["SUMMARY"]), str(each["STATUS"]))
        for each in icalendar.Calendar.from_ical(text).events
    ]

    assert one == other
    assert [(start, title) for start, title, _ in one] == [
        (FIRST, "Tapaaminen"),
        (FIRST + WEEK, "PERUTTU: Tapaaminen"),
        (datetime(2027, 3, 28, 1, 30, tzinfo=UTC), "Tapaaminen"),
    ]


async def test_a_calendar_that_is_as_it_was_is_not_sent_again(server):
    await server.plan(occurrence("a", FIRST, **GROUP))
    async with server.browser() as browser:
        first = await browser.get("/calendar.ics")
        again = await browser.get("/calendar.ics", headers={"If-None-Match": first.headers["etag"]})
        await server.plan(occurrence("a", FIRST, **GROUP | {"status": "cancelled"}))
        changed = await browser.get("/calendar.ics", headers={"If-None-Match": first.headers["etag"]})

    assert first.headers["content-type"] == "text/calendar; charset=utf-8"
    assert (again.status_code, again.content) == (304, b"")
    assert changed.status_code == 200


@pytest.mark.parametrize("mark", ["*", "W/{}", '"other", {}', 'W/"other",W/{}'])
async def test_what_was_packed_on_the_way_is_known_again(server, mark):
    await server.plan(occurrence("a", FIRST, **GROUP))
    async with server.browser() as browser:
        etag = (await browser.get("/calendar.ics")).headers["etag"]
        again = await browser.get("/calendar.ics", headers={"If-None-Match": mark.format(etag)})

    assert (again.status_code, again.content) == (304, b"")


async def test_whoever_asks_much_has_the_programme_written_once(server, monkeypatch):
    lengths = []
    write = icalendar.Calendar.to_ical

    def watched(calendar):
        lengths.append(len(calendar.events))
        return write(calendar)

    monkeypatch.setattr(icalendar.Calendar, "to_ical", watched)
    await server.plan(occurrence("a", FIRST, **GROUP))
    async with server.browser() as browser:
        answers = await asyncio.gather(*(browser.get("/calendar.ics") for _ in range(8)))
        await browser.get("/calendar.ics?kieli=sv")
        await server.plan(occurrence("a", FIRST, **GROUP), occurrence("b", FIRST + WEEK, **GROUP))
        await browser.get("/calendar.ics")

    assert {each.status_code for each in answers} == {200}
    assert lengths == [1, 1, 2]


async def test_nobody_but_its_owner_may_keep_a_feed(server):
    token = await someone(server)
    async with server.browser() as browser:
        answer = await browser.get(f"/calendar/{token}.ics")

    assert answer.headers["cache-control"].startswith("private")
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("spoilt", ["", "x", "ä", "A" * 34, "A" * 4000, "%00", "=", "-_" * 17])
async def test_an_address_that_nobody_gave_leads_nowhere(server, spoilt):
    await someone(server)
    async with server.browser() as browser:
        answers = [await browser.get(f"/calendar/{spoilt}{end}") for end in ("", ".ics")]

    assert {each.status_code for each in answers} == {404}


async def test_another_ending_of_the_same_secret_leads_nowhere(server):
    token = await someone(server)
    async with server.browser() as browser:
        answers = [
            await browser.get(f"/calendar/{each}.ics")
            for each in (token[:-1], token + "A", token[:12], token[:-1] + ("A" if token[-1] != "A" else "B"))
        ]

    assert {each.status_code for each in answers} == {404}


async def test_an_address_ends_when_it_is_changed_or_deleted_or_its_owner_erased(server):
    async def status(token):
        async with server.browser() as browser:
            return (await browser.get(f"/calendar/{token}.ics")).status_code

    first = await someone(server)
    second = await someone(server)

    assert (await status(first), await status(second)) == (404, 200)

    await server.database.write(
        lambda store: store.people.forget(store.people.find(Place("web", "somebody")).id)
    )

    assert await status(second) == 404


async def test_the_guide_leads_phones_to_the_calendar(server):
    token = await someone(server)
    async with server.browser() as browser:
        page = await browser.get(f"/calendar/{token}")

    assert "Avaa sitten tiedosto puhelimessa." in page.text
    assert "ICSx5" in page.text
    assert "tietokone" not in page.text
    assert f'href="webcal://vertti.example.org/calendar/{token}.ics"' in page.text
    assert f'value="{PUBLIC}/calendar/{token}.ics"' in page.text
    assert page.headers["cache-control"] == "no-store"
