"""tauko, as organizers mean it: a series, or everything, is not held from one day to another."""

from collections.abc import Mapping, Sequence
from datetime import date

from bot.core.recurrence import DAY, midnight
from bot.core.typed_times import typed_days
from bot.messages import Say, Value, When, button, say
from bot.router import Ask, Call, Router
from handlers.change_schedule import MENU, preview_or_ask
from handlers.choose_date import DAYS
from handlers.menus import HOME, back, page, page_number, series_button

router = Router()


@router.button("break", organizers=True)
def of_what(call: Call) -> Ask:
    """Ask what pauses; on another page of the answers, days that were typed are kept."""
    return _ask_what(call, _typed_days(call) if call.arguments else {})


@router.answer("break.of_what", organizers=True, yields_to_any=True, keeps=DAYS)
def days_first(call: Call) -> Sequence[Say | Ask] | Ask:
    """Take the days before it is said what pauses; where there is one series it does."""
    span = _span(call)
    if span is None:
        return _ask_what(call, call.state, "break.not_understood")
    ahead = _series_ahead(call)
    return _preview(call, ahead[0], span) if len(ahead) == 1 else _ask_what(call, span)


@router.button("break.of", organizers=True)
def ask_days(call: Call) -> Sequence[Say | Ask] | Ask:
    """Ask for the days, unless they were typed before."""
    series = call.arguments[0] if call.arguments else None
    span = _typed_days(call)
    return _preview(call, series, span) if span else _ask(series, "break.days")


@router.answer("break.days", organizers=True, yields=True, keeps=DAYS)
def days(call: Call) -> Sequence[Say | Ask] | Ask:
    """Take the first day and the last."""
    span = _span(call)
    series = call.state["series"]
    return _ask(series, "break.unclear") if span is None else _preview(call, series, span)


def _preview(call: Call, series: str | None, span: Mapping[str, str]) -> Sequence[Say | Ask]:
    return preview_or_ask(call, {"act": "break", "series": series, **span}, _ask(series, "break.days"))


def _span(call: Call) -> Mapping[str, str] | None:
    """Read the first day and the last; None: they are none."""
    span = typed_days(call.text, today=call.now.astimezone(call.house.zone).date())
    return None if span is None else {"first": span[0].isoformat(), "last": span[1].isoformat()}


def _typed_days(call: Call) -> Mapping[str, str]:
    """Give the days that were typed while it was asked what pauses; empty: none."""
    asked = call.store.dialogues.of(call.conversation.id, now=call.now)
    return asked.state if asked.question == "break.of_what" else {}


def _series_ahead(call: Call) -> list[str]:
    ahead = call.store.calendar.series_ahead(call.now)
    return [each for each in call.house.series if each in ahead]


def _ask_what(call: Call, span: Mapping[str, str], key: str = "break.of_what") -> Ask:
    buttons = [
        button("break.everything", "break.of"),
        *(series_button(each, call.house, "break.of") for each in _series_ahead(call)),
    ]
    more = button("button.more", "break")
    shown = page(buttons, page_number(call), more=more, way_back=back(MENU, means="no"))
    return Ask(say(key, *shown, aika=_days(span, call)), "break.of_what", span)


def _days(span: Mapping[str, str], call: Call) -> Value:
    """Say which days were typed; empty: none were."""
    if not span:
        return ""
    first, last = (date.fromisoformat(span[each]) for each in ("first", "last"))
    return When(midnight(first, call.house.zone), midnight(last + DAY, call.house.zone), all_day=True)


def _ask(series: str | None, key: str) -> Ask:
    return Ask(say(key, back("break", means="no"), HOME), "break.days", {"series": series})
