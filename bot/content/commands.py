"""commands.yaml: the words that people type."""

from collections.abc import Iterable
from typing import Final, Literal

import yaml

from bot.content.fields import Fields, MisreadError, as_choice, as_flag, as_list, as_named, as_text
from bot.content.model import Command
from bot.content.page import Page
from bot.content.words import as_id, as_language, as_texts, read_words
from bot.core.crisis import is_crisis
from bot.core.phrases import fold

KEYS: Final = ("name", "aliases", "help", "short", "phrasings", "who", "menu", "hidden", "rest")
MENU_MOST: Final = 5  # of six buttons; the sixth is "Lisää"

Who = Literal["all", "organizer"]
_WHO: Final[dict[str, Who]] = {"all": "all", "organizer": "organizer"}


def read_commands(page: Page, crisis_words: Iterable[str]) -> tuple[Command, ...]:
    """Read the commands in the order of the file; one without a name or a help line is left out."""
    reading = _Reading(page, tuple(crisis_words))
    return tuple(command for node in page.items if (command := reading.command(node)))


class _Reading:
    """What has been seen of the file so far."""

    def __init__(self, page: Page, crisis_words: tuple[str, ...]) -> None:
        self._faults = page.misread
        self._crisis_words = crisis_words
        self._names: set[str] = set()
        self._owner: dict[str, str] = {}  # word as it is compared -> the command that it belongs to
        self._in_menu = 0

    def command(self, node: yaml.Node) -> Command | None:
        """Read one command."""
        fields = Fields(node, KEYS, self._faults)
        name = fields.need("name", lambda at: self._word(at, as_id(at), as_id(at)))
        if name is None:
            return None
        if name in self._names:
            fields.fault("name", f"another command is called {name!r}", "Give each its own name.")
            return None
        self._names.add(name)

        def alias(at: yaml.Node) -> str:
            return self._word(at, as_text(at), name)

        aliases = fields.need("aliases", as_named(as_language, as_list(alias, self._faults), self._faults))
        command = Command(
            name=name,
            aliases=aliases or {},
            help=read_words(fields, "help", needed=True),
            short=read_words(fields, "short", button=True),
            phrasings=fields.get("phrasings", as_texts(self._faults), {}),
            who=fields.need("who", as_choice(_WHO)) or "organizer",  # in doubt fewer people see it
            menu=fields.get("menu", as_flag, default=False),
            hidden=fields.get("hidden", as_flag, default=False),
            rest=fields.get("rest", as_flag, default=False),
        )
        if (command.menu or command.phrasings) and not command.short:
            fields.fault("short", "'short' is missing", "Add the words for its button.")
        self._in_menu += command.menu
        if command.menu and self._in_menu > MENU_MOST:
            fields.fault("menu", f"the menu has more than {MENU_MOST} commands", "Take one out of it.")
        return command if command.help else None

    def _word(self, node: yaml.Node, word: str, name: str) -> str:
        """Take a word for a command.

        Raises:
            MisreadError: it belongs to another one, or would never be understood as a command.
        """
        compared = fold(word).replace(" ", "")
        if not compared:
            raise MisreadError(node, f"{word!r} has no letters", "Remove it.")
        owner = self._owner.setdefault(compared, name)
        if owner != name:
            raise MisreadError(node, f"{word!r} is a word of {owner!r} too", "Leave it to one of the two.")
        if is_crisis(word.replace("_", " "), added=self._crisis_words):
            raise MisreadError(
                node, f"{word!r} is a crisis word and is answered with 112", "Use another word for it."
            )
        return word
