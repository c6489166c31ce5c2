"""What a story in which the bot died owes to the same story without a death."""

from tests.crash.story import Telling

MOST_IN_FLIGHT = 32  # sends that Telegram's transport has under way at the same time (bot.messages.Pace)


def settle(telling: Telling, whole: Telling, *, leavers: frozenset[int] = frozenset()) -> None:
    """See that nothing was lost, nobody was told what was not theirs, and only what was in flight came twice."""
    repeated = telling.told - whole.told
    ever_in_flight = set().union(*telling.in_flight)

    assert telling.kept == whole.kept
    assert telling.told.keys() == whole.told.keys()
    assert not whole.told - telling.told
    assert all(len(each) <= MOST_IN_FLIGHT for each in telling.in_flight)
    # Of two copies the outbox knows one; the other was in flight at a death.
    assert telling.unmarked <= ever_in_flight
    assert sum(number for said, number in repeated.items() if said[0] not in leavers) == len(telling.unmarked)
    assert all(number <= len(telling.in_flight) for number in repeated.values())
