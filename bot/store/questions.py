"""What people asked and nobody could answer, kept for editors: the words, without who asked and without order."""

from typing import TYPE_CHECKING

from sqlmodel import col, select

from bot.store.records import OpenQuestion, session

if TYPE_CHECKING:
    from bot.store import Store


class Questions:
    """The questions kept for editors."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def keep(self, identity: str, language: str, text: str, day: int) -> bool:
        """Keep a question, once; False: these words are kept already.

        ``identity`` is random, so that no order remains.
        """
        with session(self._store) as records:
            if records.exec(select(OpenQuestion.id).where(OpenQuestion.text == text).limit(1)).first():
                return False
            records.add(OpenQuestion(id=identity, language=language, text=text, day=day))
            return True

    def all(self) -> list[tuple[str, str]]:
        """Give the questions as (language, text), in no order of time."""
        with session(self._store) as records:
            rows = records.exec(select(OpenQuestion).order_by(col(OpenQuestion.id)))
            return [(row.language, row.text) for row in rows]

    def after(self, identity: str) -> tuple[str, str] | None:
        """Give the question that follows, as (identity, text), in no order of time; None: it was the last.

        What follows "" is the first.
        """
        following = select(OpenQuestion).where(OpenQuestion.id > identity).order_by(col(OpenQuestion.id))
        with session(self._store) as records:
            row = records.exec(following.limit(1)).first()
            return None if row is None else (row.id, row.text)

    def drop(self, identity: str) -> None:
        """Delete a question, if it is there."""
        with session(self._store) as records:
            found = records.get(OpenQuestion, identity)
            if found is not None:
                records.delete(found)
