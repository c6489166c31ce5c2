from hypothesis import given
from hypothesis import strategies as st

from bot.core.unstored import STORED, UNSTORED, Unstored


def test_a_reply_that_nobody_knew_is_new_and_is_written_down_when_it_ends():
    replies = Unstored()

    assert replies.comes_stored("a") == "new"
    assert not replies.ended("a", said=True)


def test_what_was_said_ahead_is_known_to_be_when_it_comes_stored():
    replies = Unstored()

    assert replies.comes_ahead("a")
    assert replies.ended("a", said=True)
    assert not replies.comes_ahead("a")
    assert replies.comes_stored("a") == "said"


def test_what_is_still_in_line_when_it_comes_stored_is_a_row_like_any_other_from_then_on():
    replies = Unstored()
    replies.comes_ahead("a")

    assert replies.comes_stored("a") == "in line"
    assert not replies.ended("a", said=True)


def test_what_could_not_be_said_ahead_is_new_again():
    replies = Unstored()
    replies.comes_ahead("a")

    assert replies.ended("a", said=False)
    assert replies.comes_stored("a") == "new"


def test_what_came_stored_does_not_come_ahead_any_more():
    replies = Unstored()
    replies.comes_stored("a")

    assert not replies.comes_ahead("a")


def test_only_the_last_few_are_remembered():
    replies = Unstored()
    for number in range(UNSTORED + 1):
        replies.comes_ahead(f"ahead {number}")
    for number in range(STORED + 1):
        replies.comes_stored(f"stored {number}")

    assert replies.comes_stored("ahead 1") == "in line"
    assert replies.comes_stored("ahead 0") == "new"
    assert not replies.comes_ahead(f"stored {STORED}")
    assert replies.comes_ahead("stored 0")


@given(st.lists(st.tuples(st.sampled_from(["ahead", "stored", "said", "failed"]), st.sampled_from("ab"))))
def test_in_whatever_order_they_come_none_is_said_twice(events):
    """Whoever lines one up says it, unless it fails, which only a stored one survives."""
    replies, line, said, stored = Unstored(), [], [], set()
    for what, key in events:
        if what == "ahead" and replies.comes_ahead(key):
            line.append(key)
        elif what == "stored" and key not in stored:
            stored.add(key)
            if replies.comes_stored(key) == "new":
                line.append(key)
        elif what == "said" and key in line:
            line.remove(key)
            said.append(key)
            replies.ended(key, said=True)
        elif what == "failed" and key in line and key not in stored:
            line.remove(key)
            replies.ended(key, said=False)

    assert len(said + line) == len(set(said + line))
    assert stored <= {*said, *line}
