"""tauko, as organizers mean it: a series, or everything, is not held from one day to another."""

from collections.abc import Sequence

from bot.core.typed_times import typed_days
from bot.messages import Say, button, say
from bot.router import Ask, Call, Router
from handlers.change_schedule import MENU, preview_or_ask
from handlers.choose_date import DAYS
from handlers.menus import HOME, back, page, page_number, series_button

router = Router()


@router.button("break", organizers=True)
def of_what(call: Call) -> Say:
    """Ask what pauses."""
    ahead = call.store.calendar.series_ahead(call.now)
    buttons = [
        button("break.everything", "break.of"),
        *(series_button(each, call.house, "break.of") for each in call.house.series if each in ahead),
    ]
    more = button("button.more", "break")
    return say("break.of_what", *page(buttons, page_number(call), more=more, way_back=back(MENU, means="no")))


@router.button("break.of", organizers=True)
def ask_days(call: Call) -> Ask:
    """Ask for the days."""
    return _ask(call.arguments[0] if call.arguments else None, "break.days")


@router.answer("break.days", organizers=True, yields=True, keeps=DAYS)
def days(call: Call) -> Sequence[Say | Ask] | Ask:
    """Take the first day and the last."""
    span = typed_days(call.text, today=call.now.astimezone(call.house.zone).date())
    series = call.state["series"]
    if span is None:
        return _ask(series, "break.unclear")
    first, last = span
    proposal = {"act": "break", "series": series, "first": first.isoformat(), "last": last.isoformat()}
    return preview_or_ask(call, proposal, _ask(series, "break.days"))


def _ask(series: str | None, key: str) -> Ask:
    return Ask(say(key, back("break", means="no"), HOME), "break.days", {"series": series})
