from dataclasses import replace

import pytest

from bot.actions.close_poll import POSSIBLE
from bot.actions.poll_results import closed_polls, results_of, worded
from bot.core.disclosure import FewerThan, Hidden, NearlyAll, Table, TooFew
from bot.messages import Lines, Phrase
from tests.handlers.organizing import organized
from tests.handlers.test_poll import closes, opens, quiet_chat


@pytest.fixture
def chat():
    return quiet_chat(organized())


def poll(chat, name="toimintatoive", **changes):
    return replace(next(each for each in chat.house.content.polls if each.id == name), **changes)


def asked(chat, name="toimintatoive", **counts):
    number = opens(chat, name)
    with chat.transaction() as store:
        voters = iter(range(10_000))
        for option, count in counts.items():
            for _ in range(count):
                store.polls.vote(number, next(voters), option)
    closes(chat, number)
    with chat.transaction() as store:
        return store.polls.get(number)


def results(chat, round_, which=None, **house):
    with chat.transaction() as store:
        return results_of(store, replace(chat.house, **house), round_, which or poll(chat))


def test_an_option_that_was_taken_out_since_still_counts(chat):
    which = poll(chat)
    which = replace(which, options=which.options[:2])
    found = results(chat, asked(chat, kavely=9, peli=8, leivonta=7), which)

    assert found == Table((("kavely", 9), ("peli", 8), ("leivonta", 7)), total=24)
    assert worded(which, found).values["rivit"].parts[2] == Phrase(
        "results.row", {"vastaus": "leivonta", "luku": 7}
    )


def test_of_what_the_poll_and_the_house_hide_the_larger_holds(chat):
    round_ = asked(chat, kavely=9, peli=8, leivonta=30, kulttuuri=30, en_tieda=30)

    by_poll = results(chat, round_, poll(chat, min_shown=10))
    by_house = results(chat, round_, poll(chat, min_shown=3), smallest_number=10)

    assert by_poll == by_house
    assert dict(by_poll.cells)["kavely"] == FewerThan(10)
    assert dict(results(chat, round_).cells)["kavely"] == 9


def test_where_few_could_answer_nothing_is_shown(chat):
    round_ = asked(chat, kavely=9, peli=8, leivonta=7, kulttuuri=6, en_tieda=6)
    with chat.transaction() as store:
        store.books.set_bookmark(POSSIBLE.format(round_.id), "9")

    assert results(chat, round_) == TooFew("people")


def test_only_what_content_knows_is_listed(chat):
    with chat.transaction() as store:
        before = len(closed_polls(store, chat.house, most=9))
    asked(chat, "mennyt", x=5)
    known = asked(chat)
    with chat.transaction() as store:
        found = closed_polls(store, chat.house, most=9)

    assert len(found) == before + 1
    assert known.id in [each.id for each, _ in found]


QUESTION = Phrase("poll.ryhmakerta_hymio.q")
HYMIO = "poll.ryhmakerta_hymio.option."


@pytest.mark.parametrize(
    ("found", "phrase"),
    [
        (TooFew("answers"), Phrase("results.too_few_answers", {"kysymys": QUESTION})),
        (TooFew("people"), Phrase("results.too_few_people", {"kysymys": QUESTION})),
        (
            NearlyAll("3"),
            Phrase("results.nearly_all", {"kysymys": QUESTION, "vastaus": Phrase(f"{HYMIO}3")}),
        ),
        (
            Table((("1-2", FewerThan(5)), ("3", Hidden.HIDDEN), ("4-5", 12)), total=20, mean_tenths=41),
            Phrase(
                "results.table",
                {
                    "kysymys": QUESTION,
                    "rivit": Lines(
                        (
                            Phrase(
                                "results.row",
                                {
                                    "vastaus": Phrase(
                                        "results.either",
                                        {"yksi": Phrase(f"{HYMIO}1"), "toinen": Phrase(f"{HYMIO}2")},
                                    ),
                                    "luku": Phrase("results.fewer_than", {"k": 5}),
                                },
                            ),
                            Phrase(
                                "results.row",
                                {"vastaus": Phrase(f"{HYMIO}3"), "luku": Phrase("results.hidden")},
                            ),
                            Phrase(
                                "results.row",
                                {
                                    "vastaus": Phrase(
                                        "results.either",
                                        {"yksi": Phrase(f"{HYMIO}4"), "toinen": Phrase(f"{HYMIO}5")},
                                    ),
                                    "luku": 12,
                                },
                            ),
                        )
                    ),
                    "yhteensa": Phrase("results.total", {"n": 20}),
                    "keskiarvo": Phrase("results.mean", {"kokonaiset": 4, "kymmenykset": 1}),
                },
            ),
        ),
    ],
    ids=["answers", "people", "nearly all", "table"],
)
def test_results_are_put_into_plain_words(chat, found, phrase):
    assert worded(poll(chat, "ryhmakerta_hymio"), found) == phrase


def test_what_is_hidden_of_a_table_is_not_there_at_all(chat):
    said = worded(poll(chat), Table((("kavely", 12), ("peli", Hidden.HIDDEN))))

    assert (said.values["yhteensa"], said.values["keskiarvo"]) == ("", "")
