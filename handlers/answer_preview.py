"""What is typed under a change that is shown, instead of a yes or a no: another time, or something else."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from bot.actions.word_misread import why_unclear
from bot.core.typed_times import typed_time
from bot.messages import Lane, Say
from bot.router import Ask, Call, Router
from handlers import add_date, move_date
from handlers.change_schedule import PREVIEW, another_wanted, not_understood, preview
from handlers.choose_date import DAYS

router = Router()

ANOTHER_TIME: Final = {"move": move_date.at_another_time, "add": add_date.at_another_time}
SEEN: Final = timedelta(hours=1)  # after it nobody is asked for a yes without the whole preview (decision 32)


@router.answer(PREVIEW, organizers=True, yields_to_any=True, keeps=DAYS)
def typed_instead(call: Call) -> Sequence[Say | Ask] | Ask:
    """Take another time; else say that it was not understood, or show all again to who may have it no more in sight."""
    text, zone = call.text, call.house.zone
    take = ANOTHER_TIME.get(call.state["act"])
    typed = typed_time(text, today=call.now.astimezone(zone).date())
    if take is not None and typed is not None:
        return take(call, typed)
    why = None if take is None else why_unclear(text, now=call.now, zone=zone)
    if why is not None:
        return another_wanted(call.state, why)
    if not _is_in_sight(call):
        return preview(call, call.state)
    return not_understood(call.state)


def _is_in_sight(call: Call) -> bool:
    """Tell whether the preview was the last thing said, and not long ago."""
    last = call.store.outbox.said_last(call.conversation.id, now=call.now)
    return last is not None and last[0] is Lane.REPLY and call.now - last[1] <= SEEN
