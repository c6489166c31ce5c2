"""Who may organize: one-time codes, roles, and the log of what was done."""

import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update
from sqlmodel import col, delete, select

from bot.store import models
from bot.store.records import InviteCode, OrganizerLog, session
from bot.store.vault import code_hash, text_hash

if TYPE_CHECKING:
    from bot.store import Store

_PERSON = models.conversation

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that reads like another
CODE_LENGTH = 12  # 60 bits
VALID_FOR = timedelta(days=7)
TRIES = 5  # wrong codes of one person ...
TRIES_WINDOW = timedelta(hours=1)  # ... in this time; then they wait


class Organizers:
    """Codes that make organizers, and what organizers did."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self._misses: dict[
            int, dict[str, datetime]
        ] = {}  # in memory only: who guesses is nobody's business later

    def may_try(self, conversation: int, *, now: datetime) -> bool:
        """Tell whether somebody may try a code: 60 bits cannot be guessed, but nobody need try for long."""
        tries = self._misses.get(conversation, {})
        return sum(now - at < TRIES_WINDOW for at in tries.values()) < TRIES

    def missed(self, conversation: int, key: str, *, now: datetime) -> None:
        """Remember a wrong code for an hour; ``key`` names what was said, so that a retry counts once."""
        self._misses = {
            who: recent
            for who, tries in self._misses.items()
            if (recent := {each: at for each, at in tries.items() if now - at < TRIES_WINDOW})
        }
        self._misses.setdefault(conversation, {})[key] = now

    def invite(self, *, now: datetime, role: str = "organizer") -> str:
        """Make a one-time code, valid for a week: ABCD-EFGH-JKLM."""
        code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
        with session(self._store) as records:
            records.add(InviteCode(hash=code_hash(code), role=role, expires=now + VALID_FOR))
        return "-".join(code[at : at + 4] for at in range(0, CODE_LENGTH, 4))

    def redeem(self, code: str, *, now: datetime) -> str | None:
        """Give the role that a code stands for and use it up; None: unknown, used or expired."""
        self._store.books.forget_codes(now)
        digest = code_hash("".join(filter(str.isalnum, code)))  # hyphens, or what an editor makes of them
        with session(self._store) as records:
            found = records.get(InviteCode, digest)
            if found is None:
                return None
            records.delete(found)
            return found.role

    def revoke_all(self, *, now: datetime) -> int:
        """Take the role from everybody and void the open codes; give the number of organizers."""
        with session(self._store) as records:
            records.exec(delete(InviteCode))
        taken = self._store.run(select(_PERSON.c.id).where(_PERSON.c.role.is_not(None))).scalars().all()
        for conversation in taken:
            self.revoke(conversation, now=now)
        return len(taken)

    def revoke(self, conversation: int, *, now: datetime) -> None:
        """Take the role from one person, and stop what they have under way, and what they would be asked (T-01)."""
        self._store.run(update(_PERSON).where(_PERSON.c.id == conversation).values(role=None))
        self._store.outbox.drop_notices(conversation)
        self._store.news.stop_of(conversation, now=now)
        self._store.overrides.revoke(conversation, now=now)

    def listing(self) -> list[tuple[str, str]]:
        """Give the organizers as (tag, platform), oldest first; the tag names them in the log and to `revoke_tagged`."""
        return [(self._tag(each.id), each.place.platform) for each in self._store.people.organizers()]

    def revoke_tagged(self, tag: str, *, now: datetime) -> bool:
        """Take the role from the organizer with this tag; False: there is none."""
        found = next((each for each in self._store.people.organizers() if self._tag(each.id) == tag), None)
        if found is None:
            return False
        self.revoke(found.id, now=now)
        return True

    def _tag(self, conversation: int) -> str:
        return self._store.vault.tag(str(conversation))

    def log(
        self,
        conversation: int,
        act: str,
        *,
        now: datetime,
        audience: int | None = None,
        text: str | None = None,
    ) -> None:
        """Append to the log: who by a keyed tag, the text by its hash (T-34)."""
        with session(self._store) as records:
            records.add(
                OrganizerLog(
                    at=now,
                    who=self._tag(conversation),
                    act=act,
                    audience=audience,
                    text_hash=None if text is None else text_hash(text),
                )
            )

    def log_rows(self) -> list[tuple[datetime, str, str, int | None]]:
        """Give the log: when, who, what, to how many; oldest first."""
        with session(self._store) as records:
            rows = records.exec(select(OrganizerLog).order_by(col(OrganizerLog.id)))
            return [(row.at, row.who, row.act, row.audience) for row in rows]

    def log_of(self, conversation: int) -> list[tuple[datetime, str, int | None]]:
        """Give what the log has of one organizer: when, what, to how many; oldest first."""
        which = OrganizerLog.who == self._tag(conversation)
        with session(self._store) as records:
            rows = records.exec(select(OrganizerLog).where(which).order_by(col(OrganizerLog.id)))
            return [(row.at, row.act, row.audience) for row in rows]
