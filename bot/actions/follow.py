"""What a group or a channel follows: its reminders, its news and its polls are said there."""

from datetime import datetime
from typing import Final

from bot.core.phrases import FORGIVEN_FROM, fold, within_one_edit
from bot.core.series import Series
from bot.i18n import LANGUAGES
from bot.messages import Localized, Phrase, Value
from bot.router import House
from bot.store import Store
from bot.store.people import Conversation
from bot.store.subscriptions import EVERYTHING

ALL_WORDS: Final = frozenset({"kaikki", "kaikkia", "allt", "alla", "all", "everything"})


def may_follow(series: Series, where: Conversation) -> bool:
    """Tell whether a series may be heard of there: in a channel anybody reads along (T-17)."""
    return series.visibility == "public" or where.place.kind == "group"


def offered(house: House, where: Conversation) -> list[Series]:
    """Give the series that can be followed there, in the order of the schedule."""
    return [each for each in house.series.values() if may_follow(each, where)]


def follow(
    store: Store, house: House, where: Conversation, series: str, by: Conversation, *, now: datetime
) -> bool:
    """Begin to follow a series, or everything that is public; False: it is gone, or not for there.

    Everything takes the place of single series, and a single one that of everything.
    """
    known = house.series.get(series)
    if series != EVERYTHING and (known is None or not may_follow(known, where)):
        return False
    before = store.subscriptions.of(where.id)
    store.subscriptions.add(where.id, series)
    if series == EVERYTHING or EVERYTHING in before:
        for other in before.keys() - {series}:  # one by one: what is queued and still followed is kept
            store.subscriptions.remove(where.id, other)
    store.organizers.log(by.id, "follow", now=now)
    return True


def unfollow(store: Store, where: Conversation, by: Conversation, *, now: datetime) -> None:
    """Follow nothing any more."""
    store.subscriptions.remove(where.id)
    store.organizers.log(by.id, "unfollow", now=now)


def followed(store: Store, house: House, where: Conversation) -> Value:
    """Say what is followed there, in words."""
    own = store.subscriptions.of(where.id)
    if not own:
        return Phrase("group.nothing")
    if EVERYTHING in own:
        return Phrase("group.everything")
    return Localized(
        {language: ", ".join(_name(each, house, language) for each in own) for language in LANGUAGES}
    )


def series_named(text: str, house: House) -> str | None:
    """Find the series that was typed, by its id or a name in any language; None: there is none.

    A slip of one letter is forgiven in words of five letters or more, as everywhere.
    """
    said = fold(text)
    if said in ALL_WORDS:
        return EVERYTHING
    names = {fold(name): each.id for each in house.series.values() for name in (each.id, *each.name.values())}
    if said in names:
        return names[said]
    near = {
        series
        for name, series in names.items()
        if min(len(said), len(name)) >= FORGIVEN_FROM and within_one_edit(said, name)
    }
    return near.pop() if len(near) == 1 else None


def _name(series: str, house: House, language: str) -> str:
    known = house.series.get(series)
    if known is None:
        return series
    return known.name.get(language) or known.name.get(house.language) or next(iter(known.name.values()))
