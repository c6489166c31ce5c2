import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.series import Series
from bot.i18n import Wording, read_catalogues
from bot.posters.drawing import draw
from bot.posters.month_sheet import Month, month_sheet, on_the_wall
from tests.posters.paper import codes, edge, headings, pictures
from tests.support import sample_house

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DECEMBER = Month(2026, 12)
PAGE = "https://vertti.example.org"
U5 = re.compile(
    r"(ma|ti|ke|to|pe|la|su) \d{1,2}\.\d{1,2}\. klo \d{1,2}(\.\d{2})?(–\d{1,2}(\.\d{2})?)?"
)  # DOMAIN.md, H

GROUP = Series(
    id="ryhma",
    name={"fi": "Vertaisryhmä", "sv": "Kamratgruppen", "en": "Peer group"},
    variants={"keskustelu": {"fi": "Keskustelukerta", "sv": "Diskussionsträff", "en": "Talking meeting"}},
    price={"fi": "maksuton", "sv": "gratis", "en": "free"},
)
BAKING = Series(id="piparit", name={"fi": "Piparit", "sv": "Pepparkakor", "en": "Biscuits"}, places_limit=12)
PANEL = Series(id="raati", name={"fi": "Raati", "sv": "Råd", "en": "Panel"}, visibility="members")
HOUSE = replace(sample_house().house, series={each.id: each for each in (GROUP, BAKING, PANEL)})
ZONE = HOUSE.zone


def it(day=3, hour=13, **values):
    """An event of December 2026, two hours long, by Helsinki's clock."""
    start = datetime(2026, 12, day, hour, tzinfo=ZONE).astimezone(UTC)
    fields = {"uid": f"{day}-{hour}", "recurrence_id": None, "title": {"fi": "Kahvit"}}
    return Occurrence(**(fields | {"start": start, "end": start + 2 * HOUR} | values))


def sheet(*events, language="fi", house=HOUSE, page=PAGE, now=NOW):
    return month_sheet(DECEMBER, on_the_wall(events, house, DECEMBER), house, language, page=page, now=now)


def events(*shown, **how):
    return sheet(*shown, **how).given["events"]


class TestMonth:
    @pytest.mark.parametrize(
        "text", ["", "2026", "2026-13", "2026-00", "0000-01", "26-12", "2026-1", " 2026-12", "٢٠٢٦-12"]
    )
    def test_what_is_no_month_is_refused(self, text):
        with pytest.raises(ValueError, match="2026-12"):
            Month.parse(text)

    def test_it_is_written_as_it_is_read(self):
        assert str(Month.parse("2027-03")) == "2027-03"

    def test_it_begins_and_ends_by_the_clock_of_the_house(self):
        march = Month(2027, 3)

        assert march.start(ZONE) == datetime(2027, 2, 28, 22, tzinfo=UTC)
        assert march.end(ZONE) == datetime(2027, 3, 31, 21, tzinfo=UTC)

    def test_the_year_turns_after_december(self):
        assert DECEMBER.following() == Month(2027, 1)

    def test_a_late_evening_abroad_is_the_next_month_here(self):
        assert Month.at(datetime(2026, 11, 30, 22, 30, tzinfo=UTC), ZONE) == DECEMBER


class TestWhatHangs:
    @pytest.mark.parametrize(
        "kept_back",
        [
            it(visibility="members"),
            it(visibility="staff"),
            it(series="raati"),
            it(series="raati", visibility="public"),
            it(kind="broadcast"),
        ],
    )
    def test_what_is_not_for_everybody_never_does(self, kept_back):
        assert on_the_wall([kept_back, it(4)], HOUSE, DECEMBER) == [it(4)]

    def test_other_months_do_not_but_what_reaches_into_this_one_does(self):
        start, end = DECEMBER.start(ZONE), DECEMBER.end(ZONE)
        before = it(uid="before", start=start - 2 * HOUR, end=start)
        into = it(uid="into", start=start - HOUR, end=start + HOUR)
        moment = it(uid="moment", start=start, end=start)
        last = it(uid="last", start=end - HOUR, end=end + HOUR)
        after = it(uid="after", start=end, end=end + HOUR)

        assert on_the_wall([after, last, moment, into, before], HOUSE, DECEMBER) == [into, moment, last]

    def test_of_chosen_series_only_theirs_do(self):
        shown = [it(1, series="ryhma"), it(2, series="piparit"), it(3)]

        assert on_the_wall(shown, HOUSE, DECEMBER, frozenset({"piparit"})) == [shown[1]]

    def test_turns_that_people_share_hang_only_where_they_are_asked_for(self):
        watering = Series(id="kastelu", name={"fi": "Kastelu"}, turns_shared=True)
        house = replace(HOUSE, series={**HOUSE.series, "kastelu": watering})
        shown = [it(3, series="kastelu"), it(4, series="ryhma")]

        assert on_the_wall(shown, house, DECEMBER) == [shown[1]]
        assert on_the_wall(shown, house, DECEMBER, frozenset({"kastelu"})) == [shown[0]]

    @given(
        st.lists(
            st.builds(
                lambda day, hours, **values: it(
                    start=DECEMBER.start(ZONE) + timedelta(days=day),
                    end=DECEMBER.start(ZONE) + timedelta(days=day, hours=hours),
                    **values,
                ),
                st.integers(-40, 70),
                st.sampled_from([0, 2, 24, 1000]),
                uid=st.sampled_from("abc"),
                visibility=st.sampled_from(["public", "members", "staff"]),
                series=st.sampled_from([None, "ryhma", "raati", "gone"]),
                status=st.sampled_from(["confirmed", "cancelled", "tentative"]),
            ),
            max_size=8,
        )
    )
    def test_every_public_event_hangs_in_each_month_that_it_touches_and_nothing_else(self, shown):
        months = [Month(2026, 10), Month(2026, 11), DECEMBER, Month(2027, 1), Month(2027, 2), Month(2027, 3)]
        public = [each for each in shown if each.visibility == "public" and each.series != "raati"]

        def touches(each, month):
            last = each.end - timedelta(milliseconds=1) if each.end > each.start else each.start
            return Month.at(each.start, ZONE) <= month <= Month.at(last, ZONE)

        for month in months:
            hanging = on_the_wall(shown, HOUSE, month)

            assert sorted(hanging, key=repr) == sorted((e for e in public if touches(e, month)), key=repr)
            assert [each.start for each in hanging] == sorted(each.start for each in hanging)


class TestOneEvent:
    def test_all_that_is_known_of_it_is_said(self):
        known = it(series="ryhma", variant="keskustelu", place={"fi": "Esimerkkitalo"})

        assert events(known) == [
            {
                "when": ["to 3.12.", "klo 13–15"],
                "mark": "",
                "title": "Kahvit",
                "lines": ["Keskustelukerta, maksuton", "Esimerkkitalo", "Ei ilmoittautumista."],
            }
        ]

    def test_it_is_said_in_the_readers_language_as_far_as_there_are_words(self):
        known = it(series="ryhma", variant="keskustelu", place={"fi": "Talo"}, title={})

        assert events(known, language="sv") == [
            {
                "when": ["to 3.12", "kl. 13–15"],
                "mark": "",
                "title": "Kamratgruppen",
                "lines": ["Diskussionsträff, gratis", "Talo", "Ingen anmälan."],
            }
        ]

    def test_a_cancelled_one_says_so_and_nothing_that_could_bring_anybody_there(self):
        cancelled = it(series="ryhma", variant="keskustelu", place={"fi": "Talo"}, status="cancelled")

        assert events(cancelled) == [
            {"when": ["to 3.12.", "klo 13–15"], "mark": "PERUTTU", "title": "Kahvit", "lines": []}
        ]

    def test_its_place_is_said_with_its_area_where_that_is_not_said_already(self):
        house = replace(HOUSE, areas={"mikkeli": {"fi": "Mikkeli"}})
        shown = [it(1, place={"fi": "Kirjasto"}, area="mikkeli"), it(2, place={"fi": "Mikkelin kirjasto"})]

        assert [each["lines"] for each in events(*shown, house=house)] == [
            ["Kirjasto, Mikkeli"],
            ["Mikkelin kirjasto"],
        ]

    def test_one_that_may_not_be_says_so(self):
        assert events(it(status="tentative"))[0]["lines"] == ["Ehkä. Tämä ei ole vielä varmaa."]

    def test_one_with_a_limit_says_how_many_places_there_are_and_that_one_signs_up(self):
        assert events(it(series="piparit", signup=True))[0]["lines"] == [
            "12 paikkaa",
            "Ilmoittaudu ennen kuin tulet.",
        ]

    def test_of_one_that_the_schedule_does_not_describe_nothing_is_promised(self):
        assert events(it(series="gone", variant="retki"))[0]["lines"] == ["Retki"]

    def test_one_without_words_still_has_a_name(self):
        assert [each["title"] for each in events(it(title={}), it(4, title={"fi": "🎄"}))] == [
            "Tapahtuma"
        ] * 2

    @pytest.mark.parametrize(
        ("values", "when"),
        [
            ({"all_day": True, "start": (3, 0), "end": (4, 0)}, ["to 3.12."]),
            ({"all_day": True, "start": (3, 0), "end": (6, 0)}, ["to 3.12.–", "la 5.12."]),
            ({"start": (3, 13), "end": (3, 13)}, ["to 3.12.", "klo 13"]),
            ({"start": (3, 22), "end": (4, 2)}, ["to 3.12.", "klo 22–2"]),
            ({"start": (3, 13), "end": (5, 9)}, ["to 3.12.", "klo 13 –", "la 5.12.", "klo 9"]),
        ],
    )
    def test_its_time_stands_in_short_pieces(self, values, when):
        instants = {
            name: datetime(2026, 12, *values[name], tzinfo=ZONE).astimezone(UTC) for name in ("start", "end")
        }

        assert events(it(**(values | instants)))[0]["when"] == when

    @given(st.integers(0, 31 * 96 - 1), st.integers(0, 95))
    def test_its_time_keeps_the_one_pattern(self, start, length):
        begins = DECEMBER.start(ZONE) + start * timedelta(minutes=15)
        when = events(it(start=begins, end=begins + length * timedelta(minutes=15)))[0]["when"]

        assert U5.fullmatch(" ".join(when))
        assert len(when) == 2

    def test_no_date_needs_its_year_which_stands_above(self):
        early = datetime(2025, 1, 1, tzinfo=UTC)

        assert events(it(), now=early)[0]["when"] == ["to 3.12.", "klo 13–15"]


class TestSigningUp:
    def above(self, *shown):
        return sheet(*shown).given["intro"][1:]

    def beside(self, *shown):
        said = {"Ei ilmoittautumista.", "Ilmoittaudu ennen kuin tulet."}
        return [line for each in events(*shown) for line in each["lines"] if line in said]

    FREE = (it(1, series="ryhma"), it(2, series="ryhma"))
    BAKING = it(4, series="piparit", signup=True)

    def test_where_nobody_has_to_it_is_said_once(self):
        assert self.above(*self.FREE) == ["Sinun ei tarvitse ilmoittautua."]
        assert self.beside(*self.FREE) == []

    def test_where_one_event_wants_it_the_others_need_not_say_that_they_do_not(self):
        assert self.above(*self.FREE, self.BAKING) == ["Ilmoittaudu vain, jos niin lukee."]
        assert self.beside(*self.FREE, self.BAKING) == ["Ilmoittaudu ennen kuin tulet."]

    def test_where_it_is_not_known_of_all_each_event_speaks_for_itself(self):
        assert self.above(*self.FREE, it(5)) == []
        assert self.beside(*self.FREE, it(5)) == ["Ei ilmoittautumista."] * 2

    def test_a_cancelled_event_has_no_say(self):
        assert self.above(*self.FREE, it(5, status="cancelled")) == ["Sinun ei tarvitse ilmoittautua."]


class TestBelow:
    def test_it_says_who_runs_it_how_to_reach_them_and_where_the_newest_times_are(self):
        assert sheet(it()).given["ask"] == {
            "heading": "Esimerkkilän sosiaaliasema",
            "lines": [
                "Sinulle vastaa sosiaaliohjaaja.",
                "Puhelin: 014 000 0000",
                "Auki: ma–pe klo 9–15",
                "Osoite: Esimerkkikatu 1, Jyväskylä",
            ],
            "newest": "Uusimmat ajat:",
            "printed": "Tulostettu la 21.11.",
        }

    @pytest.mark.parametrize(
        ("known", "heading", "lines", "newest"),
        [
            ({"puhelin": "014 000"}, "Kysy lisää", ["Puhelin: 014 000"], "Kysy uusimmat ajat puhelimella."),
            ({}, "Kysy lisää", ["Kysy työntekijältä."], "Kysy uusimmat ajat työntekijältä."),
        ],
    )
    def test_what_is_not_filled_in_is_left_out_and_without_a_page_it_says_whom_to_ask(
        self, known, heading, lines, newest
    ):
        house = replace(HOUSE, content=replace(HOUSE.content, organization=known))
        wording = Wording(read_catalogues(), {}, lambda _: known, "fi")
        given = sheet(it(), house=replace(house, wording=wording), page="").given

        assert given["code"] is None
        assert (given["ask"]["heading"], given["ask"]["lines"], given["ask"]["newest"]) == (
            heading,
            lines,
            newest,
        )


class TestOnPaper:
    """The sheet as it is drawn."""

    LONG = (
        "Lentokonesuihkuturbiinimoottoriapumekaanikkoaliupseerioppilaskerho",
        "W" * 90,
        "https://www.example.org/" + "polku/" * 30,
        "pitkä " * 400,
        "a.b" * 60,
    )

    def test_a_month_of_six_events_fits_on_one_page_and_three_are_printed_larger(self):
        six = [it(1 + 4 * number, place={"fi": "Esimerkkitalo, 2. kerros"}) for number in range(6)]

        assert len(pictures(sheet(*six), at=NOW, ppi=20)) == 1
        assert black(sheet(*six[:3])) > 0.5 * black(sheet(*six))

    def test_a_month_of_twenty_events_fits_on_one_page_too(self):
        twenty = [
            it(1 + number, series="ryhma", place={"fi": "Esimerkkitalo, 2. kerros"}) for number in range(20)
        ]

        assert len(pictures(sheet(*twenty), at=NOW, ppi=20)) == 1

    def test_what_does_not_fit_in_readable_print_goes_on_further_pages(self):
        many = [
            it(1 + number, title={"fi": f"Tapahtuma {number}"}, place={"fi": "Talo"}) for number in range(25)
        ]
        (pdf,) = draw(sheet(*many).template, sheet(*many).given, at=NOW)
        titles = [f"Tapahtuma {number}" for number in range(25)]

        assert len(pictures(sheet(*many), at=NOW, ppi=20)) == 3
        assert headings(pdf) == ["Joulukuu 2026", *titles, "Esimerkkilän sosiaaliasema"]

    @pytest.mark.parametrize("words", LONG)
    def test_nothing_is_cut_off_however_long_it_is(self, words):
        drawn = pictures(sheet(it(title={"fi": words}, place={"fi": words}), it(4)), at=NOW, ppi=50)

        assert [
            page for page in drawn if edge(page, ppi=50) < 7
        ] == []  # millimetres: what printers leave white

    def test_what_is_cancelled_is_called_so_in_the_list_of_headings_too(self):
        drawn = sheet(it(title={"fi": "Retki $x$ #1"}, status="cancelled"))
        (pdf,) = draw(drawn.template, drawn.given, at=NOW)

        assert headings(pdf)[1] == "PERUTTU Retki $x$ #1"

    def test_a_pdf_names_its_language_and_its_title(self):
        drawn = sheet(it(), language="sv")
        (pdf,) = draw(drawn.template, drawn.given, at=NOW)
        title = "Grupper och evenemang: December 2026"

        assert b"/Lang(sv)" in pdf
        assert b"/MarkInfo" in pdf
        assert title.encode() in pdf

    @pytest.mark.parametrize("address", [PAGE, "http://v.fi", f"{PAGE}/{'pitka-osoite/' * 12}ohjelma"])
    def test_its_code_reads_as_the_address_and_is_large_enough(self, address):
        (page,) = pictures(sheet(it(), page=address), at=NOW, ppi=150)
        ((modules, across),) = codes(page)
        code = segno.make(address, error="m", micro=False)

        assert modules == tuple(tuple(bool(module) for module in row) for row in code.matrix)
        assert code.error in {"M", "Q", "H"}
        assert across / 150 * 25.4 >= 30


def black(drawn):
    """How much of the pages of a sheet is dark."""
    found = 0.0
    for page in pictures(drawn, at=NOW, ppi=30):
        histogram = page.histogram()
        found += sum(histogram[:128])
    return found
