"""What is kept no longer than promised goes at night (DOMAIN.md, D2)."""

from datetime import time, timedelta
from typing import Final

from bot.router import Router, Tick
from bot.store.models import to_day

router = Router()

AT_NIGHT: Final = time(3, 30)
SEEN: Final = timedelta(days=3)  # no platform repeats an update later than that
DELIVERIES: Final = timedelta(days=14)
NEWS: Final = timedelta(days=14)
PAGES: Final = timedelta(days=14)  # messages that no chat page came for
QUESTIONS: Final = timedelta(days=90)
OCCURRENCES: Final = timedelta(days=60)
OVERRIDES: Final = (
    timedelta(days=400) + OCCURRENCES
)  # as far ahead as dates are known, and as long as they stay


@router.daily(at=AT_NIGHT)
def forget(tick: Tick) -> None:
    """Delete what is old.  The counts of closed polls stay, and the organizers' log for a year."""
    store, now = tick.store, tick.now
    store.books.forget_seen(to_day(now - SEEN))
    store.books.forget_questions(to_day(now - QUESTIONS))
    store.outbox.delete_finished(to_day(now - DELIVERIES))
    store.web.delete_older(to_day(now - PAGES))
    store.news.delete_old(now - NEWS)
    store.dialogues.delete_expired(now)
    store.sign_ups.delete_ended(now)
    store.shared_turns.delete_ended(now)
    store.newcomers.delete_ended(now)
    store.refreshing.delete_ended(now - OCCURRENCES)
    store.overrides.delete_old(now - OVERRIDES)
    store.books.forget_log(now)
    store.books.forget_codes(now)
    store.people.bury(all_of_them=True)
