"""Houses that differ from the sample in one thing, and events that the sample does not have."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

from bot.core.occurrences import Occurrence
from bot.furnishing import furnish
from bot.settings import Settings
from tests.support import CONTENT, Chat

HOME = "Alkuun"  # as the sample content has them
BACK = "Takaisin"


def chat_with(folder: Path, file: str, *changes: tuple[str, str]) -> Chat:
    """A chat in a house whose content differs from the sample: in one file, each (old, new) is changed."""
    content = folder / "content"
    shutil.copytree(CONTENT, content)
    text = (content / file).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (content / file).write_text(text, encoding="utf-8")
    return Chat(furnish(Settings(content_dir=content, _env_file=None)))


def plan(chat: Chat, *occurrences: Occurrence) -> None:
    """Put events into the calendar beside the sample's."""
    with chat.transaction() as store:
        store.refreshing.refresh("test", occurrences, lambda _: (), now=chat.now)


def empty_calendar(chat: Chat) -> None:
    """Leave nothing planned."""
    with chat.transaction() as store:
        store.refreshing.drop_sources(["none"], now=chat.now)


def event(name: str, start: datetime, **values: object) -> Occurrence:
    """An hour of something, once."""
    end = values.pop("end", start + timedelta(hours=1))
    title = {"fi": name} if name else {}
    return Occurrence(uid=name, recurrence_id=None, start=start, end=end, title=title, **values)


def subscriptions(chat: Chat, who: str) -> dict[str, int]:
    """Of what somebody is reminded."""
    with chat.transaction() as store:
        return store.subscriptions.of(store.people.find(chat.place(who)).id)
