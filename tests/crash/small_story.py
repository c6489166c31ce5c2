"""A small story with everything in it: people ask, subscribe, vote, change their minds and leave; an organizer
joins a group, sends news, is told what became of it, and closes a poll; a reminder comes due.
"""

import sqlite3
from datetime import timedelta

from tests.crash.story import BAKING, BEGIN, NAME, WALK, Stage, words
from tests.crash.world import Somebody, World

AINO, BERTTA, CECILIA, OUTI = 11, 12, 13, 20
SUBSCRIBERS = range(101, 113)
VOTERS = range(101, 107)
GROUP = -300
NEWS = "Kahvit ovat tänään valmiina jo klo 12.30."


async def small_story(world: World, stage: Stage) -> None:
    aino, bertta, cecilia, outi = (Somebody(world.api, who) for who in (AINO, BERTTA, CECILIA, OUTI))
    group = world.api.group(GROUP)
    outi_there = Somebody(world.api, OUTI, into=group)
    subscribers = [Somebody(world.api, who) for who in SUBSCRIBERS]
    voters = subscribers[: len(VOTERS)]

    aino.says("aloita")
    cecilia.says("poista tietoni")
    outi.says(f"jarjestaja {stage.codes[0]}")
    for voter in (bertta, *voters):
        voter.says("kysely")
    await aino.hears(words("welcome"))
    await cecilia.hears(label=words("forget.yes"))
    await outi.hears(label=words("organizer.button.announce"))
    for voter in (bertta, *voters):
        await voter.hears(label=BAKING)

    aino.says("seuraava")
    cecilia.presses(words("forget.yes"))
    group.adds_bot(outi.person)
    bertta.presses(BAKING)
    for number, voter in enumerate(voters):
        voter.presses(WALK if number % 2 else BAKING)
    await aino.hears("to 26.11. klo 13–15", label=words("button.remind_me"))
    await cecilia.hears(words("forget.done"))
    await outi_there.hears(label=NAME)
    for voter in (bertta, *voters):
        await voter.hears(words("poll.thanks"), label=words("poll.change"))

    aino.presses(words("button.remind_me"))
    bertta.presses(words("poll.change"))
    outi_there.presses(NAME)
    await aino.hears(label=words("remind.hours"))
    await bertta.hears(label=WALK)
    await outi_there.hears(label=words("group.button.choose"))
    await outi_there.hears(label=words("poll.button.answer"))

    aino.presses(words("remind.hours"))
    bertta.presses(WALK)
    await aino.hears(label=words("remind.cancel"))
    await bertta.hears(words("poll.changed"))

    outi.says(f"tiedota {NEWS}")
    await outi.hears(NEWS)
    await outi.hears(label=words("news.button.send"))

    outi.presses(words("news.button.send"))
    bertta.says("apua")
    await outi.hears(label=words("news.button.stop"))
    await bertta.hears(label=words("help.what_to_write"))

    readers = [*subscribers, aino, outi_there]
    for reader in readers:
        reader.listens()
    world.sets_clock(BEGIN + timedelta(minutes=2))
    for reader in readers:
        await reader.hears(NEWS)
    await world.until(lambda database: _news(database) == "sent")
    await world.is_quiet()
    outi.listens()
    world.sets_clock(BEGIN + timedelta(minutes=3))
    await outi.hears(words("news.report_all", n=len(readers)))

    for reader in readers:
        reader.listens()
    world.sets_clock(BEGIN + timedelta(minutes=30, seconds=1))
    for reader in (*subscribers, aino):
        await reader.hears(label=words("button.show"))
    await outi_there.hears(NAME)

    outi.says("sulje")
    await outi.hears(label=words("close.button.yes"))

    outi.presses(words("close.button.yes"))
    await outi.hears(label=words("organizer.button.results"))

    outi.presses(words("organizer.button.results"))
    bertta.presses(BAKING)
    await outi.hears(label=words("button.back"))
    await bertta.hears(words("poll.closed"))


def _news(database: sqlite3.Connection) -> str:
    return str(database.execute("SELECT state FROM broadcast").fetchone()[0])
