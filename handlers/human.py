"""ihminen: how to reach a person, whether somebody answers now, and 112."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.opening_hours import OpeningHours, is_open
from bot.messages import Phrase, Say, When, say
from bot.router import Call, Router
from handlers.menus import HOME, optional, speaks

router = Router()


@router.command("ihminen")
@router.button("ihminen")
def human(call: Call) -> Say:
    """Give the phone number, the hours and the address, and say whether somebody answers now."""
    known = call.house.content.values(speaks(call))
    return say(
        "human.view",
        HOME,
        tilanne=_state(call) if "puhelin" in known else Phrase("human.come"),
        soita=optional("human.phone", known.get("puhelin", "")),
        ajat=optional("human.hours", known.get("neuvonta_aika", "")),
        tule=optional("human.address", known.get("osoite", "")),
    )


def _state(call: Call) -> Phrase:
    """Say whether somebody answers the phone now, or when next."""
    hours = call.house.content.hours
    if is_open(hours, call.now.astimezone(call.house.zone)):
        return Phrase("human.open")
    following = next_opening(hours, call.now, call.house.zone)
    return Phrase("human.call") if following is None else Phrase("human.closed", {"aika": When(following)})


def next_opening(hours: Iterable[OpeningHours], now: datetime, zone: ZoneInfo) -> datetime | None:
    """Give the next instant, within a week, from which somebody will answer (UTC); None: no hours are known."""
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(8)]
    openings = [
        datetime.combine(day, each.opens, zone).astimezone(UTC)
        for each in hours
        for day in days
        if day.weekday() in each.days
    ]
    return min((opening for opening in openings if opening > now), default=None)
