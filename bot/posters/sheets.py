"""What both sheets have: words in the reader's language, whom to ask, and codes with their addresses."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.i18n import Reader
from bot.messages import Phrase, Value
from bot.router import House

ASK: Final = {  # phrase -> the organization's value that it needs
    "poster.who": "ohjaaja",
    "poster.phone": "puhelin",
    "poster.hours": "neuvonta_aika",
    "poster.address": "osoite",
}
QUIET_ZONE: Final = 4  # modules of white around a code (ISO/IEC 18004)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet before it is drawn: its template, and what the template is given, as JSON values."""

    template: Path
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Speaker:
    """Puts phrases into words for one sheet."""

    house: House
    reader: Reader

    def say(self, key: str, **values: Value) -> str:
        """Put a phrase into words."""
        return self.house.wording.say(Phrase(key, values), self.reader)

    def word(self, value: Value) -> str:
        """Put a value into words."""
        return self.say("poster.words", sanat=value)

    def ask(self) -> dict[str, Any]:
        """Say who runs all this and how to reach them: each line whose value the organization has filled in."""
        known = self.house.content.values(self.reader.language)
        lines = [self.say(key) for key, name in ASK.items() if name in known]
        return {
            "heading": self.organization or self.say("poster.ask"),
            "lines": lines or [self.say("poster.ask_staff")],
        }

    @property
    def organization(self) -> str:
        """The organization's name; empty: it is not filled in."""
        return self.house.content.values(self.reader.language).get("organisaatio", "")

    def code(self, address: str) -> dict[str, str]:
        """Give the QR code of an address, in its quiet zone, and the address as people type it."""
        readable = address.removeprefix("https://")
        return {
            "picture": qr_code(address),
            "target": address,
            "address": readable,
            "words": self.say("poster.code", sivu=readable),
        }


def speaker(house: House, language: str, now: datetime) -> Speaker:
    """Make who puts a sheet into words; dates near ``now`` go without their year."""
    return Speaker(house, Reader(language, house.zone, now))


def qr_code(address: str) -> str:
    """Draw an address as a QR code (SVG); a seventh of it may be dirty or torn."""
    import segno  # noqa: PLC0415 - a run without posters needs none of it

    picture = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(picture, kind="svg", border=QUIET_ZONE, xmldecl=False, omitsize=True)
    return picture.getvalue().decode()
