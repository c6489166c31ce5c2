"""ihminen: how to reach a person, whether somebody answers now, and whom to call when nobody does."""

from collections.abc import Container
from datetime import date

from bot.core.opening_hours import FARTHEST, is_off_for_a_holiday, is_open, next_opening
from bot.core.recurrence import DAY
from bot.messages import Phrase, Say, When, say
from bot.router import Call, Router
from handlers.menus import HOME, optional, speaks

router = Router()


@router.command("ihminen")
@router.button("ihminen")
def human(call: Call) -> Say:
    """Give the phone number, the hours and the address, and say whether somebody answers now."""
    known = call.house.content.values(speaks(call))
    local = call.now.astimezone(call.house.zone)
    holidays = _holidays(local.date())
    answered = is_open(call.house.content.hours, local, holidays=holidays)
    return say(
        "human.view",
        HOME,
        tilanne=_state(call, local.date(), holidays, answered=answered, phone="puhelin" in known),
        soita=optional("human.phone", known.get("puhelin", "")),
        ajat=optional("human.hours", known.get("neuvonta_aika", "")),
        tule=optional("human.address", known.get("osoite", "")),
        kiire="" if answered else optional("human.urgent", known.get("sosiaalipaivystys", "")),
    )


def _state(call: Call, today: date, holidays: Container[date], *, answered: bool, phone: bool) -> Phrase:
    """Say whether somebody answers now, or when next."""
    hours = call.house.content.hours
    following = next_opening(hours, call.now, call.house.zone, holidays=holidays)
    if following is not None and is_off_for_a_holiday(hours, today, holidays=holidays):
        return Phrase("human.holiday", {"aika": When(following)})
    if not phone:
        return Phrase("human.come")
    if answered:
        return Phrase("human.open")
    return Phrase("human.call") if following is None else Phrase("human.closed", {"aika": When(following)})


def _holidays(today: date) -> frozenset[date]:
    """Give the holidays that count in this answer: of this year and, at its end, of the next."""
    from bot.content.public_holidays import finnish_holidays  # noqa: PLC0415 - megabytes, for who asks only

    return frozenset().union(*map(finnish_holidays, {today.year, (today + FARTHEST * DAY).year}))
