"""The main job, end to end, over Telegram's Bot API: all of Vertti against the double."""

import asyncio
from types import SimpleNamespace

from bot.clock import now
from bot.web.health import TransportHealth
from tests.doubles.bot_api import TOKEN, BotApi
from tests.running import SOON, eventually, reminds_in, running


def told_by(tmp_path, content, api, **more):
    """All of Vertti, on the double."""
    return running(tmp_path / "data", content, telegram_token=TOKEN, telegram_api=api.url, **more)


async def organizer(api, app, number=99):
    """Somebody who has proven to be an organizer, with a code."""
    someone = api.person(number, language_code="fi")
    code = await app.database.write(lambda store: store.organizers.invite(now=now()))
    someone.says(f"jarjestaja {code}")
    await someone.hears()
    return someone


async def subscriber(api, number):
    """Somebody who asked for the group's reminders, by buttons alone."""
    someone = api.person(number, language_code="fi")
    someone.says("/start")
    someone.presses(await someone.hears(), "Mitä on seuraavaksi?")
    someone.presses(await someone.hears(), "Muistuta minua")
    someone.presses(await someone.hears(), "Molemmat")
    await someone.hears()
    return someone


async def test_a_newcomer_asks_is_reminded_answers_a_poll_and_is_forgotten(tmp_path, content):
    async with (
        BotApi() as api,
        told_by(tmp_path, content, api, calendars=(SOON, "schedule.yaml")) as app,
    ):
        anna = await subscriber(api, 1)
        await reminds_in(app, content, 2)
        reminder = await anna.hears(timeout=10)
        anna.presses(reminder, "Näytä")
        event = await anna.hears()
        anna.says("kysely")
        poll = await anna.hears()
        anna.presses(poll, "Lautapelejä")
        thanks = await anna.hears()
        rounds = await app.database.read(lambda store: store.polls.open_rounds(now()))
        ballots = await app.database.read(lambda store: [store.polls.ballots(each.id) for each in rounds])
        anna.says("poista tietoni")
        anna.presses(await anna.hears(), "Kyllä, poista")
        goodbye = await anna.hears()
        gone = await eventually(app, lambda store: store.people.count() == 0)

        assert reminder.text.startswith("Muistutus: Tapaaminen tänään\n")
        assert reminder.labels == ("Näytä", "En jaksa tänään", "Lopeta", "Tauko 2 viikkoa")
        assert event.text.startswith("Yksinäisyysryhmä\n")
        assert thanks.text == "Kiitos vastauksesta!"
        assert sum(ballots) == 1
        assert goodbye.labels == ()
        assert gone
        assert await app.database.read(lambda store: [store.polls.ballots(each.id) for each in rounds]) == [
            0
        ] * len(rounds)


async def test_news_reach_every_subscriber_and_followed_group_and_the_organizer_hears_how_many(
    tmp_path, content
):
    async with BotApi() as api, told_by(tmp_path, content, api) as app:
        readers = [await subscriber(api, number) for number in (11, 12, 13)]
        chief = await organizer(api, app)
        group = api.group(-5, "Ryhmä")
        group.adds_bot(chief)
        asked = await group.hears()
        chief.presses(asked, "Yksinäisyysryhmä", into=group)
        await group.hears()
        readers[2].deactivates()
        chief.says("tiedota Huomenna on pullaa.")
        preview = await chief.hears()
        chief.presses(await chief.hears(), "Lähetä")
        await chief.hears()
        heard = [await reader.hears(timeout=10) for reader in readers[:2]]
        report = await chief.hears(timeout=10)

        assert preview.text == "Tiedote:\nHuomenna on pullaa."
        assert [each.text for each in heard] == [preview.text] * 2
        assert "Tiedote:\nHuomenna on pullaa." in group.sees()
        assert "3" in report.text
        assert "1" in report.text


async def test_a_restart_goes_on_where_it_was(tmp_path, content):
    async with BotApi() as api:
        async with told_by(tmp_path, content, api):
            anna = await subscriber(api, 1)
        anna.says("tietoni")
        async with told_by(tmp_path, content, api):
            known = await anna.hears()

        assert "Yksinäisyysryhmä" in known.text


async def test_what_is_personal_is_not_answered_in_a_group(tmp_path, content):
    async with BotApi() as api, told_by(tmp_path, content, api) as app:
        chief = await organizer(api, app)
        group = api.group(-5, "Ryhmä")
        group.adds_bot(chief)
        await group.hears()
        stranger = api.person(7, language_code="fi")
        group.joins(stranger)
        stranger.says(f"/tietoni@{api.username}", into=group)
        answer = await group.hears()

        assert answer.buttons
        assert "?start=tietoni" in str(answer.buttons)


async def test_a_strangers_group_is_left_at_once_and_silently(tmp_path, content):
    async with BotApi() as api, told_by(tmp_path, content, api):
        stranger = api.person(7, language_code="fi")
        group = api.group(-6, "Muut")
        group.adds_bot(stranger)
        await api.ledger.until(lambda: any(call == "leaveChat" for call in api.ledger.calls), 5)

        assert group.sees() == []


async def test_health_says_that_telegram_is_away_and_the_rest_goes_on(tmp_path, content):
    nowhere = SimpleNamespace(url="http://127.0.0.1:9")
    async with told_by(tmp_path, content, nowhere) as app, asyncio.timeout(5):
        while (health := await app.health()).transports["telegram"].state == "running":
            await asyncio.sleep(0.02)

    assert health.transports == {
        "web": TransportHealth("running"),
        "telegram": TransportHealth("waiting", "Unreachable"),
    }
