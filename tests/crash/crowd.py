"""A crowd: sixty people vote and change their votes, while news goes to more than a hundred and a reminder comes due."""

import asyncio
from datetime import timedelta

from tests.crash.story import BAKING, BEGIN, WALK, Stage, words
from tests.crash.world import Somebody, World

SUBSCRIBERS = range(1001, 1121)
TALKERS = SUBSCRIBERS[:60]
OUTI, PEKKA = 20, 21
NEWS = "Ensi viikolla tapaamme ulkona."


async def crowd(world: World, stage: Stage) -> None:
    """Tell it; with each new life a few more people begin to talk, so that none dies in silence."""
    planned = len(world.endings) or 1
    async with asyncio.TaskGroup() as group:
        for number, who in enumerate(TALKERS):
            group.create_task(_talks(world, who, begins=number * planned // len(TALKERS)))
        group.create_task(_announcement(world, stage, begins=planned // 5))
    outi = Somebody(world.api, OUTI)
    outi.says("sulje")
    await outi.hears(label=words("close.button.yes"))
    outi.presses(words("close.button.yes"))
    await outi.hears(label=words("organizer.button.results"))


async def _talks(world: World, who: int, begins: int) -> None:
    """Vote, change the vote, and ask what is next: four updates."""
    somebody = Somebody(world.api, who)
    await world.reaches_life(begins)
    somebody.says("kysely")
    await somebody.hears(label=BAKING)
    votes = (BAKING, WALK) if who % 3 else (WALK, BAKING)
    for answer, thanks in zip(votes, ("poll.thanks", "poll.changed"), strict=True):
        somebody.presses(answer)
        await somebody.hears(words(thanks))
    somebody.says("seuraava")
    await somebody.hears("to 26.11. klo 13–15")


async def news_is_confirmed(world: World, stage: Stage) -> None:
    """Let two organizers, as so many readers need, confirm news: it goes out within two minutes."""
    outi, pekka = organizers = (Somebody(world.api, OUTI), Somebody(world.api, PEKKA))
    for who in SUBSCRIBERS:
        world.api.person(who, started=True)
    for organizer, code in zip(organizers, stage.codes, strict=True):
        organizer.says(f"jarjestaja {code}")
        await organizer.hears(label=words("organizer.button.announce"))
    outi.says(f"tiedota {NEWS}")
    await outi.hears(label=words("news.button.send"))
    pekka.listens()
    outi.presses(words("news.button.send"))
    await pekka.hears(label=words("news.button.approve"))
    pekka.presses(words("news.button.approve"))
    await pekka.hears(label=words("news.button.stop"))


async def news_arrives(world: World) -> None:
    """Wait until everybody has it, and the outbox knows."""
    for who in SUBSCRIBERS:
        await Somebody(world.api, who).hears(NEWS)
    await world.until(lambda database: database.execute(_NEWS).fetchone() == ("sent", 0))


async def _announcement(world: World, stage: Stage, begins: int) -> None:
    """Send news, let it be reported, then let it be time for the reminder."""
    outi = Somebody(world.api, OUTI)
    readers = [Somebody(world.api, who) for who in SUBSCRIBERS]
    await world.reaches_life(begins)
    await news_is_confirmed(world, stage)
    world.sets_clock(BEGIN + timedelta(minutes=2))
    await news_arrives(world)
    outi.listens()
    world.sets_clock(BEGIN + timedelta(minutes=4))
    await outi.hears(words("news.report_all", n=len(readers)))
    world.sets_clock(BEGIN + timedelta(minutes=30, seconds=1))
    for reader in readers:
        await reader.hears(label=words("button.show"))


_NEWS = "SELECT state, (SELECT count(*) FROM outbox WHERE broadcast IS NOT NULL AND state < 2) FROM broadcast"
