from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.core.lineup import LineUp


def line(*items, lanes=3):
    """A line-up of (conversation, lane) pairs, whose items are their numbers."""
    line = LineUp(lanes)
    for number, (conversation, lane) in enumerate(items):
        line.add(conversation, lane, number)
    return line


def serve(line, now=0.0):
    """Take out everything that can be had at once, one at a time."""
    served = []
    while (taken := line.next(now)) is not None:
        served.append(taken[1])
        line.back(taken[0])
    return served


def test_the_urgent_lane_goes_first():
    assert serve(line((1, 2), (2, 1), (3, 0), (4, 1))) == [2, 1, 3, 0]


def test_conversations_of_a_lane_take_turns():
    assert serve(line((1, 0), (1, 0), (1, 0), (2, 0), (2, 0))) == [0, 3, 1, 4, 2]


def test_a_conversation_has_one_item_out_at_a_time():
    two = line((1, 0), (1, 0))
    two.next(0)

    assert two.next(0) is None
    two.back(1)
    assert two.next(0) == (1, 1)


def test_an_urgent_item_overtakes_within_its_conversation():
    one = line((1, 2), (1, 2))
    assert one.next(0) == (1, 0)
    one.add(1, 0, "urgent")
    one.back(1)

    assert serve(one) == ["urgent", 1]


def test_what_is_put_back_goes_first_again():
    one = line((1, 0), (1, 0), (2, 0))
    conversation, item = one.next(0)
    one.put_back(conversation, 0, item)
    one.back(conversation)

    assert serve(one) == [2, 0, 1]


def test_a_resting_conversation_is_passed_over_until_its_time():
    two = line((1, 0), (1, 0), (2, 0))
    two.next(0)
    two.back(1, until=5.0)

    assert serve(two, 4.9) == [2]
    assert two.next_wake(4.9) == 5.0
    assert two.awake() == 0
    assert len(two) == 1
    assert serve(two, 5.0) == [1]
    assert two.next_wake(5.0) is None


def test_a_wake_that_is_over_is_none():
    one = line((1, 0))
    one.next(0)
    one.back(1, until=5.0)

    assert one.next_wake(6.0) is None


def test_an_item_that_comes_while_its_conversation_rests_waits_too():
    one = line((1, 0))
    one.next(0)
    one.back(1, until=5.0)
    one.add(1, 0, "new")

    assert one.next(1.0) is None
    assert one.next(5.0) == (1, "new")


def test_everything_of_a_conversation_can_be_taken_out():
    mixed = line((1, 2), (2, 0), (1, 0), (1, 1), (1, 2))

    assert mixed.take_conversation(1) == [2, 3, 0, 4]
    assert mixed.take_conversation(7) == []
    assert len(mixed) == 1
    assert serve(mixed) == [1]


def test_everything_can_be_taken_out():
    mixed = line((1, 2), (2, 0), (1, 0), (1, 2))

    assert sorted(mixed.drain()) == [(1, 0), (1, 2), (1, 3), (2, 1)]
    assert len(mixed) == 0
    assert mixed.next(0) is None


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=30))
def test_within_a_conversation_and_lane_the_order_stays(items):
    served = serve(line(*items))

    assert sorted(served) == list(range(len(items)))
    by_place = defaultdict(list)
    for number in served:
        by_place[items[number]].append(number)
    assert all(numbers == sorted(numbers) for numbers in by_place.values())
    lanes = [items[number][1] for number in served]
    assert lanes == sorted(lanes)


class Counter(RuleBasedStateMachine):
    """Whatever happens in whatever order, nothing is lost, doubled or out of its order."""

    def __init__(self):
        super().__init__()
        self.line = LineUp(2)
        self.now = 0.0
        self.number = 0
        self.waiting = defaultdict(list)  # (conversation, lane) -> numbers
        self.out = {}  # conversation -> (lane, number)
        self.resting = {}

    @rule(conversation=st.integers(0, 3), lane=st.integers(0, 1))
    def comes(self, conversation, lane):
        self.line.add(conversation, lane, (lane, self.number))
        self.waiting[conversation, lane].append(self.number)
        self.number += 1

    @rule()
    def is_served(self):
        self.resting = {who: until for who, until in self.resting.items() if until > self.now}
        free = [
            (lane, who)
            for (who, lane), numbers in self.waiting.items()
            if numbers and who not in self.out and who not in self.resting
        ]
        taken = self.line.next(self.now)
        if not free:
            assert taken is None
            return
        conversation, (lane, number) = taken
        assert lane == min(free)[0]
        assert (lane, conversation) in free
        assert number == self.waiting[conversation, lane].pop(0)
        self.out[conversation] = lane, number

    @precondition(lambda self: self.out)
    @rule(data=st.data(), again=st.booleans(), rest=st.none() | st.integers(0, 4))
    def comes_back(self, data, again, rest):
        conversation = data.draw(st.sampled_from(sorted(self.out)))
        lane, number = self.out.pop(conversation)
        if again:
            self.line.put_back(conversation, lane, (lane, number))
            self.waiting[conversation, lane].insert(0, number)
        until = None if rest is None else self.now + rest
        self.line.back(conversation, until=until)
        if until is not None:
            self.resting[conversation] = until

    @rule(seconds=st.integers(1, 3))
    def passes(self, seconds):
        self.now += seconds

    @rule(conversation=st.integers(0, 3))
    def is_taken_out(self, conversation):
        expected = [
            (lane, number) for lane in range(2) for number in self.waiting.pop((conversation, lane), [])
        ]
        assert self.line.take_conversation(conversation) == expected

    @invariant()
    def nothing_is_lost(self):
        assert len(self.line) == sum(map(len, self.waiting.values()))
        wake = self.line.next_wake(self.now)
        ahead = [until for until in self.resting.values() if until > self.now]
        assert wake == min(ahead, default=None)


TestCounter = Counter.TestCase


def test_taking_turns_is_no_slower_with_many():
    many = LineUp(1)
    for conversation in range(20_000):
        many.add(conversation, 0, conversation)

    assert serve(many) == list(range(20_000))


@pytest.mark.parametrize("lane", [0, 1])
def test_being_put_back_again_and_again_leaves_nothing_behind(lane):
    one = line((1, lane), (1, 1), lanes=2)
    for _ in range(1000):
        conversation, item = one.next(0)
        one.put_back(conversation, lane, item)
        one.back(conversation)

    assert sum(map(len, one._turns)) <= 2
    assert serve(one) == [0, 1]
