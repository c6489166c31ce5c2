"""Conversations: a person's private chat, a group, a channel.  No names."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, cast

from sqlalchemy import and_, bindparam, delete, exists, func, insert, literal_column, select, update

from bot.messages import ConversationKind, Place
from bot.store import models, schedule_models
from bot.store.hot import Hot
from bot.store.models import from_ms, to_day

if TYPE_CHECKING:
    from bot.store import Row, Store

_T = models.conversation.c
_TABLE = models.conversation

COLUMNS = (
    _T.id,
    _T.kind,
    _T.platform,
    _T.language,
    _T.named,
    _T.role,
    _T.state,
    _T.reason,
    _T.paused_until,
    _T.last_seen,
)

_FIND = Hot(select(*COLUMNS).where(_T.lookup == bindparam("lookup")))
_GET = Hot(select(*COLUMNS, _T.address).where(_T.id == bindparam("conversation")))
_ADD = Hot(
    insert(_TABLE)
    .values(
        {
            name: bindparam(name)
            for name in (
                "platform",
                "kind",
                "lookup",
                "address",
                "language",
                "named",
                "state",
                "consented",
                "last_seen",
            )
        }
    )
    .returning(_T.id)
)
_TOUCH = Hot(
    update(_TABLE)
    .where(_T.id == bindparam("conversation"))
    .values(last_seen=bindparam("today"), state="active", reason=None)
)

_OUTBOX = models.outbox
_WEB = models.web_message
_BELONGINGS = (
    models.subscription,
    models.dialogue,
    models.broadcast_audience,
    schedule_models.sign_up,
    schedule_models.shared_turn,
    schedule_models.newcomer,
    schedule_models.chosen_area,
    schedule_models.calendar_feed,
    _WEB,
)
_BURY = Hot(
    delete(_TABLE).where(
        _T.state == literal_column("'leaving'"),
        ~exists().where(
            _OUTBOX.c.conversation == _T.id, _OUTBOX.c.state.in_((literal_column("0"), literal_column("1")))
        ),
        ~exists().where(_WEB.c.conversation == _T.id),
    )
)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What is known of one conversation.  ``id`` is ours and means nothing elsewhere."""

    id: int
    place: Place
    language: str | None  # None: never chosen
    named: bool  # may a push name the group?
    role: Literal["organizer"] | None = None
    state: Literal["active", "silent", "leaving"] = "active"
    reason: str | None = None  # of silence: blocked, kicked ...
    paused_until: datetime | None = None
    last_seen: int = field(default=0, repr=False)  # a day

    @property
    def private(self) -> bool:
        """Is this one person's own chat?"""
        return self.place.kind == "private"


class People:
    """Who talks with Vertti, and how they want to be talked to."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._changed: set[int] = set()

    def refreshed(self, conversation: Conversation) -> Conversation:
        """Give the conversation as it is now: the same value unless something was set since."""
        if conversation.id not in self._changed:
            return conversation
        self._changed.discard(conversation.id)
        return self.get(conversation.id) or conversation

    def meet(self, place: Place, *, language: str | None, now: datetime) -> Conversation:
        """Find the conversation at a place, or begin one; whoever writes is no longer silent.

        The day that is kept is the one of ``now`` in its own zone.
        """
        today = to_day(now.replace(tzinfo=UTC))
        known = self.find(place)
        if known is None:
            return self._add(place, language, today)
        if known.state == "leaving":  # erased, and back before the goodbye is said: nothing of before counts
            self._set(known.id, state="active", language=language, consented=today, last_seen=today)
            return replace(known, state="active", language=language, last_seen=today)
        if known.last_seen != today or known.state != "active":
            self._store.hot(_TOUCH, conversation=known.id, today=today)
            return replace(known, last_seen=today, state="active", reason=None)
        return known

    def find(self, place: Place) -> Conversation | None:
        """Find the conversation at a place; None: never met, or erased."""
        row = self._store.hot_row(_FIND, lookup=self._store.vault.lookup(place.platform, place.address))
        return None if row is None else _conversation(row, place.address)

    def get(self, conversation: int) -> Conversation | None:
        """Give a conversation with its address opened; None: erased since."""
        row = self._store.hot_row(_GET, conversation=conversation)
        return None if row is None else _conversation(row, self._store.vault.open(row[-1]).decode())

    def organizers(self) -> list[Conversation]:
        """Give the private chats of all organizers, oldest first."""
        rows = self._store.run(
            select(_T.id).where(_T.role == "organizer", _T.kind == "private").order_by(_T.id)
        )
        found = [self.get(row.id) for row in rows.all()]
        return [each for each in found if each is not None]

    def groups(self, platform: str) -> list[Conversation]:
        """Give the groups and channels of a platform that Vertti is in, oldest first."""
        rows = self._store.run(
            select(_T.id)
            .where(_T.platform == platform, _T.kind != "private", _T.state == "active")
            .order_by(_T.id)
        )
        found = [self.get(row.id) for row in rows.all()]
        return [each for each in found if each is not None]

    def set_language(self, conversation: int, language: str) -> None:
        """Speak this language from now on."""
        self._set(conversation, language=language)

    def set_named(self, conversation: int, *, named: bool) -> None:
        """Let a push name the group, or not."""
        self._set(conversation, named=named)
        self._store.outbox.look_again(conversation)

    def pause(self, conversation: int, until: datetime | None) -> None:
        """Send no reminders until then; None ends a pause."""
        self._set(conversation, paused_until=until)
        self._store.outbox.look_again(conversation)

    def set_role(self, conversation: int, role: Literal["organizer"] | None) -> None:
        """Give or take a role."""
        self._set(conversation, role=role)

    def silence(self, conversation: int, reason: str) -> None:
        """Push nothing there until something comes from there.  Who is leaving is gone all the same."""
        self._changed.add(conversation)
        here = and_(_T.id == conversation, _T.state != "leaving")
        self._store.run(update(_TABLE).where(here).values(state="silent", reason=reason))
        self._store.unsettled.cannot_answer(conversation)

    def move(self, conversation: int, address: str) -> None:
        """Follow a group to its new address; if Vertti already met it there, that one wins."""
        old = self.get(conversation)
        if old is None:
            return
        target = self.find(Place(old.place.platform, address, old.place.kind))
        if target is not None and target.id != conversation:
            self._store.subscriptions.copy(conversation, target.id)
            self._store.outbox.readdress(conversation, target.id)
            self._store.news.readdress(conversation, target.id)
            self._store.run(delete(_TABLE).where(_T.id == conversation))
            return
        vault = self._store.vault
        self._set(
            conversation,
            lookup=vault.lookup(old.place.platform, address),
            address=vault.seal(address.encode()),
            state="active",
            reason=None,
        )

    def forget(self, conversation: int) -> None:
        """Erase a conversation and all that hangs on it, queued messages too (T-38).

        What is left is a place, and the language, to say goodbye in; `bury` removes it as soon as that is said.
        """
        self._store.polls.withdraw_all(conversation)
        self._store.news.forget(conversation)
        self._store.outbox.drop_everything(conversation)
        self._store.unsettled.leaves(conversation)
        for table in _BELONGINGS:
            self._store.run(delete(table).where(table.c.conversation == conversation))
        self._set(
            conversation,
            state="leaving",
            named=False,
            role=None,
            reason=None,
            paused_until=None,
        )

    def bury(self, *, all_of_them: bool = False) -> None:
        """Remove those who are leaving and to whom nothing is left to say; or all, said or not."""
        self._store.outbox.flush()  # a goodbye of this same transaction counts as not said
        if all_of_them:
            self._store.run(delete(_TABLE).where(_T.state == "leaving"))
        else:
            self._store.hot(_BURY)

    def check_key(self) -> None:
        """See that the key opens what is kept.

        Raises:
            SetupError: it does not.
        """
        sealed = self._store.run(select(_T.address).limit(1)).scalar_one_or_none()
        if sealed is not None:
            self._store.vault.open(sealed)

    def count(self) -> int:
        """Count the conversations."""
        return int(self._store.run(select(func.count()).select_from(_TABLE)).scalar_one())

    def kept_about(self, conversation: int) -> dict[str, Any]:
        """Give the row as plain values, for `tietoni`; the address opened, days as ISO dates."""
        known = self.get(conversation)
        row = self._store.run(select(_T.consented, _T.last_seen).where(_T.id == conversation)).one()
        if known is None:  # pragma: no cover - the row above would have raised
            return {}
        return {
            "platform": known.place.platform,
            "address": known.place.address,
            "language": known.language,
            "named": known.named,
            "role": known.role,
            "paused_until": None if known.paused_until is None else known.paused_until.isoformat(),
            "since": from_ms(row.consented * 86_400_000).date().isoformat(),
            "last_seen": from_ms(row.last_seen * 86_400_000).date().isoformat(),
        }

    def _add(self, place: Place, language: str | None, today: int) -> Conversation:
        vault = self._store.vault
        row = self._store.hot_row(
            _ADD,
            platform=place.platform,
            kind=place.kind,
            lookup=vault.lookup(place.platform, place.address),
            address=vault.seal(place.address.encode()),
            language=language,
            named=False,
            state="active",
            consented=today,
            last_seen=today,
        )
        assert row is not None
        return Conversation(row[0], place, language, named=False, last_seen=today)

    def _set(self, conversation: int, **values: Any) -> None:
        self._changed.add(conversation)
        self._store.run(update(_TABLE).where(_T.id == conversation).values(**values))


def _conversation(row: "Row", address: str) -> Conversation:
    identity, kind, platform, language, named, role, state, reason, paused, last_seen = row[:10]
    return Conversation(
        identity,
        Place(platform, address, cast("ConversationKind", kind)),
        language,
        bool(named),
        role,
        state,
        reason,
        None if paused is None else from_ms(paused),
        last_seen,
    )
