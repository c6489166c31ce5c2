"""polls.yaml: what people are asked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import yaml

from bot.content.fields import Fields, MisreadError, as_choice, as_flag, as_list, as_number, as_shaped
from bot.content.model import SMALLEST_SHOWN, Option, Poll, PollKind
from bot.content.page import Page
from bot.content.words import as_id, as_words, read_words
from bot.core.polls import SMILEYS
from bot.i18n import LANGUAGES

COMMON: Final = (
    "id",
    "type",
    "anonymous",
    "audience",
    "send",
    "closes_after_hours",
    "min_shown",
    "q",
    "thanks",
    "decline",
)
KEYS: Final[Mapping[PollKind, tuple[str, ...]]] = {
    "single": (*COMMON, "options"),
    "smiley5": (*COMMON, "options"),
    "multiple": (*COMMON, "options", "max_choices", "done", "followup"),
    "text": (*COMMON, "max_chars", "warn"),
}
MOST_OPTIONS: Final = 5  # of six buttons; the sixth is "En vastaa"
LONGEST_HOURS: Final = 24 * 366
SMALLEST_NUMBERS: Final = (3, 20)  # DOMAIN.md, E

_as_kind = as_choice({kind: kind for kind in KEYS})
_as_value = as_shaped(r"[a-z0-9_]{1,16}", "at most 16 of a-z, 0-9 and _")


def read_polls(page: Page) -> tuple[Poll, ...]:
    """Read the polls in the order of the file; one that cannot be asked is left out."""
    polls: dict[str, Poll] = {}
    for node in page.items:
        poll = _poll(node, page.misread)
        if poll is None:
            continue
        if poll.id in polls:
            page.misread.append(
                MisreadError(node, f"there is another {poll.id!r}", "Give each poll its own id.")
            )
        polls.setdefault(poll.id, poll)
    return tuple(polls.values())


def _poll(node: yaml.Node, faults: list[MisreadError]) -> Poll | None:
    """Read one poll; None, and all that is wrong with it is noted."""
    every_key = tuple(dict.fromkeys(key for keys in KEYS.values() for key in keys))
    trial: list[MisreadError] = []
    kind = Fields(node, every_key, trial).need("type", _as_kind)
    if kind is None:
        faults += trial
        return None
    fields = Fields(node, KEYS[kind], faults)
    name = fields.need("id", as_id)
    anonymous = fields.need("anonymous", as_flag)
    audience = fields.need("audience", as_list(as_id, faults))
    hours = fields.need("closes_after_hours", as_number(1, LONGEST_HOURS))
    q = read_words(fields, "q", needed=True)
    options = () if kind == "text" else _options(fields, kind)
    never: tuple[str | None, timedelta] = (None, timedelta())
    after, delay = fields.get("send", lambda at: _sending(at, faults), never)
    if name is None or anonymous is None or not audience or hours is None or not q or options is None:
        return None
    return Poll(
        id=name,
        kind=kind,
        anonymous=anonymous,
        audience=audience,
        closes_after=timedelta(hours=hours),
        q=q,
        options=options,
        after_series=after,
        delay=delay,
        min_shown=fields.get("min_shown", as_number(*SMALLEST_NUMBERS), SMALLEST_SHOWN),
        thanks=read_words(fields, "thanks"),
        decline=read_words(fields, "decline", button=True),
        max_choices=fields.get("max_choices", as_number(1, MOST_OPTIONS), None),
        done=read_words(fields, "done", button=True),
        followup=read_words(fields, "followup"),
        max_chars=fields.get("max_chars", as_number(1, 4000), None),
        warn=read_words(fields, "warn"),
    )


def _options(fields: Fields, kind: PollKind) -> tuple[Option, ...] | None:
    """Read the choices; None: the poll cannot be asked with them."""
    found = fields.need("options", as_list(lambda at: _option(at, fields.faults), fields.faults))
    if found is None:
        return None
    options = tuple(option for option in found if option)
    if len(options) < len(found):
        return None
    values = tuple(option.value for option in options)
    if kind == "smiley5" and values != SMILEYS:
        fields.fault("options", "the smileys are not 1 to 5", "Give the five of them, the worst first.")
        return None
    if len(set(values)) < len(values):
        fields.fault("options", "two options have one v", "Give each its own.")
        return None
    if not 2 <= len(options) <= MOST_OPTIONS:  # noqa: PLR2004 - one is no choice
        fields.fault("options", f"there are {len(options)} options", f"Give 2 to {MOST_OPTIONS}.")
        return None
    return options


def _option(node: yaml.Node, faults: list[MisreadError]) -> Option | None:
    fields = Fields(node, ("v", *LANGUAGES), faults)
    value = fields.need("v", _as_value)
    spoken = (
        [pair for pair in node.value if pair[0].value != "v"] if isinstance(node, yaml.MappingNode) else []
    )
    words = as_words(faults, button=True)(yaml.MappingNode(node.tag, spoken, node.start_mark, node.end_mark))
    return Option(value, words) if value and words else None


def _sending(node: yaml.Node, faults: list[MisreadError]) -> tuple[str | None, timedelta]:
    """Read after which series a poll is sent, and how long after the end of a meeting."""
    fields = Fields(node, ("after_event", "delay_minutes"), faults)
    minutes = fields.get("delay_minutes", as_number(0, 7 * 24 * 60), 0)
    return fields.need("after_event", as_id), timedelta(minutes=minutes)
