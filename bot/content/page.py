"""One file of content/ while it is read."""

from collections.abc import Iterator
from pathlib import Path

import yaml

from bot.content.fields import MisreadError
from bot.content.yaml_nodes import Composed, Unreadable, compose
from bot.errors import Fault
from bot.i18n import in_english


class Page:
    """A file, its nodes, and what is wrong with it; that gathers in ``misread``, and reading goes on."""

    def __init__(self, folder: Path, name: str, *, items: str | None = "", needed: bool = True) -> None:
        """Open a file.

        Args:
            folder: where it lies.
            name: what it is called.
            items: the key of the list that it is about; None: it is one list; empty: it is about no list.
            needed: note it as a fault when the file is missing.
        """
        self.name = name
        self.misread: list[MisreadError] = []
        self._whole: list[Fault] = []
        composed = Composed(None, ())
        try:
            composed = compose((folder / name).read_text(encoding="utf-8-sig"), items)
        except FileNotFoundError:
            if needed:
                self._whole.append(Fault(name, "the file is missing", "Take the sample's as a beginning."))
        except (OSError, UnicodeDecodeError) as error:
            self._whole.append(
                Fault(name, f"the file cannot be read ({type(error).__name__})", "Save it as UTF-8 text.")
            )
        self.top: yaml.Node | None = composed.top
        self.items = composed.items
        self._unreadable: tuple[Unreadable, ...] = composed.unreadable

    def faults(self) -> Iterator[Fault]:
        """Give all that is wrong, in the order of the lines."""
        yield from self._whole
        found = [(each.line, each.what, each.mend) for each in self._unreadable]
        found += [(each.line, each.what, each.mend) for each in self.misread]
        worded = [(line, in_english(what), in_english(mend)) for line, what, mend in found]
        for line, what, mend in sorted(worded):
            yield Fault(f"{self.name}, line {line}", what, mend)
