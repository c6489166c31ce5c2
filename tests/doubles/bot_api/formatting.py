"""Texts as Telegram reads them: HTML by its grammar, entities in UTF-16 units, lengths after parsing."""

import re
from dataclasses import dataclass
from typing import Any, NoReturn

from .errors import TEXT_BLANK, TEXT_EMPTY, refuse
from .parameters import Parameters

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
ENTITY_TYPES = {
    *TAGS.values(),
    *("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number"),
    *("text_mention", "expandable_blockquote", "date_time"),
}
NEEDS = {"text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
SHOWN_ENTITIES = 100

CHARACTER = re.compile(r"&(?:#x(?P<hex>[0-9a-fA-F]+)|#(?P<number>\d+)|(?P<name>[a-zA-Z]+));?")
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
TAG_NAME = re.compile(r"[^\s>]*")
ATTRIBUTE_NAME = re.compile(r"""[^\s=>/"']*""")
NAME_TOKEN = re.compile(r"[A-Za-z0-9.-]*")
SPACE = re.compile(r"\s*")
COMMAND = re.compile(r"(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@(?P<bot>[A-Za-z0-9_]+))?(?![\w/<>])")


def utf16(text: str) -> int:
    """Return the length in UTF-16 units, in which Telegram counts offsets."""
    return len(text.encode("utf-16-le")) // 2


def formatted(
    parameters: Parameters, name: str, *, most: int, too_long: str, required: bool = True
) -> tuple[str, list[dict[str, Any]]]:
    """Return a text parameter as people read it, with its entities.

    Raises:
        ApiError: it is empty, too long after parsing, or its markup or entities are wrong.
    """
    text = parameters.text(name)
    if not text:
        if required:
            refuse(TEXT_EMPTY)
        return "", []
    mode = parameters.text("parse_mode")
    if mode:
        if mode.lower() != "html":  # Telegram knows Markdown too; Vertti must not send it
            refuse("unsupported parse_mode")
        text, entities = parse_html(text)
    else:
        entities = checked_entities(
            parameters.json("entities" if name == "text" else f"{name}_entities"), text
        )
    text, entities = trimmed(text, entities)
    if not text and required:
        refuse(TEXT_BLANK)
    if len(text) > most:
        refuse(too_long)
    return text, entities[:SHOWN_ENTITIES]


def trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Take white space from both ends, as Telegram does, and move the entities with it."""
    kept = text.strip()
    if not entities or kept == text:
        return kept, entities
    start = utf16(text) - utf16(text.lstrip())
    end = start + utf16(kept)
    moved = []
    for entity in entities:
        first = max(entity["offset"], start)
        last = min(entity["offset"] + entity["length"], end)
        if first < last:
            moved.append({**entity, "offset": first - start, "length": last - first})
    return kept, moved


def checked_entities(entities: Any, text: str) -> list[dict[str, Any]]:
    """Check entities given by the client against the text, in UTF-16 units."""
    if entities is None:
        return []
    if not isinstance(entities, list):
        refuse("can't parse entities: Expected an Array of MessageEntity")
    breaks, position = {0}, 0  # the offsets between whole characters
    for character in text:
        position += 1 + (character > "\uffff")
        breaks.add(position)
    for entity in entities:
        check_kind(entity)
        check_span(entity.get("offset"), entity.get("length"), breaks)
    return list(entities)


def check_kind(entity: dict[str, Any]) -> None:
    kind = entity.get("type")
    if kind not in ENTITY_TYPES:
        refuse("can't parse MessageEntity: Unsupported type specified")
    needed = NEEDS.get(kind)
    if needed and needed not in entity:
        refuse(f"can't parse MessageEntity: Can't find field \"{needed}\"")


def check_span(offset: Any, length: Any, breaks: set[int]) -> None:
    """Check that an entity lies within the text and cuts no character in two."""
    if not isinstance(offset, int) or offset < 0:
        refuse(f"receive an entity with incorrect offset {offset}")
    if not isinstance(length, int) or length < 0:
        refuse(f"receive an entity with incorrect length {length}")
    end = max(breaks)
    if offset > end:
        refuse(f"entity begins after the end of the text at UTF-16 offset {offset}")
    it = f"entity beginning at UTF-16 offset {offset}"
    if offset + length > end:
        refuse(f"{it} ends after the end of the text at UTF-16 offset {offset + length}")
    if offset not in breaks:
        refuse(f"entity begins in a middle of a UTF-16 symbol at UTF-16 offset {offset}")  # the number: ours
    if offset + length not in breaks:
        refuse(
            f"{it} ends in a middle of a UTF-16 symbol at UTF-16 offset {offset + length}"
        )  # the number: ours


@dataclass(slots=True)
class Tag:
    name: str
    argument: str
    start: int  # characters of the plain text before it


def parse_html(markup: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the plain text and its entities.

    Raises:
        ApiError: "can't parse entities: …" with the offset in bytes of UTF-8.
    """
    return HtmlReader(markup).read()


class HtmlReader:
    """Telegram's HTML: its own tags only, each closed in order, ``<`` and ``&`` escaped."""

    def __init__(self, markup: str) -> None:
        self._markup = markup
        self._at = 0
        self._plain: list[str] = []
        self._length = 0
        self._open: list[Tag] = []
        self._closed: list[tuple[Tag, int]] = []

    def read(self) -> tuple[str, list[dict[str, Any]]]:
        markup = self._markup
        while self._at < len(markup):
            if markup.startswith("</", self._at):
                self._end_tag()
            elif markup[self._at] == "<":
                self._start_tag()
            else:
                self._say(self._character())
        if self._open:
            self._refuse(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        plain = "".join(self._plain)
        entities = [entity(tag, plain, end) for tag, end in self._closed if end > tag.start]
        return plain, sorted(entities, key=lambda each: (each["offset"], -each["length"]))

    def _refuse(self, what: str) -> NoReturn:
        refuse(f"can't parse entities: {what}")

    def _bytes(self, position: int) -> int:
        return len(self._markup[:position].encode())

    def _say(self, character: str) -> None:
        self._plain.append(character)
        self._length += len(character)

    def _character(self) -> str:
        """Read one character, written out or as a reference; an unknown reference stays as it is."""
        found = CHARACTER.match(self._markup, self._at)
        decoded = decode(found) if found else None
        if found is None or decoded is None:
            self._at += 1
            return self._markup[self._at - 1]
        self._at = found.end()
        if "\ud800" <= decoded <= "\udfff":
            self._refuse(
                "Text contains invalid Unicode characters after decoding HTML entities, "
                "check for unmatched surrogate code units"
            )
        return decoded

    def _match(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._markup, self._at)
        assert found  # all our patterns match the empty string
        self._at = found.end()
        return found.group()

    def _ended(self) -> bool:
        return self._at >= len(self._markup)

    def _start_tag(self) -> None:
        begin = self._bytes(self._at)
        self._at += 1
        name = self._match(TAG_NAME).lower()
        if self._ended():
            self._refuse(f"Unclosed start tag at byte offset {begin}")
        if name not in TAGS:
            self._refuse(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument = ""
        for key, value in iter(lambda: self._attribute(name, begin), None):
            if (name, key) in {("a", "href"), ("tg-emoji", "emoji-id"), ("span", "class"), ("code", "class")}:
                argument = value
            if (name, key) == ("blockquote", "expandable"):
                argument = key
        if name == "span" and argument != "tg-spoiler":
            self._refuse(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        if name == "tg-emoji" and not argument.isdigit():
            self._refuse("Invalid custom emoji identifier specified")
        self._open.append(Tag(name, argument, self._length))

    def _attribute(self, tag: str, begin: int) -> tuple[str, str] | None:
        """Read one attribute; None when the tag ends."""
        self._match(SPACE)
        if self._markup.startswith(">", self._at):
            self._at += 1
            return None
        key = self._match(ATTRIBUTE_NAME).lower()
        if not key:
            self._refuse(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self._match(SPACE)
        value = ""
        if self._markup.startswith("=", self._at):
            self._at += 1
            self._match(SPACE)
            if not self._ended():
                value = self._value(begin)
        if self._ended():
            self._refuse(f'Unclosed start tag "{tag}" at byte offset {begin}')
        return key, value

    def _value(self, begin: int) -> str:
        quote = self._markup[self._at]
        if quote not in "'\"":
            start = self._at
            value = self._match(NAME_TOKEN).lower()
            if self._ended() or not (self._markup[self._at].isspace() or self._markup[self._at] == ">"):
                self._refuse(f"Unexpected end of name token at byte offset {self._bytes(start)}")
            return value
        self._at += 1
        characters = []
        while not self._ended() and self._markup[self._at] != quote:
            characters.append(self._character())
        self._at += 1
        if self._ended():
            self._refuse(f"Unclosed start tag at byte offset {begin}")
        return "".join(characters)

    def _end_tag(self) -> None:
        begin = self._bytes(self._at)
        if not self._open:
            self._refuse(f"Unexpected end tag at byte offset {begin}")
        self._at += 2
        name = self._match(TAG_NAME).lower()
        self._match(SPACE)
        if not self._markup.startswith(">", self._at):
            self._refuse(f"Unclosed end tag at byte offset {begin}")
        self._at += 1
        tag = self._open.pop()
        if name not in {"", tag.name}:
            self._refuse(
                f'Unmatched end tag at byte offset {begin}, expected "</{tag.name}>", found "</{name}>"'
            )
        self._closed.append((tag, self._length))


def decode(found: re.Match[str]) -> str | None:
    """Return the character a reference stands for, None when it stands for none."""
    if found["name"]:
        return NAMED.get(found["name"])
    code = int(found["hex"], 16) if found["hex"] else int(found["number"])
    return chr(code) if 0 < code < 0x10FFFF else None


def entity(tag: Tag, plain: str, end: int) -> dict[str, Any]:
    """Describe a closed tag as a MessageEntity."""
    kind = TAGS[tag.name]
    if tag.name == "blockquote" and tag.argument:
        kind = "expandable_blockquote"
    shown = plain[tag.start : end]
    described = {"type": kind, "offset": utf16(plain[: tag.start]), "length": utf16(shown)}
    if kind == "text_link":
        described["url"] = tag.argument or shown
    if kind == "custom_emoji":
        described["custom_emoji_id"] = tag.argument
    return described


def commands_in(text: str) -> list[dict[str, Any]]:
    """Return the entities of the commands that Telegram itself would mark in a person's text."""
    return [
        {"type": "bot_command", "offset": utf16(text[: found.start()]), "length": len(found.group())}
        for found in COMMAND.finditer(text)
    ]
