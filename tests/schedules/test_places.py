from dataclasses import replace
from datetime import timedelta

from bot.router import Tick
from schedules.places import look_around, settle
from tests.handlers.attending import (
    AREAS,
    DAY,
    GROUP,
    HOUR,
    SOON,
    TRIP,
    chat_with_series,
    dates,
    presses_of,
)
from tests.support import NOW

MORNING = SOON - 3 * HOUR  # nine o'clock of the day itself


def trip_with_a_queue(*names):
    """The trip has two places; these people ask for one after the other."""
    chat = chat_with_series(TRIP)
    (trip,) = dates(chat, TRIP, SOON)
    for name in names:
        presses_of(chat, name, "sign.up", trip)
    return chat, trip


def starts(chat):
    """What follows where the content says something else at the next start."""
    with chat.transaction() as store:
        look_around(Tick(store, chat.now, chat.house))
    return looks(chat)


def looks(chat):
    """Who is offered a place at once."""
    first_lines = [(each.who, each.text.splitlines()[0]) for each in chat.ticks()]
    return [each for each in first_lines if each[1] == OFFER]


def states(chat, trip):
    with chat.transaction() as store:
        return [each.state for each in store.sign_ups.on(trip)]


OFFER = "Sinulle on vapautunut paikka."


def test_an_offer_that_nobody_answers_goes_to_the_next_when_it_ends():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia", "daavid")
    asked = presses_of(chat, "anna", "sign.off", trip)
    before = chat.ticks(to=NOW + DAY - timedelta(minutes=1))
    after = chat.ticks(to=NOW + DAY)

    assert [each.who for each in asked] == ["anna", "cecilia"]
    assert before == []
    assert [(each.who, each.text.splitlines()[0]) for each in after] == [("daavid", OFFER)]
    assert states(chat, trip) == ["coming", "offered"]


def test_an_outage_loses_and_doubles_no_offer():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia", "daavid", "eeva")
    presses_of(chat, "anna", "sign.off", trip)
    after = chat.ticks(to=NOW + 2 * DAY)  # nobody was there for two days
    again = chat.ticks(to=NOW + 2 * DAY)

    assert [each.who for each in after] == ["daavid"]
    assert again == []


def test_nobody_is_asked_at_night():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia")
    chat.now = NOW + 12 * HOUR  # midnight
    heard = presses_of(chat, "anna", "sign.off", trip)
    at_night = chat.ticks(to=NOW + 20 * HOUR)
    (asked,) = chat.ticks(to=NOW + 21 * HOUR)

    assert [each.who for each in heard] == ["anna"]
    assert at_night == []
    assert (asked.who, asked.text.splitlines()[-1]) == (
        "cecilia",
        "Pidän paikan sinulle tähän asti: ma 23.11. klo 9",
    )


def test_when_there_are_more_places_those_who_wait_are_asked():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia", "daavid")
    chat.house = replace(chat.house, series={"retki": replace(TRIP, places_limit=3)})

    assert starts(chat) == [("cecilia", OFFER)]
    assert looks(chat) == []
    assert states(chat, trip) == ["coming", "coming", "offered", "waiting"]


def test_when_there_are_fewer_an_offer_is_taken_back_and_nobody_loses_a_place():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia")
    presses_of(chat, "anna", "sign.off", trip)
    chat.house = replace(chat.house, series={"retki": replace(TRIP, places_limit=1)})
    starts(chat)

    assert states(chat, trip) == ["coming", "waiting"]


def test_what_is_cancelled_offers_nothing_until_it_takes_place_again():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia")
    presses_of(chat, "anna", "sign.off", trip)
    dates(chat, TRIP, SOON, status="cancelled")
    cancelled = (looks(chat), states(chat, trip))
    dates(chat, TRIP, SOON)
    chat.now += HOUR

    assert cancelled == ([], ["coming", "waiting"])
    assert looks(chat) == [("cecilia", OFFER)]


def test_the_place_of_who_was_erased_is_offered_at_once():
    chat, _ = trip_with_a_queue("anna", "bertil", "cecilia")
    presses_of(chat, "anna", "forget")

    assert looks(chat) == [("cecilia", OFFER)]
    assert looks(chat) == []


def test_an_offer_to_who_was_erased_goes_on():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia", "daavid")
    presses_of(chat, "anna", "sign.off", trip)
    presses_of(chat, "cecilia", "forget")

    assert looks(chat) == [("daavid", OFFER)]


def test_an_offer_to_who_blocks_vertti_goes_on_at_once_and_a_place_stays_theirs():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia", "daavid")
    presses_of(chat, "anna", "sign.off", trip)
    chat.happens("removed", "bertil")
    chat.happens("removed", "cecilia")

    assert looks(chat) == [("daavid", OFFER)]
    assert states(chat, trip) == ["coming", "offered"]
    assert presses_of(chat, "cecilia", "sign.take", trip)[0].text.startswith("Paikka meni jo toiselle.")


def test_at_night_nobody_is_asked_for_the_place_of_who_was_erased():
    chat, _ = trip_with_a_queue("anna", "bertil", "cecilia")
    chat.now = NOW + 12 * HOUR  # midnight
    presses_of(chat, "anna", "forget")
    at_night = looks(chat)
    chat.now = NOW + 21 * HOUR

    assert (at_night, looks(chat)) == ([], [("cecilia", OFFER)])


def test_a_look_costs_by_what_changed_and_not_by_the_number_of_lists():
    chat = chat_with_series(TRIP)
    trips = dates(chat, TRIP, *(SOON + n * HOUR for n in range(60)))
    for name in ("anna", "bertil", "cecilia"):
        chat.says(name, "/start")
    with chat.transaction() as store:
        for name in ("anna", "bertil", "cecilia"):
            who = store.people.find(chat.place(name)).id
            for trip in trips if name != "anna" else trips[:1]:
                store.sign_ups.add(trip, who, "waiting" if name == "cecilia" else "coming")
    starts(chat)

    def statements(work):
        seen = []
        driver = chat.store.connection.connection.driver_connection
        driver.set_trace_callback(seen.append)
        work()
        driver.set_trace_callback(None)
        return len(seen)

    def look():
        with chat.transaction() as store:
            look_around(Tick(store, chat.now, chat.house))

    idle = statements(look)
    presses_of(chat, "anna", "forget")

    assert idle <= 6
    assert statements(lambda: settle_all(chat)) <= 30


def settle_all(chat):
    """What the sweep does with the dates that are to be looked at."""
    settled = 0
    with chat.transaction() as store:
        while store.unsettled.first() is not None:
            settle(Tick(store, chat.now, chat.house))
            settled += 1
    return settled


# ---- newcomers -------------------------------------------------------------------------------------------


def group(*names, at=SOON):
    chat = chat_with_series(GROUP)
    chat.make_organizer("olli")
    (here,) = dates(chat, GROUP, at)
    for name in names:
        presses_of(chat, name, "first.come", here)
    return chat, here


def told(heard):
    return [each.text.splitlines()[0] for each in heard if each.who == "olli"]


def test_organizers_hear_the_number_once_in_the_morning():
    chat, _ = group("anna", "bertil")
    before = chat.ticks(to=MORNING - timedelta(minutes=1))
    in_the_morning = chat.ticks(to=MORNING)
    later = chat.ticks(to=SOON)

    assert before == later == []
    assert told(in_the_morning) == ["Tulossa on 2 uutta."]


def test_who_says_so_on_the_same_day_is_told_of_at_once_and_no_number_twice():
    chat, here = group("anna")
    chat.ticks(to=MORNING + HOUR)
    presses_of(chat, "bertil", "first.come", here)
    second = chat.ticks()
    presses_of(chat, "bertil", "first.not", here)
    presses_of(chat, "bertil", "first.come", here)

    assert told(second) == ["Tulossa on 2 uutta."]
    assert told(chat.ticks()) == []


def test_of_who_changes_their_mind_before_nobody_hears():
    chat, here = group("anna")
    presses_of(chat, "anna", "first.not", here)

    assert chat.ticks(to=SOON) == []


def test_of_what_is_cancelled_nothing_is_told_unless_it_takes_place_again():
    chat, _ = group("anna")
    dates(chat, GROUP, SOON, status="cancelled")
    cancelled = chat.ticks(to=MORNING)
    dates(chat, GROUP, SOON)

    assert told(cancelled) == []
    assert told(chat.ticks()) == ["Tulossa on 1 uusi."]


def test_when_the_date_is_moved_the_telling_moves_with_it():
    chat, _ = group("anna")
    dates(chat, GROUP, SOON + DAY)
    that_day = chat.ticks(to=MORNING)
    later = chat.ticks(to=MORNING + DAY)

    assert (told(that_day), told(later)) == ([], ["Tulossa on 1 uusi."])


def test_when_it_is_brought_forward_too():
    chat, _ = group("anna")
    dates(chat, GROUP, SOON - DAY)
    looks(chat)

    assert told(chat.ticks(to=MORNING - DAY)) == ["Tulossa on 1 uusi."]


def test_of_what_has_begun_nothing_is_told():
    chat, _ = group("anna")

    assert chat.ticks(to=SOON) == []  # nobody was there that morning


# ---- areas -----------------------------------------------------------------------------------------------


def test_areas_that_there_are_no_more_are_forgotten():
    chat = chat_with_series(TRIP, areas=AREAS)
    presses_of(chat, "anna", "area", "kajaani", "0")
    chat.house = replace(chat.house, areas={"mikkeli": AREAS["mikkeli"]})
    starts(chat)

    with chat.transaction() as store:
        assert store.areas.of(store.people.find(chat.place("anna")).id) == frozenset()


def test_where_the_schedule_has_no_areas_today_what_people_chose_stays():
    """Its file may be broken at this start."""
    chat = chat_with_series(TRIP, areas=AREAS)
    presses_of(chat, "anna", "area", "kajaani", "0")
    chat.house = replace(chat.house, areas={})
    starts(chat)

    with chat.transaction() as store:
        assert store.areas.of(store.people.find(chat.place("anna")).id) == {"kajaani"}


def test_where_its_series_cannot_be_read_at_a_start_nobody_is_offered_more_than_there_is():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia", "daavid")
    starts(chat)
    chat.house = replace(chat.house, series={})

    assert starts(chat) == []
    presses_of(chat, "eeva", "sign.up", trip)
    assert states(chat, trip) == ["coming", "coming", "waiting", "waiting", "waiting"]


def test_nor_is_an_offer_taken_back():
    chat, trip = trip_with_a_queue("anna", "bertil", "cecilia")
    starts(chat)
    presses_of(chat, "anna", "sign.off", trip)
    whole, chat.house = chat.house, replace(chat.house, series={})
    starts(chat)
    chat.house = whole

    assert starts(chat) == []
    assert states(chat, trip) == ["coming", "offered"]
