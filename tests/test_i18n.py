from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import LANGUAGES, Reader, Wording, read_catalogues, when
from bot.messages import DayName, Lines, Localized, Phrase, When

HELSINKI = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)  # a Saturday, noon in Helsinki
FI, SV, EN = (Reader(language, HELSINKI, NOW) for language in LANGUAGES)
CATALOGUES = {
    "fi": {
        "hello": ("Hei!",),
        "days": ("{{n}} päivä", "{{n}} päivää"),
        "place": ("Seuraava kerta:\n{{aika}}\n{{ paikka }}\n\nTervetuloa {{organisaatio}}",),
        "who sees": ("Ei kukaan.\n{{ palvelun_nimi }} voi nähdä sen.",),
        "day.today": ("tänään",),
        "day.tomorrow": ("huomenna",),
    },
    "sv": {"hello": ("Hej!",), "days": ("{{n}} dag", "{{n}} dagar"), "day.today": ("i dag",), "day.tomorrow": ("i morgon",)},
    "en": {"only.english": ("Hello!",)},
}  # fmt: skip
ORGANIZATION = {"organisaatio": "Esimerkkilään", "paikka": "Esimerkkitalo", "palvelun_nimi": "Postipalvelu"}
WORDING = Wording(
    {language: {**read_catalogues()[language], **forms} for language, forms in CATALOGUES.items()},
    {"command.apua.help": {"fi": "Mitä osaan", "sv": "Vad jag kan"}, "hello": {"sv": "Hejsan!"}},
    lambda language: ORGANIZATION if language == "fi" else {},
    "fi",
)


def at(day, hour=11, minute=0):
    """An instant in UTC of November 2026; Helsinki is two hours ahead."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


# ---- choosing the words --------------------------------------------------------------------------------------


def test_a_phrase_is_said_in_the_readers_language():
    assert [WORDING.say(Phrase("days", {"n": 2}), reader) for reader in (FI, SV)] == ["2 päivää", "2 dagar"]


def test_what_is_not_translated_is_said_in_the_houses_language_or_any():
    assert WORDING.say(Phrase("hello"), EN) == "Hei!"
    assert WORDING.say(Phrase("only.english"), SV) == "Hello!"


def test_an_unknown_key_is_a_programmers_fault():
    with pytest.raises(KeyError):
        WORDING.say(Phrase("no.such.key"), FI)


def test_the_organizations_own_words_win():
    assert WORDING.say(Phrase("hello"), SV) == "Hejsan!"
    assert WORDING.say(Phrase("hello"), FI) == "Hei!"
    assert WORDING.has("command.apua.help", "sv")
    assert not WORDING.has("command.apua.help", "en")


def test_one_is_one_and_all_else_is_many():
    assert [WORDING.say(Phrase("days", {"n": n}), FI) for n in (0, 1, 2)] == [
        "0 päivää",
        "1 päivä",
        "2 päivää",
    ]


# ---- putting values in ---------------------------------------------------------------------------------------


def test_a_line_that_held_only_what_came_out_empty_is_left_out_and_empty_lines_stay():
    said = WORDING.say(Phrase("place", {"aika": ""}), FI)

    assert said == "Seuraava kerta:\nEsimerkkitalo\n\nTervetuloa Esimerkkilään"


def test_where_no_service_carries_the_words_or_none_is_named_nothing_is_said_of_one():
    sees = Phrase("who sees")
    nobodys = Wording(CATALOGUES, {}, lambda _: {}, "fi")

    assert WORDING.say(sees, FI) == "Ei kukaan.\nPostipalvelu voi nähdä sen."
    assert WORDING.say(sees, replace(FI, carried=False)) == "Ei kukaan."
    assert nobodys.say(sees, FI) == "Ei kukaan."


def test_a_phrases_own_values_win_over_the_organizations():
    said = WORDING.say(Phrase("place", {"aika": "nyt", "paikka": "täällä"}), FI)

    assert said == "Seuraava kerta:\nnyt\ntäällä\n\nTervetuloa Esimerkkilään"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("teksti", "teksti"),
        (7, "7"),
        (Phrase("days", {"n": 1}), "1 päivä"),
        (When(at(24), at(24, 13)), "ti 24.11. klo 13–15"),
        (DayName(at(21, 20)), "tänään"),
        (DayName(at(22)), "huomenna"),
        (DayName(at(23)), ""),
        (Localized({"sv": "Huset", "fi": "Talo"}), "Talo"),
        (Localized({"sv": "Huset"}), "Huset"),
        (Localized({}), ""),
        (Lines(("yksi", "", DayName(at(23)), 2, Phrase("hello"))), "yksi\n2\nHei!"),
    ],
)
def test_each_kind_of_value_has_its_words(value, said):
    whole = WORDING.say(Phrase("place", {"aika": value, "paikka": ""}), FI)

    assert whole.split("\n")[1 : 1 + said.count("\n") + bool(said)] == said.split("\n") * bool(said)


def test_what_is_put_in_is_taken_literally():
    """A title may hold anything, also what looks like a placeholder or a reference of a pattern."""
    for title in ("{{paikka}}", "{{ n }}", r"\1 \g<0>", "<b>", "%(x)s", "{0}"):
        assert title in WORDING.say(Phrase("place", {"aika": title}), FI)


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_whatever_is_put_in_stands_there(title):
    said = WORDING.say(Phrase("place", {"aika": f"<{title}>"}), FI)

    assert f"<{title}>" in said


# ---- times ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "fi", "sv", "en"),
    [
        (When(at(24), at(24, 13)), "ti 24.11. klo 13–15", "ti 24.11 kl. 13–15", "Tue 24 Nov, 13–15"),
        (When(at(24)), "ti 24.11. klo 13", "ti 24.11 kl. 13", "Tue 24 Nov, 13"),
        (When(at(24), at(24)), "ti 24.11. klo 13", "ti 24.11 kl. 13", "Tue 24 Nov, 13"),
        (When(at(24, 7, 5), at(24, 8, 30)), "ti 24.11. klo 9.05–10.30", "ti 24.11 kl. 9.05–10.30", "Tue 24 Nov, 9:05–10:30"),
        (When(at(21, 22), at(22, 22), all_day=True), "su 22.11.", "sö 22.11", "Sun 22 Nov"),
        (When(at(21, 22), at(24, 22), all_day=True), "su 22.11.–ti 24.11.", "sö 22.11–ti 24.11", "Sun 22 Nov–Tue 24 Nov"),
        (When(at(24, 18), at(25, 1)), "ti 24.11. klo 20–3", "ti 24.11 kl. 20–3", "Tue 24 Nov, 20–3"),
        (When(at(24), at(26, 13)), "ti 24.11. klo 13 – to 26.11. klo 15", "ti 24.11 kl. 13 – to 26.11 kl. 15", "Tue 24 Nov, 13 – Thu 26 Nov, 15"),
    ],
)  # fmt: skip
def test_a_time_is_always_worded_the_same_way(value, fi, sv, en):
    assert [when(value, reader) for reader in (FI, SV, EN)] == [fi, sv, en]


@pytest.mark.parametrize(
    ("days", "said"),
    [(-180, "ma 25.5. klo 14"), (-400, "pe 17.10.2025 klo 14"), (40, "to 31.12. klo 13"), (180, "to 20.5. klo 14"), (200, "ke 9.6.2027 klo 14")],
)  # fmt: skip
def test_the_year_is_said_only_when_it_is_not_plain(days, said):
    start = at(21) + timedelta(days=days)

    worded = when(When(start), FI)

    assert worded.split()[1:] == said.split()[1:]


def test_the_clock_is_the_groups_own_over_both_changes():
    winter, summer = datetime(2027, 3, 27, 11, tzinfo=UTC), datetime(2027, 3, 28, 11, tzinfo=UTC)
    reader = replace(FI, now=winter)

    assert [when(When(each), reader) for each in (winter, summer)] == ["la 27.3. klo 13", "su 28.3. klo 14"]


def test_today_is_a_day_of_the_groups_own_zone():
    just_after_midnight = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    reader = replace(FI, now=datetime(2026, 11, 21, 21, 30, tzinfo=UTC))

    assert (
        WORDING.say(Phrase("place", {"aika": DayName(just_after_midnight)}), reader).split("\n")[1]
        == "huomenna"
    )


# ---- the catalogues ------------------------------------------------------------------------------------------


def test_a_key_without_words_is_not_there(tmp_path):
    for language in LANGUAGES:
        folder = tmp_path / language / "LC_MESSAGES"
        folder.mkdir(parents=True)
        (folder / "a.po").write_text(
            'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
            'msgid "one"\nmsgstr "Yksi"\n\nmsgid "two"\nmsgstr ""\n\n'
            'msgid "days"\nmsgid_plural "days"\nmsgstr[0] "{{n}} päivä"\nmsgstr[1] "{{n}} päivää"\n',
            encoding="utf-8",
        )
        (folder / "b.po").write_text('msgid "three"\nmsgstr "Kolme"\n', encoding="utf-8")

    assert read_catalogues(tmp_path)["sv"] == {
        "one": ("Yksi",),
        "days": ("{{n}} päivä", "{{n}} päivää"),
        "three": ("Kolme",),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_somebody_who_must_wait_is_told_so_in_each_language(language):
    assert "trouble.hold_on" in read_catalogues()[language]
