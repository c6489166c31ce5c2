"""The join poster: what Vertti is, and how to find it on a phone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from bot.posters.drawing import TEMPLATES
from bot.posters.sheets import Sheet, speaker
from bot.router import House

Way = Literal["web", "telegram", "matrix"]

WAYS: Final[tuple[Way, ...]] = ("web", "telegram", "matrix")
"""The page first: it needs no account."""


def join_poster(house: House, language: str, *, ways: Mapping[Way, str], now: datetime) -> Sheet:
    """Make the poster; ``ways`` are the addresses behind its codes, and those that are not there have none."""
    words = speaker(house, language, now)
    found = [way for way in WAYS if ways.get(way)]
    heading = words.say("poster.join.title")
    given = {
        "language": language,
        "title": " ".join(heading.split()),
        "organization": words.organization,
        "heading": heading,
        "lead": words.say("poster.join.lead"),
        "steps": [
            words.say("poster.join.find" if found else "poster.join.find_out"),
            words.say("poster.join.begin"),
            words.say("poster.join.choose"),
        ],
        "ways": [
            {
                "name": words.say(f"poster.join.{way}"),
                "note": words.say(f"poster.join.{way}.note"),
                "code": words.code(ways[way]),
            }
            for way in found
        ],
        "promises": [words.say("poster.join.name"), words.say("poster.join.stop")],
        "ask": words.ask(),
    }
    return Sheet(TEMPLATES / "join_poster.typ", given)
