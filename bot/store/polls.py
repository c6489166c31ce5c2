"""Rounds of polls and their ballots.

While a round is open a ballot lies under a hash of its voter, keyed for this round alone, so that it can be
changed and counted once.  Where a platform lets people edit and take back what they said, it is also kept who voted by
which update: hashes under the same key, which without it lead neither to a person nor to a ballot.  At close only the counts stay:
the rest and the key are overwritten (secure_delete), the log is truncated and the file rewritten, and nothing leads
from a count to a person (T-11, T-12).
"""

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import and_, bindparam, delete, exists, func, or_, select, update

from bot.store import models
from bot.store.hot import Hot
from bot.store.models import from_ms, to_ms
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Row, Store

_ROUND = models.poll_round
_R = _ROUND.c
_BALLOT = models.ballot
_B = _BALLOT.c
_EVENT = models.vote_event
_E = _EVENT.c

KEY_BYTES = 32
HASH_BYTES = 16

_PERSON = models.conversation
_SUBSCRIPTION = models.subscription

_BOOKMARK = models.bookmark

SCRUB = "polls.scrub"  # the bookmark that stands from a close until the file is rewritten

_COLUMNS = (_R.id, _R.poll, _R.opened, _R.closes, _R.closed, _R.inviting, _R.counts)
_GET = Hot(select(*_COLUMNS).where(_R.id == bindparam("which")))
_OPEN = Hot(
    select(*_COLUMNS).where(_R.closed.is_(None), _R.closes > bindparam("moment")).order_by(_R.opened, _R.id)
)
_insert = insert(_BALLOT).values({name: bindparam(name) for name in ("round", "voter", "answer")})
_VOTE = Hot(
    _insert.on_conflict_do_update(index_elements=["round", "voter"], set_={"answer": _insert.excluded.answer})
)
_of_voter = (_E.round == bindparam("in_round"), _E.voter == bindparam("who"))
_SUPERSEDE = Hot(update(_EVENT).where(*_of_voter).values(stands=False))
_event = insert(_EVENT).values({name: bindparam(name) for name in ("round", "voter", "event", "stands")})
_NOTE = Hot(
    _event.on_conflict_do_update(
        index_elements=["round", "voter", "event"], set_={"stands": _event.excluded.stands}
    )
)
_NOTED = Hot(select(_E.stands).where(*_of_voter, _E.event == bindparam("said_by")))
_VOTED = Hot(select(_B.answer).where(_B.round == bindparam("in_round"), _B.voter == bindparam("who")))


@dataclass(frozen=True, slots=True)
class Round:
    """One time that a poll is asked; open while ``closed`` is None and ``closes`` lies ahead."""

    id: int
    poll: str
    opened: datetime
    closes: datetime
    closed: datetime | None
    counts: Mapping[str, int] | None  # by option, None while open
    inviting: int | None = None  # up to this conversation people are invited; None: nobody is left to invite

    def is_open(self, now: datetime) -> bool:
        """May it be answered now?"""
        return self.closed is None and now < self.closes


@dataclass(frozen=True, slots=True)
class Voted:
    """That an update was a vote; what it chose, nobody keeps."""

    round: int
    stands: bool  # is the ballot as this update said it?


class Polls:
    """Rounds and ballots."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._keys: dict[int, bytes] = {}
        self.scrub_wanted = False  # asks the writer to rewrite the file after its next commit

    def open(self, poll: str, occasion: str, *, now: datetime, closes: datetime) -> Round | None:
        """Open a round; None: this occasion has opened one already.  Nobody is invited to it yet."""
        statement = (
            insert(_ROUND)
            .values(
                poll=poll,
                occasion=occasion,
                opened=now,
                closes=closes,
                voter_key=self._store.vault.seal(secrets.token_bytes(KEY_BYTES)),
                inviting=0,
            )
            .on_conflict_do_nothing(index_elements=["occasion"])
            .returning(_R.id)
        )
        identity = self._store.run(statement).scalar_one_or_none()
        self._store.wake()  # people are to be invited
        return None if identity is None else Round(identity, poll, now, closes, None, None, 0)

    def get(self, round_id: int) -> Round | None:
        """Give a round; None: there is none of that number."""
        row = self._store.hot_row(_GET, which=round_id)
        return None if row is None else _round(row)

    def open_rounds(self, now: datetime) -> list[Round]:
        """Give what can be answered now, the oldest first."""
        return [_round(row) for row in self._store.hot_rows(_OPEN, moment=to_ms(now))]

    def latest_closed(self, most: int = 6) -> list[Round]:
        """Give the rounds closed last, newest first."""
        rows = self._store.run(
            select(*_COLUMNS)
            .where(_R.closed.is_not(None))
            .order_by(_R.closed.desc(), _R.id.desc())
            .limit(most)
        )
        return [_round(tuple(_plain(value) for value in row)) for row in rows]

    def vote(
        self, round_id: int, conversation: int, answer: str | None, *, events: Sequence[str] = ()
    ) -> None:
        """Keep an answer, in place of an earlier one; None: would rather not say.

        The caller has seen that the round is open, in this same transaction.  ``events`` are the keys of the updates
        that say so and can be edited or taken back: an edit and what it edits.
        """
        self._store.hot(_VOTE, round=round_id, voter=self._voter(round_id, conversation), answer=answer)
        if not events:
            return
        author = self._author(round_id, conversation)
        self._store.hot(_SUPERSEDE, in_round=round_id, who=author)
        for event in events:
            self._store.hot(
                _NOTE, round=round_id, voter=author, event=self._hash(round_id, f"event {event}"), stands=True
            )

    def voted_by(self, event: str, conversation: int) -> Voted | None:
        """Tell in which round, not closed yet, an update of somebody was a vote; None: in none."""
        for each in self._with_keys():
            row = self._store.hot_row(
                _NOTED,
                in_round=each,
                who=self._author(each, conversation),
                said_by=self._hash(each, f"event {event}"),
            )
            if row is not None:
                return Voted(each, bool(row[0]))
        return None

    def withdraw(self, round_id: int, conversation: int) -> None:
        """Take back somebody's answer of a round that is not closed, as if they had never given one."""
        voter, author = self._voter(round_id, conversation), self._author(round_id, conversation)
        self._store.run(delete(_BALLOT).where(_B.round == round_id, _B.voter == voter))
        self._store.run(delete(_EVENT).where(_E.round == round_id, _E.voter == author))

    def has_voted(self, round_id: int, conversation: int) -> bool:
        """Tell whether somebody has answered (or declined) this round; not what."""
        voter = self._voter(round_id, conversation)
        return self._store.hot_row(_VOTED, in_round=round_id, who=voter) is not None

    def ballots(self, round_id: int) -> int:
        """Count the ballots of an open round; nothing is said of what is in them."""
        statement = select(func.count()).select_from(_BALLOT).where(_B.round == round_id)
        return int(self._store.run(statement).scalar_one())

    def withdraw_all(self, conversation: int) -> None:
        """Take back somebody's answers of all open rounds (`poista_tietoni`)."""
        for each in self._with_keys():
            self.withdraw(each, conversation)

    def due_to_close(self, now: datetime) -> list[Round]:
        """Give the rounds whose time is over and which still stand open."""
        rows = self._store.run(select(*_COLUMNS).where(_R.closed.is_(None), _R.closes <= now))
        return [_round(tuple(_plain(value) for value in row)) for row in rows]

    def next_close(self) -> datetime | None:
        """Give when the next round closes."""
        found: datetime | None = self._store.run(
            select(func.min(_R.closes)).where(_R.closed.is_(None))
        ).scalar_one_or_none()
        return found

    def close(self, round_id: int, *, now: datetime) -> Mapping[str, int]:
        """Count, keep only the counts, destroy the ballots, the events and the key; give the counts by option.

        Once this is committed the writer rewrites the file and empties its log (`Database`), so that no free page
        and no earlier version of one keeps a ballot, or the order in which they came.
        """
        known = self.get(round_id)
        if known is not None and known.counts is not None:
            return known.counts
        rows = self._store.run(
            select(_B.answer, func.count().label("number"))
            .where(_B.round == round_id, _B.answer.is_not(None))
            .group_by(_B.answer)
        )
        counts = {row.answer: int(row.number) for row in rows}
        self._store.run(delete(_BALLOT).where(_B.round == round_id))
        self._store.run(delete(_EVENT).where(_E.round == round_id))
        self._store.run(
            update(_ROUND)
            .where(_R.id == round_id)
            .values(
                closed=now,
                voter_key=None,
                inviting=None,
                counts=orjson.dumps(counts, option=orjson.OPT_SORT_KEYS).decode(),
            )
        )
        self._keys.pop(round_id, None)
        self._store.books.set_bookmark(SCRUB, "wanted")
        self.scrub_wanted = True
        return counts

    def forget_keys(self) -> None:
        """Forget keys in memory: of a round that was undone the next of its number has another."""
        self._keys.clear()

    def needs_scrub(self) -> bool:
        """Tell whether a round was closed since the file was rewritten last."""
        return self._store.books.bookmark(SCRUB) is not None

    def scrubbed(self) -> None:
        """Note that the file is rewritten."""
        self._store.run(delete(_BOOKMARK).where(_BOOKMARK.c.name == SCRUB))
        self.scrub_wanted = False

    # ---- inviting ------------------------------------------------------------------------------------

    def next_to_invite(self) -> datetime | None:
        """Give since when somebody waits to be invited; None: nobody does."""
        found: datetime | None = self._store.run(
            select(func.min(_R.opened)).where(_R.closed.is_(None), _R.inviting.is_not(None))
        ).scalar_one_or_none()
        return found

    def to_invite(self, now: datetime) -> Round | None:
        """Give an open round to which somebody is still to be invited."""
        row = self._store.run(
            select(*_COLUMNS)
            .where(_R.closed.is_(None), _R.inviting.is_not(None), _R.closes > now)
            .order_by(_R.id)
            .limit(1)
        ).first()
        return None if row is None else _round(tuple(_plain(value) for value in row))

    def invited(self, round_id: int, upto: int | None) -> None:
        """Note up to which conversation people are invited; None: all are."""
        self._store.run(update(_ROUND).where(_R.id == round_id).values(inviting=upto))

    def invitees(
        self, series: Sequence[str] | None, *, in_private: bool, after: int, most: int, now: datetime
    ) -> list[tuple[int, str, str]]:
        """Give the next who hear of these series (None: of any), as (conversation, platform, kind), by number.

        ``in_private``: people too, not only groups and channels.
        """
        which = [
            _PERSON.c.id > after,
            _PERSON.c.state == "active",
            or_(_PERSON.c.paused_until.is_(None), _PERSON.c.paused_until <= now),
        ]
        if not in_private:
            which.append(_PERSON.c.kind != "private")
        hears = [_SUBSCRIPTION.c.conversation == _PERSON.c.id]
        if series is not None:
            hears.append(_SUBSCRIPTION.c.series.in_(series))
        rows = self._store.run(
            select(_PERSON.c.id, _PERSON.c.platform, _PERSON.c.kind)
            .where(and_(*which), exists().where(and_(*hears)))
            .order_by(_PERSON.c.id)
            .limit(most)
        )
        return [(row.id, row.platform, row.kind) for row in rows]

    def _with_keys(self) -> Sequence[int]:
        """Give the rounds that are not closed yet."""
        found: Sequence[int] = self._store.run(select(_R.id).where(_R.voter_key.is_not(None))).scalars().all()
        return found

    def _voter(self, round_id: int, conversation: int) -> bytes:
        return self._hash(round_id, str(conversation))

    def _author(self, round_id: int, conversation: int) -> bytes:
        """Give the voter as the author of updates: nobody without the key sees whose ballot is theirs."""
        return self._hash(round_id, f"author {conversation}")

    def _hash(self, round_id: int, text: str) -> bytes:
        key = self._keys.get(round_id)
        if key is None:
            sealed = self._store.run(select(_R.voter_key).where(_R.id == round_id)).scalar_one()
            key = self._keys[round_id] = self._store.vault.open(sealed)
        return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")[:HASH_BYTES]


def _plain(value: Any) -> Any:
    return to_ms(value) if isinstance(value, datetime) else value


def _round(row: "Row") -> Round:
    identity, poll, opened, closes, closed, inviting, counts = row
    return Round(
        identity,
        poll,
        from_ms(opened),
        from_ms(closes),
        None if closed is None else from_ms(closed),
        None if counts is None else orjson.loads(counts),
        inviting,
    )
