"""Places under any interleaving: who signs up, gives back, is asked, does not answer, is erased; limits and dates that change."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions.places import bring_up_to_date, limit_of, may_sign_up, sign_off, sign_up
from bot.core.occurrences import Occurrence
from bot.core.series import Series
from bot.core.waiting_list import LAST_CALL, free, offer_until
from bot.messages import Place
from bot.store.people import Conversation
from tests.support import open_store, sample_house

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRIP = Occurrence(
    uid="retki", recurrence_id=None, start=NOW + 60 * HOUR, end=NOW + 62 * HOUR, series="retki", signup=True
)
PEOPLE = ("anna", "bertil", "cecilia", "daavid", "eeva")


@dataclass
class World:
    """One event, some people, and time."""

    limit: int | None = 2
    now: datetime = NOW
    trip: Occurrence = TRIP
    house: object = field(default_factory=lambda: sample_house().house)

    def __post_init__(self):
        self.store = open_store()
        self.store.begin()
        self.store.savepoint()
        self.is_planned(self.trip)
        self.is_limited(self.limit)

    def is_planned(self, trip):
        self.trip = trip
        self.store.refreshing.refresh("test", [trip], lambda _: (), now=NOW)
        self.id = self.store.refreshing.stored("test")[0].id

    def is_limited(self, limit):
        self.limit = limit
        series = Series(id="retki", name={"fi": "Retki"}, signup=True, places_limit=limit)
        self.house = replace(self.house, series={"retki": series})

    @property
    def kept(self):
        return self.store.calendar.get(self.id)

    def who(self, name) -> Conversation:
        return self.store.people.meet(Place("telegram", name), language="fi", now=self.now)

    def signs_up(self, name, *, wait=True):
        if may_sign_up(self.kept.it, now=self.now):
            return sign_up(self.store, self.house, self.kept, self.who(name), now=self.now, wait=wait)
        return None

    def signs_off(self, name):
        return sign_off(self.store, self.house, self.kept, self.who(name), now=self.now)

    def goes_silent(self, name):
        self.store.people.silence(self.who(name).id, "blocked")

    def is_erased(self, name):
        self.store.people.forget(self.who(name).id)
        self.store.people.bury(all_of_them=True)

    def passes(self, hours):
        """Time goes by: what ends on the way is looked after when it does, as the sweep would."""
        until = self.now + hours * HOUR
        while (due := self.store.sign_ups.next_end()) is not None and due <= until:
            self.now = max(self.now, due)
            self.looks()
        self.now = until
        self.looks()

    def looks(self):
        bring_up_to_date(self.store, self.house, self.kept, now=self.now)

    def list(self):
        return self.store.sign_ups.on(self.id)

    def states(self):
        """Who has what, in the order of the list."""
        known = {self.who(name).id: name for name in PEOPLE}
        return [(known[each.who], each.state) for each in self.list()]

    def asked(self):
        """To whom a question is on its way that was not taken back."""
        rows = self.store.delivery.claim("telegram", now=self.now + 12 * HOUR, most=99)
        return [row.place.address for row in rows]


# ---- by hand ---------------------------------------------------------------------------------------------


def test_places_go_in_the_order_of_asking_and_nobody_has_two():
    world = World()
    for name in ("anna", "bertil", "anna", "cecilia", "daavid"):
        world.signs_up(name)

    assert world.states() == [
        ("anna", "coming"),
        ("bertil", "coming"),
        ("cecilia", "waiting"),
        ("daavid", "waiting"),
    ]


def test_a_place_given_back_is_offered_to_the_next_and_kept_from_others():
    world = World()
    for name in PEOPLE[:4]:
        world.signs_up(name)

    assert world.signs_off("anna") == "coming"
    assert world.signs_up("eeva").state == "waiting"
    assert world.signs_up("daavid", wait=False).state == "waiting"
    assert world.states()[1:] == [("cecilia", "offered"), ("daavid", "waiting"), ("eeva", "waiting")]
    assert world.signs_up("cecilia").state == "coming"


def test_who_does_not_answer_leaves_the_list_and_the_next_is_asked():
    world = World(limit=1)
    for name in PEOPLE[:3]:
        world.signs_up(name)
    world.signs_off("anna")
    world.passes(25)

    assert world.states() == [("cecilia", "offered")]
    assert world.signs_up("bertil", wait=False) is None  # the place went on
    assert world.signs_off("cecilia") == "offered"
    assert world.signs_up("bertil", wait=False).state == "coming"


def test_late_the_free_place_is_whose_who_takes_it_first():
    world = World(limit=1)
    for name in PEOPLE[:3]:
        world.signs_up(name)
    world.passes(58.5)
    world.signs_off("anna")

    assert world.states() == [("bertil", "waiting"), ("cecilia", "waiting")]
    assert world.signs_up("cecilia").state == "coming"
    assert world.signs_up("bertil").state == "waiting"


def test_a_cancelled_event_offers_nothing_and_goes_on_where_it_stopped():
    world = World(limit=1)
    for name in PEOPLE[:3]:
        world.signs_up(name)
    world.signs_off("anna")
    world.is_planned(replace(TRIP, status="cancelled"))
    world.looks()
    cancelled = world.states()
    world.is_planned(TRIP)
    world.looks()

    assert cancelled == [("bertil", "waiting"), ("cecilia", "waiting")]
    assert world.states() == [("bertil", "offered"), ("cecilia", "waiting")]


def test_a_question_that_is_none_any_more_is_not_asked():
    world = World(limit=1)
    for name in PEOPLE[:2]:
        world.signs_up(name)
    world.now += 11 * HOUR  # at night: it would be asked in the morning
    world.signs_off("anna")
    world.signs_off("bertil")

    assert world.states() == []
    assert world.asked() == []


def test_who_blocked_us_is_passed_over():
    world = World(limit=1)
    for name in PEOPLE[:3]:
        world.signs_up(name)
    world.goes_silent("bertil")
    world.signs_off("anna")

    assert [(each.who, each.state) for each in world.list()] == [(world.who("cecilia").id, "offered")]


def test_without_a_limit_everybody_comes_and_what_is_not_held_has_no_places():
    world = World(limit=None)
    for name in PEOPLE:
        world.signs_up(name)

    assert {state for _, state in world.states()} == {"coming"}
    assert limit_of(replace(TRIP, status="cancelled"), world.house) == 0
    assert limit_of(replace(TRIP, signup=False), world.house) == 0


# ---- any interleaving ------------------------------------------------------------------------------------

names = st.sampled_from(PEOPLE)
steps = st.one_of(
    st.tuples(st.just("signs_up"), names),
    st.tuples(st.just("signs_up"), names),
    st.tuples(st.just("takes"), names),
    st.tuples(st.just("signs_off"), names),
    st.tuples(st.just("goes_silent"), names),
    st.tuples(st.just("is_erased"), names),
    st.tuples(st.just("is_limited"), st.none() | st.integers(0, 4)),
    st.tuples(st.just("is_planned"), st.sampled_from([TRIP, replace(TRIP, status="cancelled")])),
    st.tuples(st.just("passes"), st.sampled_from([0.5, 3, 12, 30])),
)


@settings(max_examples=120, deadline=None)
@given(st.lists(steps, max_size=25))
def test_never_more_than_the_limit_have_a_place_nobody_loses_one_and_none_stays_empty(story):
    world = World()
    for step, value in story:
        before = {each.who for each in world.list() if each.state == "coming"}
        if step == "takes":
            world.signs_up(value, wait=False)
        else:
            getattr(world, step)(value)
        world.looks()
        found = world.list()
        coming = {each.who for each in found if each.state == "coming"}
        limit = limit_of(world.kept.it, world.house)
        goes = {world.who(value).id} if step == "signs_off" else set()

        assert len({each.who for each in found}) == len(found)
        if step != "is_erased":
            assert before - goes <= coming  # who has a place keeps it
        held = sum(each.state != "waiting" for each in found)
        assert limit is None or held <= max(limit, len(before - goes))
        if world.now < world.trip.start - LAST_CALL:
            offers = offer_until(
                world.now, start=TRIP.start, hours=world.house.quiet_hours, zone=world.house.zone
            )
            waiting = [each for each in found if each.state == "waiting"]
            assert offers is None or free(found, limit) == 0 or not waiting
        assert all(each.until > world.now for each in found if each.state == "offered")
