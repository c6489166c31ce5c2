"""`vertti schedule`: the schedule as a table on the terminal."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.i18n import Reader, when
from bot.messages import When
from schedules.calendars import Reading

CHANGED: Final = "changed in chat"
WIDEST: Final = 10_000  # characters of a line that nobody breaks

out = Console(highlight=False, soft_wrap=True)


def show_table(reading: Reading, reader: Reader) -> None:
    """Print what was read as a table; what is from the chat says so.

    A pipe or a file gets whole lines, however long; in a narrow window what does not fit beside stands below.
    """
    rows = []
    for each in reading.occurrences:
        title = each.title.get(reader.language) or next(iter(each.title.values()), "")
        place = each.place.get(reader.language) or next(iter(each.place.values()), "")
        at = when(When(each.start, each.end, each.all_day), reader)
        status = f"{each.status}, {CHANGED}" if reading.is_changed(each) else each.status
        rows.append((at, title, each.variant or "", place, status))
    table = _table(("when", "what", "variant", "place", "status"), rows)
    width = out.measure(table, options=out.options.update(width=WIDEST)).maximum
    if out.is_terminal and width > out.width:
        below = [(at, "\n".join((what, ", ".join(filter(None, more))))) for at, what, *more in rows]
        out.print(_table(("when", "what"), below), soft_wrap=False)
    else:
        Console(highlight=False, width=width).print(table)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """Make a table whose first column is never broken; whatever brackets a title holds are shown."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading == headings[0])
    for row in rows:
        table.add_row(*map(Text, row))
    return table
