"""What a closed poll found out, as far as it may be shown: by the small-number rules, whole (DOMAIN.md, E)."""

from bot.actions.close_poll import possible_people
from bot.actions.open_poll import poll_of
from bot.content.model import Poll
from bot.core.disclosure import Cell, FewerThan, NearlyAll, Results, Table, TooFew, publishable
from bot.core.polls import SMILEY_GROUPS, Kind
from bot.messages import Lines, Phrase, Value
from bot.router import House
from bot.store import Store
from bot.store.polls import Round


def closed_polls(store: Store, house: House, *, most: int) -> list[tuple[Round, Poll]]:
    """Give the rounds closed last whose poll is still known, newest first."""
    found = ((each, poll_of(each, house)) for each in store.polls.latest_closed(most))
    return [(asked, poll) for asked, poll in found if poll is not None]


def results_of(store: Store, house: House, asked: Round, poll: Poll) -> Results:
    """Say what may be shown of a closed round."""
    assert asked.counts is not None
    options = [each.value for each in poll.options]
    # An option that an editor has taken out since was an answer all the same.
    counts = {option: asked.counts.get(option, 0) for option in dict.fromkeys([*options, *asked.counts])}
    return publishable(
        counts,
        kind=_kind(poll),
        k=max(house.smallest_number, poll.min_shown),
        possible=possible_people(store, asked),
    )


def worded(poll: Poll, results: Results) -> Phrase:
    """Put results into plain words."""
    question = Phrase(f"poll.{poll.id}.q")
    if isinstance(results, TooFew):
        return Phrase(f"results.too_few_{results.of}", {"kysymys": question})
    if isinstance(results, NearlyAll):
        return Phrase("results.nearly_all", {"kysymys": question, "vastaus": _name(poll, results.option)})
    rows = tuple(
        Phrase("results.row", {"vastaus": _name(poll, option), "luku": _number(cell)})
        for option, cell in results.cells
    )
    return Phrase(
        "results.table",
        {"kysymys": question, "rivit": Lines(rows), "yhteensa": _total(results), "keskiarvo": _mean(results)},
    )


def _kind(poll: Poll) -> Kind:
    assert poll.kind in {"single", "smiley5"}
    return "smiley5" if poll.kind == "smiley5" else "single"


def _name(poll: Poll, option: str) -> Value:
    """Give an option's words; smileys are told in their three groups."""
    grouped = SMILEY_GROUPS.get(option, ()) if poll.kind == "smiley5" else ()
    if len(grouped) > 1:
        one, other = grouped
        return Phrase("results.either", {"yksi": _name(poll, one), "toinen": _name(poll, other)})
    known = any(each.value == option for each in poll.options)
    return Phrase(f"poll.{poll.id}.option.{option}") if known else option


def _number(cell: Cell) -> Value:
    if isinstance(cell, int):
        return cell
    return (
        Phrase("results.fewer_than", {"k": cell.k})
        if isinstance(cell, FewerThan)
        else Phrase("results.hidden")
    )


def _total(table: Table) -> Value:
    return "" if table.total is None else Phrase("results.total", {"n": table.total})


def _mean(table: Table) -> Value:
    if table.mean_tenths is None:
        return ""
    whole, tenths = divmod(table.mean_tenths, 10)
    return Phrase("results.mean", {"kokonaiset": whole, "kymmenykset": tenths})
