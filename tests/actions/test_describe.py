from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.describe import LABEL_LENGTH, describe, label, row, view
from bot.core.occurrences import Occurrence
from bot.core.plain_language import button_faults
from bot.i18n import Reader
from bot.messages import DayName, Localized, Phrase, When
from bot.store.calendar import Kept
from tests.support import sample_house

FURNISHED = sample_house()
HOUSE = FURNISHED.house
START = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)  # a Thursday, one o'clock in Helsinki
END = START + timedelta(hours=2)


def kept(**values):
    return Kept(7, Occurrence(**{"uid": "x", "recurrence_id": None, "start": START, "end": END, **values}))


def in_finnish(phrase, now=START):
    return FURNISHED.wording.say(phrase, Reader("fi", HOUSE.zone, now))


def test_an_occurrence_is_described_by_its_own_values():
    meeting = kept(title={"fi": "Kahvit"}, place={"fi": "Aula"}, series="ryhma", variant="keskustelu")

    assert describe(meeting, HOUSE) == {
        "nimi": Localized({"fi": "Kahvit"}),
        "aika": When(START, END),
        "milloin": DayName(START),
        "paikka": Localized({"fi": "Aula"}),
        "variantti": Localized({"fi": "Keskustelukerta", "sv": "Diskussionsträff", "en": "Talking meeting"}),
    }


def test_without_a_title_the_series_lends_its_name():
    assert describe(kept(series="ryhma"), HOUSE)["nimi"] == Localized(
        {"fi": "Yksinäisyysryhmä", "sv": "Ensamhetsgruppen", "en": "Loneliness group"}
    )


@pytest.mark.parametrize("series", [None, "ryhma", "unknown"])
def test_a_variant_that_the_schedule_does_not_explain_is_said_as_it_stands(series):
    assert describe(kept(series=series, variant="retki"), HOUSE)["variantti"] == "Retki"


def test_what_is_not_known_leaves_no_line():
    assert in_finnish(view(kept(title={"fi": "Kahvit"}), HOUSE, now=START - timedelta(days=3))) == (
        "Kahvit\nto 26.11. klo 13–15"
    )


@pytest.mark.parametrize(
    ("now", "line"),
    [
        (datetime(2026, 11, 26, 21, 59, tzinfo=UTC), "Tämä on tänään."),
        (datetime(2026, 11, 25, 22, 0, tzinfo=UTC), "Tämä on tänään."),
        (datetime(2026, 11, 25, 21, 59, tzinfo=UTC), "Tämä on huomenna."),
        (datetime(2026, 11, 24, 22, 0, tzinfo=UTC), "Tämä on huomenna."),
        (datetime(2026, 11, 24, 21, 59, tzinfo=UTC), "Hinta: maksuton. Sinun ei tarvitse ilmoittautua."),
    ],
)
def test_today_and_tomorrow_go_by_the_midnights_of_the_house(now, line):
    coffee = kept(title={"fi": "Kahvit"}, series="ryhma")

    assert in_finnish(view(coffee, HOUSE, now=now), now).splitlines()[2] == line


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"signup": True}, "event.signup"),
        ({"visibility": "members", "signup": True}, "event.members"),
        ({"status": "tentative", "visibility": "members"}, "event.maybe"),
        ({"series": "joulu"}, "event.welcome"),
    ],
)
def test_what_matters_most_to_somebody_who_thinks_of_coming_is_said(values, key):
    assert view(kept(**values), HOUSE, now=START).values["huomaa"] == Phrase(key)


@pytest.mark.parametrize("series", [None, "muinainen"])
def test_of_what_the_schedule_does_not_describe_nobody_can_say_that_one_may_just_come(series):
    assert view(kept(series=series), HOUSE, now=START).values["huomaa"] == ""


def test_limited_places_are_told():
    assert view(kept(series="kiri"), HOUSE, now=START).values["huomaa"] == Phrase("event.places", {"n": 10})


MAKSUTON = Localized({"fi": "maksuton", "sv": "gratis", "en": "free of charge"})


@pytest.mark.parametrize(
    ("values", "key", "note"),
    [
        ({"series": "ryhma"}, "event.price_and_note", Phrase("event.welcome")),
        ({"series": "ryhma", "signup": True}, "event.price_and_note", Phrase("event.signup")),
        ({"series": "ryhma", "status": "tentative"}, "event.price_and_note", Phrase("event.maybe")),
    ],
)
def test_the_price_stands_beside_what_matters_most(values, key, note):
    terms = view(kept(**values), HOUSE, now=START).values["huomaa"]

    assert terms == Phrase(key, {"hinta": MAKSUTON, "huomaa": note})


AREAS = {"kajaani": {"fi": "Kajaani", "sv": "Kajana"}, "mikkeli": {"fi": "Mikkeli", "sv": "S:t Michel"}}


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"place": {"fi": "Kirjasto"}, "area": "kajaani"}, "Kirjasto, Kajaani"),
        ({"place": {"fi": "KAJAANIN kirjasto"}, "area": "kajaani"}, "KAJAANIN kirjasto"),
        ({"place": {"fi": "Biblioteket i S:t Michel"}, "area": "mikkeli"}, "Biblioteket i S:t Michel"),
        ({"area": "mikkeli"}, "Mikkeli"),
        ({"place": {"fi": "Kirjasto"}, "area": "oulu"}, "Kirjasto"),
        ({"place": {"fi": "Kirjasto"}}, "Kirjasto"),
    ],
)
def test_the_area_is_told_where_the_place_does_not_tell_it(values, line):
    there = kept(title={"fi": "Kahvit"}, **values)

    shown = in_finnish(view(there, replace(HOUSE, areas=AREAS), now=START - timedelta(days=3)))

    assert shown.splitlines()[2:] == [line]


def test_all_that_can_be_known_fits_on_six_lines():
    everything = kept(
        title={"fi": "Yksinäisyysryhmä"},
        series="ryhma",
        variant="keskustelu",
        place={"fi": "Esimerkkitalo, 2. kerros"},
        area="kajaani",
    )

    shown = in_finnish(view(everything, replace(HOUSE, areas=AREAS), now=START))

    assert shown.splitlines() == [
        "Yksinäisyysryhmä",
        "to 26.11. klo 13–15",
        "Tämä on tänään.",
        "Keskustelukerta",
        "Esimerkkitalo, 2. kerros, Kajaani",
        "Hinta: maksuton. Sinun ei tarvitse ilmoittautua.",
    ]


def test_a_price_that_is_not_set_is_not_told():
    house = replace(HOUSE, series={"joulu": replace(HOUSE.series["joulu"], price={"fi": "5 euroa"})})

    assert "Hinta" not in in_finnish(view(kept(series="joulu"), HOUSE, now=START))
    assert in_finnish(view(kept(series="joulu"), house, now=START)).splitlines()[-1] == (
        "Hinta: 5 euroa. Sinun ei tarvitse ilmoittautua."
    )


@pytest.mark.parametrize(
    ("status", "text"),
    [
        ("confirmed", "to 26.11. klo 13–15: Kahvit"),
        ("cancelled", "to 26.11. klo 13–15: PERUTTU, Kahvit"),
        ("tentative", "to 26.11. klo 13–15: ehkä Kahvit"),
    ],
)
def test_a_row_of_a_list_says_when_it_is_not_certain(status, text):
    assert in_finnish(row(kept(title={"fi": "Kahvit"}, status=status), HOUSE)) == text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ryhmä", "Ryhmä"),
        ("Piparien leipominen Ensiaskeleessa", "Piparien leipominen…"),
        ("Halaa sossua! (Hug a social worker)", "Halaa sossua! (Hug a…"),
        ("Tietoisku: apua raha-asioihin", "Tietoisku: apua…"),
        ("Apua, tukea, neuvoja ja seuraa", "Apua, tukea, neuvoja ja…"),
        ("Sosiaalihuoltolakitietoisku", "Sosiaalihuoltolakitieto…"),
        ("a b c d e", "a b c d…"),
    ],
)
def test_a_name_is_shortened_to_fit_on_a_button(name, shown):
    assert label({"fi": name}) == Localized({"fi": shown})


words = st.lists(st.text("aäö:!(-", min_size=1, max_size=26), min_size=1, max_size=6).map(" ".join)


@given(words.filter(lambda text: text[0].isalpha()))
def test_every_shortened_name_fits(name):
    shown = label({"fi": name}).words["fi"]

    assert button_faults(shown) == ()
    assert shown == name or (
        shown.endswith("…") and name.startswith(shown[:-1]) and len(shown) <= LABEL_LENGTH
    )
