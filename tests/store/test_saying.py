from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Button, DayName, File, Leave, Lines, Localized, Phrase, Picture, Say, When, button
from bot.store.saying import dump_choices, dump_say, load_choices, load_say

MIDNIGHT = datetime(2027, 1, 1, tzinfo=UTC)
words = st.text(st.characters(codec="utf-8"), max_size=8)
instants = st.integers(-9, 9).map(lambda n: MIDNIGHT + n * timedelta(minutes=15))
values = st.recursive(
    words
    | st.integers(-(2**53), 2**53)
    | st.builds(When, instants, st.none() | instants, st.booleans())
    | st.builds(DayName, instants)
    | st.builds(Localized, st.dictionaries(st.sampled_from(["fi", "sv", "en"]), words)),
    lambda inner: (
        st.builds(Phrase, words, st.dictionaries(words, inner, max_size=3))
        | st.builds(Lines, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=6,
)
phrases = st.builds(Phrase, words, st.dictionaries(words, values, max_size=3))
actions = st.text(st.sampled_from("abc."), min_size=1, max_size=16)
chosen = st.builds(
    Button,
    phrases,
    actions,
    st.lists(words, max_size=3).map(tuple),
    answer=st.booleans(),
    means=st.sampled_from(["yes", "no", None]),
)
links = st.builds(Button, phrases, url=words, deep_link=st.none() | words)
files = st.builds(File, words, words, words)
pictures = st.builds(Picture, words, phrases)
says = st.builds(
    Say,
    phrases,
    st.lists(chosen | links, max_size=3).map(tuple),
    st.none() | phrases,
    st.none() | files,
    st.none() | pictures,
)


@given(says)
def test_whatever_can_be_said_is_kept_as_it_is(said):
    assert load_say(dump_say(said)) == said


@given(st.lists(chosen, max_size=4).map(tuple))
def test_choices_are_kept_as_they_are(buttons):
    assert load_choices(dump_choices(buttons)) == buttons


def test_that_a_button_is_an_answer_costs_the_others_no_byte():
    navigation = Button(Phrase("home"), "home")
    answer = Button(Phrase("yes"), "vote", ("1", "2"), answer=True)

    assert dump_choices((navigation,)) == '[[["home"],"home"]]'
    assert dump_choices((answer,)) == '[[[["yes"],"vote","1","2"],null,null,1]]'


def test_so_does_what_it_means():
    yes = Button(Phrase("yes"), "do", ("1",), means="yes")

    assert dump_choices((yes,)) == '[[[["yes"],"do","1"],null,null,0,"yes"]]'
    assert load_choices(dump_choices((yes, replace(yes, answer=True)))) == (yes, replace(yes, answer=True))


def test_what_was_kept_before_there_were_answers_is_read_still():
    kept = '{"t":["x"],"b":[[["home"],"home"],[[["page"],""],"https://a.example",null],[[["go"],""],null,"kysely-1"]]}'

    assert load_say(kept) == Say(
        Phrase("x"),
        (
            Button(Phrase("home"), "home"),
            Button(Phrase("page"), url="https://a.example"),
            Button(Phrase("go"), deep_link="kysely-1"),
        ),
    )


def test_leaving_is_kept_too():
    assert load_say(dump_say(Leave())) == Leave()


def test_what_opens_a_page_is_no_choice():
    assert load_choices(
        dump_choices((Button(Phrase("page"), url="https://a.example"), button("yes", "yes")))
    ) == (button("yes", "yes"),)


@pytest.mark.parametrize(
    "spoilt", ["", "{", "[]", "{}", '{"t": []}', '{"t": ["a", {"b": {"x": 1, "y": 2}}]}']
)
def test_what_is_spoilt_is_refused(spoilt):
    with pytest.raises((ValueError, LookupError, TypeError)):
        load_say(spoilt)
