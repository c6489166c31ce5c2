"""faq.yaml: what is often asked, and the answers."""

from collections.abc import Container
from typing import Final

import yaml

from bot.content.fields import Fields, MisreadError, as_flag, as_list, as_named, as_text, short
from bot.content.model import FaqEntry, Topic, placeholders
from bot.content.page import Page
from bot.content.words import as_id, as_placeholder, as_texts, read_words
from bot.core.phrases import fold

TOP: Final = ("topics", "questions")
TOPIC: Final = ("id", "name")
ENTRY: Final = (
    "id",
    "topic",
    "short",
    "q",
    "a",
    "without_fill",
    "phrasings",
    "next_times",
    "basis",  # what the answer rests on: for the reader of the file
    "fill",
    "priority",
)
EMERGENCY_NUMBER: Final = "112"


def read_faq(page: Page) -> tuple[tuple[Topic, ...], tuple[FaqEntry, ...]]:
    """Read topics and questions in the order of the file; one that cannot be shown is left out."""
    topics: tuple[Topic | None, ...] = ()
    if page.top is not None:
        fields = Fields(page.top, TOP, page.misread)
        topics = fields.need("topics", as_list(lambda node: _topic(node, page.misread), page.misread)) or ()
    known = tuple({topic.id: topic for topic in topics if topic}.values())
    # Where the topics cannot be read, that is said once and not again at each question.
    reading = _Reading(page, None if page.top is None else frozenset(topic.id for topic in known))
    return known, tuple(entry for node in page.items if (entry := reading.entry(node)))


def _topic(node: yaml.Node, faults: list[MisreadError]) -> Topic | None:
    fields = Fields(node, TOPIC, faults)
    name, words = fields.need("id", as_id), read_words(fields, "name", needed=True, button=True)
    return Topic(name, words) if name and words else None


class _Reading:
    """What has been seen of the questions so far."""

    def __init__(self, page: Page, topics: Container[str] | None) -> None:
        self._faults = page.misread
        self._topics = topics
        self._ids: set[str] = set()
        self._asked: dict[tuple[str, str], str] = {}  # language and question as compared -> entry
        self._emergency: str | None = None

    def entry(self, node: yaml.Node) -> FaqEntry | None:
        """Read one question with its answer."""
        fields = Fields(node, ENTRY, self._faults)
        name = fields.need("id", as_id)
        entry = FaqEntry(
            id=name or "",
            topic=fields.need("topic", as_id) or "",
            short=read_words(fields, "short", needed=True, button=True),
            q=read_words(fields, "q", needed=True),
            a=read_words(fields, "a", needed=True),
            without_fill=read_words(fields, "without_fill"),
            phrasings=fields.need("phrasings", as_texts(self._faults)) or {},
            next_times=fields.get("next_times", as_named(as_placeholder, as_id, self._faults), {}),
            fill=fields.get("fill", as_list(as_text, self._faults), ()),
            priority=fields.get("priority", as_flag, default=False),
        )
        if entry.topic and self._topics is not None and entry.topic not in self._topics:
            fields.fault("topic", f"there is no topic {entry.topic!r}", "Add it to topics.")
        for unused in entry.next_times.keys() - placeholders(entry.a):
            mend = f"Write {{{{{unused}}}}} in it, or remove it."
            fields.fault("next_times", f"{unused!r} is not in the answer", mend)
        if entry.priority:
            self._check_emergency(fields, entry)
        if name in self._ids:
            fields.fault("id", f"there is another {name!r}", "Give each question its own id.")
            return None
        if not (name and entry.short and entry.q and entry.a):
            return None
        self._ids.add(name)
        self._check_asked(fields, entry)
        return entry

    def _check_asked(self, fields: Fields, entry: FaqEntry) -> None:
        """Find phrasings that ask for another answer too: neither would be found by them."""
        for language, texts in entry.phrasings.items():
            for text in (entry.q.get(language, ""), *texts):
                other = self._asked.setdefault((language, fold(text)), entry.id)
                if other != entry.id:
                    fields.fault(
                        "phrasings", f"{short(text)} is asked for in {other!r} too", "Remove one of them."
                    )

    def _check_emergency(self, fields: Fields, entry: FaqEntry) -> None:
        """See that the emergency answer can always be sent, and says where to call (T-39)."""
        if self._emergency:
            fields.fault(
                "priority", f"{self._emergency!r} has priority too", "There is one emergency answer."
            )
        self._emergency = entry.id
        if placeholders(entry.a) and not entry.without_fill:
            fields.fault(
                "without_fill", "'without_fill' is missing", "Add the answer without the placeholder."
            )
        for key, words in (("a", entry.a), ("without_fill", entry.without_fill)):
            if any(EMERGENCY_NUMBER not in text for text in words.values()):
                fields.fault(
                    key, f"it does not say {EMERGENCY_NUMBER}", f"Tell people to call {EMERGENCY_NUMBER}."
                )
