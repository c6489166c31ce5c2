"""Calendar feeds: the secret addresses that people gave to their phones, and the dates that stand behind them."""

import base64
import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, and_, delete, or_, select, update

from bot.store import models, schedule_models
from bot.store.calendar import Kept, kept_of
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.calendar_feed
_F = _TABLE.c
_DATE = schedule_models.occurrence
_D = _DATE.c
_SUBSCRIPTION = models.subscription.c
_SIGN_UP = schedule_models.sign_up.c
_TURN = schedule_models.shared_turn.c
_AREA = schedule_models.chosen_area.c

Window = tuple[datetime, datetime]  # from the first instant until before the second, UTC

# Of chance, by which a feed is found; in the address the proof follows, 128 bits that only the key can make.
NUMBER_BYTES: Final = 9


@dataclass(frozen=True, slots=True)
class Feed:
    """Somebody's calendar feed.  Its titles name the groups only where it is ``named`` (T-02)."""

    conversation: int
    named: bool
    number: bytes


@dataclass(frozen=True, slots=True)
class Dated:
    """A date with what calendar programs want to know: how often it changed (SEQUENCE), and when it last did."""

    kept: Kept
    sequence: int
    changed: datetime | None


class Feeds:
    """The feeds.  The database holds their numbers only: without the key file these open nothing."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    # ---- addresses ---------------------------------------------------------------------------------

    def of(self, conversation: int) -> Feed | None:
        """Give somebody's feed; None: they have none."""
        return self._first(_F.conversation == conversation)

    def make(self, conversation: int, *, named: bool) -> Feed:
        """Give somebody a new address; an earlier one leads nowhere from then on."""
        number = secrets.token_bytes(NUMBER_BYTES)
        statement = insert(_TABLE).values(conversation=conversation, secret=number, named=named)
        again = statement.on_conflict_do_update(
            index_elements=["conversation"],
            set_={"secret": statement.excluded.secret, "named": statement.excluded.named},
        )
        self._store.run(again)
        return Feed(conversation, named, number)

    def set_named(self, conversation: int, *, named: bool) -> None:
        """Let the titles name the groups, or not."""
        self._store.run(update(_TABLE).where(_F.conversation == conversation).values(named=named))

    def revoke(self, conversation: int) -> None:
        """Let somebody's address lead nowhere."""
        self._store.run(delete(_TABLE).where(_F.conversation == conversation))

    def token(self, feed: Feed) -> str:
        """Give the secret part of a feed's address, 34 characters of base64url."""
        return self._token(feed.number)

    def find(self, token: str) -> Feed | None:
        """Give the feed behind the secret part of an address; None: there is none, or no longer."""
        try:
            opened = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        number = opened[:NUMBER_BYTES]
        if not hmac.compare_digest(token.encode(), self._token(number).encode()):
            return None
        leaving = select(models.conversation.c.id).where(models.conversation.c.state == "leaving")
        return self._first(and_(_F.secret == number, _F.conversation.not_in(leaving)))

    def _token(self, number: bytes) -> str:
        proof = self._store.vault.lookup("calendar feed", number.hex())
        return base64.urlsafe_b64encode(number + proof).decode().rstrip("=")

    def _first(self, which: ColumnElement[bool]) -> Feed | None:
        row = self._store.run(select(_TABLE).where(which)).first()
        return None if row is None else Feed(row.conversation, row.named, row.secret)

    # ---- dates ---------------------------------------------------------------------------------------

    def programme(self, window: Window, *, turns: Collection[str]) -> list[Dated]:
        """Give the dates that anybody may come to, by start, of which any part lies inside a window.

        ``turns`` are the series whose dates are shared turns: these are for their takers alone.
        """
        return self._dates(and_(_D.visibility == "public", _not_in(turns)), window)

    def own(self, conversation: int, window: Window, *, turns: Collection[str]) -> list[Dated]:
        """Give the dates of the series that somebody hears of, and those they have a place or a turn at.

        Who hears of no series gets the programme of their areas.
        """
        heard = [*self._store.subscriptions.of(conversation)]
        taken = or_(
            _D.id.in_(
                select(_SIGN_UP.occurrence).where(
                    _SIGN_UP.conversation == conversation, _SIGN_UP.state == "coming"
                )
            ),
            _D.id.in_(select(_TURN.occurrence).where(_TURN.conversation == conversation)),
        )
        areas = [
            row.area for row in self._store.run(select(_AREA.area).where(_AREA.conversation == conversation))
        ]
        here = or_(_D.area.is_(None), _D.area.in_(areas)) if areas else _D.id.is_not(None)
        chosen = _D.series.in_(heard) if heard else _D.visibility == "public"
        return self._dates(or_(taken, and_(chosen, here, _not_in(turns))), window)

    def one(self, occurrence: int) -> Dated | None:
        """Give one date by its number; None: it is gone from the schedule."""
        row = self._store.run(select(_DATE).where(_D.id == occurrence)).first()
        return None if row is None else _dated(row)

    def _dates(self, which: ColumnElement[bool], window: Window) -> list[Dated]:
        after, until = window
        statement = (
            select(_DATE)
            .where(_D.kind == "event", _D.visibility != "staff", _D.end > after, _D.start < until, which)
            .order_by(_D.start, _D.id)
        )
        return [_dated(row) for row in self._store.run(statement)]


def _not_in(series: Collection[str]) -> ColumnElement[bool]:
    return or_(_D.series.is_(None), _D.series.not_in(series))


def _dated(row: Any) -> Dated:
    return Dated(kept_of(row), row.sequence, row.changed)
