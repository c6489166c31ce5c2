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
    """Give the phone number and the address, and say when somebody answers."""
    known = call.house.content.values(speaks(call))
    return say(
        "human.view",
        HOME,
        tilanne=_state(call) if "puhelin" in known else Phrase("human.come"),
        soita=optional("human.phone", known.get("puhelin", "")),
        tule=optional("human.address", known.get("osoite", "")),
    )


def _state(call: Call) -> Phrase:
    """Say whether somebody answers the phone now, or when next."""
    hours = call.house.content.hours
    if is_open(hours, call.now.astimezone(call.house.zone)):
        return Phrase("human.open")
    following = next_opening(hours, call.now, call.house.zone)
    return Phrase("human.call") if following is None else Phrase("human.closed", {"aika": following})


def next_opening(hours: Iterable[OpeningHours], now: datetime, zone: ZoneInfo) -> When | None:
    """Give the next hours, within a week, in which somebody will answer; None: none are known."""
    today = now.astimezone(zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(8)]
    spans = [
        (datetime.combine(day, each.opens, zone), datetime.combine(day, each.closes, zone))
        for each in hours
        for day in days
        if day.weekday() in each.days
    ]
    following = min((span for span in spans if span[0] > now), default=None)
    return None if following is None else When(following[0].astimezone(UTC), following[1].astimezone(UTC))
