"""News to 600 chats under the platform's strict limit of 30 messages in any second."""

import tempfile
from datetime import timedelta
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.running import PATIENCE, vertti
from benchmarks.seeding import SERIES, meet, moment, opened, write
from bot.messages import Place
from bot.store import Store
from tests.doubles.bot_api import BotApiProcess

CHATS = 600
LIMIT = 30.0  # messages a second
REPEAT = 3
SOON = timedelta(seconds=4)  # when the news goes: after the start
FIRST = 10_000


def measure() -> list[Figure]:
    shares, refusals = [], []
    for _ in range(REPEAT):
        share, refused = _once()
        shares.append(share)
        refusals.append(refused)
    return [
        Figure(name=f"broadcast to {CHATS} chats", unit="% of 30/s", samples=shares, at_least=97),
        Figure(
            name="refused for being too fast (429)", unit="messages", samples=refusals, at_most=0, worst=True
        ),
    ]


def _once() -> tuple[float, float]:
    """Give the share of the limit in per cent, and the number of refusals."""
    with BotApiProcess() as api, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(FIRST, FIRST + CHATS):
            api.person(number, started=True)
        with opened(folder) as database:
            meet(database, FIRST, CHATS, series=SERIES)
            write(database, confirm)
        with vertti(folder, api, rate=LIMIT):
            api.sent(CHATS, PATIENCE)
            ledger = api.ledger()
    news = sorted(each.at for each in ledger.sent if each.chat_id >= FIRST)
    assert len(news) == CHATS
    rate = (CHATS - 1) / (news[-1] - news[0])
    return rate / LIMIT * 100, float(sum(each.code == 429 for each in ledger.refused))


def confirm(store: Store, hold: timedelta = SOON) -> None:
    """Have an organizer's news wait for its moment."""
    now = moment()
    organizer = store.people.meet(Place("telegram", "7"), language="fi", now=now)
    store.people.set_role(organizer.id, "organizer")
    draft = store.news.draft(
        organizer.id, "Ryhmä kokoontuu tällä viikolla toisessa huoneessa.", SERIES, now=now
    )
    store.news.confirm(draft, public=True, now=now, due=now + hold)
