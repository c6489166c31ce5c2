"""Words, in the reader's language, at the moment of sending.

A phrase is a key.  Its texts come from the gettext catalogues in locales/ and from the organization's content,
which wins.  Placeholders are written ``{{nimi}}`` in both.  Dates follow one pattern (DOMAIN.md, U5).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po

from bot.core.phrases import fold
from bot.messages import Button, DayName, Lines, Localized, Phrase, Value, When

LANGUAGES = ("fi", "sv", "en")
LOCALES = Path(__file__).parent / "locales"

CARRIER = "palvelun_nimi"  # the placeholder of the service that carries messages, and could read them
PLACEHOLDER = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
NEAR = timedelta(days=183)  # a date within this needs no year
WHENEVER = datetime(1970, 1, 1, tzinfo=UTC)  # where nothing is said of a time

Labels = Mapping[str, Mapping[str, Button]]  # language -> folded words -> the button that has them


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a text is put into words for."""

    language: str
    zone: ZoneInfo
    now: datetime
    carried: bool = True  # by somebody's service; else a line that speaks of such a one is left out


Forms = tuple[str, ...]  # one, or singular and plural


class Wording:
    """All texts in all languages."""

    def __init__(
        self,
        catalogues: Mapping[str, Mapping[str, Forms]],
        content: Mapping[str, Mapping[str, str]],
        values: Callable[[str], Mapping[str, str]],
        default: str,
    ) -> None:
        """Take the catalogues, content's phrases (key -> language -> text) and the organization's values."""
        self._texts = {
            language: {
                **catalogues.get(language, {}),
                **{k: (w[language],) for k, w in content.items() if language in w},
            }
            for language in LANGUAGES
        }
        self._values = {language: values(language) for language in LANGUAGES}
        self._default = default

    def has(self, key: str, language: str) -> bool:
        """Tell whether a phrase has words in a language."""
        return key in self._texts[language]

    def say(self, phrase: Phrase, reader: Reader) -> str:
        """Put a phrase into words.

        Raises:
            KeyError: no language has words for the key (a test over all keys keeps this from happening).
        """
        forms = self._texts.get(reader.language, {}).get(phrase.key) or self._texts[self._default].get(
            phrase.key
        )
        if forms is None:
            forms = next((texts[phrase.key] for texts in self._texts.values() if phrase.key in texts), None)
        if forms is None:
            raise KeyError(phrase.key)
        number = phrase.values.get("n")
        text = forms[-1] if len(forms) > 1 and number != 1 else forms[0]
        if "{{" not in text:
            return text
        return self._fill(text, phrase.values, reader)

    def _fill(self, text: str, values: Mapping[str, Value], reader: Reader) -> str:
        """Put values in; a line that held only what came out empty is left out, and one that means nothing here."""
        organization = self._values.get(reader.language) or self._values[self._default]
        carrier = reader.carried and organization.get(CARRIER)

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in values:
                return self._word(values[name], reader)
            return organization.get(name, "")

        lines = []
        for line in text.split("\n"):
            if not carrier and CARRIER in PLACEHOLDER.findall(line):
                continue
            filled = PLACEHOLDER.sub(value, line)
            if filled.strip() or not line.strip():
                lines.append(filled.rstrip())
        return "\n".join(lines)

    def _word(self, value: Value, reader: Reader) -> str:  # noqa: PLR0911 - one a kind of value
        match value:
            case str():
                return value
            case int():
                return str(value)
            case Phrase():
                return self.say(value, reader)
            case When():
                return when(value, reader)
            case DayName():
                return self._day_name(value, reader)
            case Localized():
                words = value.words
                return (
                    words.get(reader.language) or words.get(self._default) or next(iter(words.values()), "")
                )
            case Lines():
                return "\n".join(filter(None, (self._word(part, reader) for part in value.parts)))

    def _day_name(self, value: DayName, reader: Reader) -> str:
        days = (value.start.astimezone(reader.zone).date() - reader.now.astimezone(reader.zone).date()).days
        key = {0: "day.today", 1: "day.tomorrow"}.get(days)
        return "" if key is None else self.say(Phrase(key), reader)


def labels_of(buttons: Iterable[Button], wording: Wording, zone: ZoneInfo) -> Labels:
    """Put buttons that say nothing of a time into words; words that two of them have are the first one's."""
    last_first = tuple(buttons)[::-1]
    return {
        language: {
            fold(wording.say(each.label, Reader(language, zone, WHENEVER))): each for each in last_first
        }
        for language in LANGUAGES
    }


def labelled(text: str, labels: Labels, language: str) -> Button | None:
    """Find the button that has a text for its words, in the reader's language or else in another; None: none has."""
    said = fold(text)
    spoken = (language, *(each for each in LANGUAGES if each != language))
    return next((labels[each][said] for each in spoken if said in labels.get(each, {})), None)


def in_english(phrase: Phrase) -> str:
    """Put into words what an operator reads in a terminal; the organization's content has no say in it."""
    return _english().say(phrase, Reader("en", ZoneInfo("UTC"), WHENEVER))


@cache
def _english() -> Wording:
    return Wording({"en": read_catalogues()["en"]}, {}, lambda _: {}, "en")


def when(value: When, reader: Reader) -> str:
    """Word a time span: "ti 24.11. klo 13–15", "ti 24.11 kl. 13–15", "Tue 24 Nov, 13–15"."""
    start = value.start.astimezone(reader.zone)
    end = None if value.end is None else value.end.astimezone(reader.zone)
    day = _day(start, reader)
    if value.all_day:
        last = start if end is None else max(start, end - timedelta(days=1))
        return day if last.date() == start.date() else f"{day}–{_day(last, reader)}"
    hours = _clock(start, reader.language)
    if end is not None and end != start:
        far = end.date() > start.date() and end - start >= timedelta(hours=24)
        hours += f" – {_day(end, reader)}{_AT[reader.language]}" if far else "–"
        hours += _clock(end, reader.language)
    return f"{day}{_AT[reader.language]}{hours}"


_AT = {"fi": " klo ", "sv": " kl. ", "en": ", "}


def _day(moment: datetime, reader: Reader) -> str:
    language = reader.language
    name = _names(language)[0][moment.weekday()]
    now = reader.now.astimezone(reader.zone)
    year = "" if moment.year == now.year or abs(moment - now) <= NEAR else str(moment.year)
    match language:
        case "fi":
            return f"{name} {moment.day}.{moment.month}.{year}"
        case "sv":
            return f"{name} {moment.day}.{moment.month}" + (f".{year}" if year else "")
        case _:
            return f"{name} {moment.day} {_names(language)[1][moment.month]}" + (f" {year}" if year else "")


@lru_cache(maxsize=len(LANGUAGES))
def _names(language: str) -> tuple[dict[int, str], dict[int, str]]:
    """Give the short names of weekdays (0 Monday) and months (1 January).

    They stand in a catalogue: Babel's own would keep all it knows of each language, 6 MiB (measured, 2.18).
    """
    words = _read_catalogue(LOCALES / language / "LC_MESSAGES" / "dates.po")
    days = {number: words[f"weekday.{number}"][0] for number in range(7)}
    return days, {number: words[f"month.{number}"][0] for number in range(1, 13)}


def _clock(moment: datetime, language: str) -> str:
    if not moment.minute:
        return str(moment.hour)
    return f"{moment.hour}{':' if language == 'en' else '.'}{moment.minute:02}"


def read_catalogues(folder: Path = LOCALES) -> dict[str, dict[str, Forms]]:
    """Read the .po files, one a part of the house: language -> key -> forms.  Untranslated keys are not there."""
    return {
        language: {
            key: forms
            for path in sorted((folder / language / "LC_MESSAGES").glob("*.po"))
            for key, forms in _read_catalogue(path).items()
        }
        for language in LANGUAGES
    }


def _read_catalogue(path: Path) -> dict[str, Forms]:
    with path.open("rb") as file:
        catalogue = read_po(file)
    found: dict[str, Forms] = {}
    for message in catalogue:
        key = message.id if isinstance(message.id, str) else message.id[0]
        string = message.string or ""
        forms = (string,) if isinstance(string, str) else tuple(string)
        if key and all(forms):
            found[key] = forms
    return found
