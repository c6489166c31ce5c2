import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from bot import cli, clock
from bot.core.occurrences import Occurrence
from bot.errors import SetupError
from bot.settings import Settings
from bot.terminal import once
from tests.doubles.bot_api import TOKEN, BotApiProcess
from tests.posters.paper import headings
from tests.support import CONTENT, sample_house

ZONE = sample_house().house.zone


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty data folder, and nothing else set but the page."""
    monkeypatch.setenv("VERTTI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VERTTI_CONTENT_DIR", str(CONTENT))
    monkeypatch.setenv("VERTTI_PUBLIC_URL", "https://vertti.example.org")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def content(house, monkeypatch):
    """The sample content, in a folder that a test may change."""
    folder = shutil.copytree(CONTENT, house / "content")
    monkeypatch.setenv("VERTTI_CONTENT_DIR", str(folder))
    return folder


def run(*arguments):
    return CliRunner().invoke(cli.cli, ("poster", *arguments), catch_exceptions=False)


def written(result):
    return [line.rpartition("/")[2] for line in result.stdout.splitlines()]


def titles(path):
    """The events of a month sheet."""
    return headings(path.read_bytes())[1:-1]


def test_one_month_and_the_poster_are_made_in_both_languages(house):
    result = run("--month", "2026-12")

    assert result.exit_code == 0
    assert written(result) == [
        "kuukausi-2026-12-fi.pdf",
        "vertti-juliste-fi.pdf",
        "kuukausi-2026-12-sv.pdf",
        "vertti-juliste-sv.pdf",
    ]
    assert sorted(path.name for path in (house / "posters").iterdir()) == sorted(written(result))
    assert titles(house / "posters/kuukausi-2026-12-fi.pdf") == [
        "Yksinäisyysryhmä",
        "Piparien leipominen Ensiaskeleessa",
        "Yksinäisyysryhmä",
        "Joululauluja ja glögiä",
        "Yksinäisyysryhmä",
        "Yksinäisyysryhmä",
    ]


def test_nothing_is_left_behind_where_vertti_has_never_run(house):
    run("--month", "2026-12", "--language", "fi")

    assert not (house / "data").exists()


def test_one_series_in_one_language_goes_where_it_is_told(house):
    result = run("--month", "2026-12", "--series", "joulu", "--language", "sv", "--out", "wall")

    assert written(result) == ["kuukausi-2026-12-joulu-sv.pdf", "vertti-juliste-sv.pdf"]
    assert titles(house / "wall/kuukausi-2026-12-joulu-sv.pdf") == ["Julsånger och glögg"]


def test_what_was_changed_in_the_chat_is_on_the_sheet(house):
    start = datetime(2026, 12, 3, 11, tzinfo=UTC)
    kept = [
        Occurrence(
            uid="a", recurrence_id=None, start=start, end=start, title={"fi": "Retki"}, status="cancelled"
        ),
        Occurrence(
            uid="b", recurrence_id=None, start=start, end=start, title={"fi": "Salaa"}, visibility="staff"
        ),
    ]
    once(Settings.read(), lambda store: store.refreshing.refresh("x.ics", kept, lambda _: (), now=start))

    run("--month", "2026-12", "--language", "fi")

    assert titles(house / "posters/kuukausi-2026-12-fi.pdf") == ["PERUTTU Retki"]


def test_a_database_that_has_read_no_calendar_yet_is_not_believed(house):
    once(Settings.read(), lambda store: store.organizers.invite(now=clock.now()))

    run("--month", "2026-12", "--language", "fi")

    assert "Joululauluja ja glögiä" in titles(house / "posters/kuukausi-2026-12-fi.pdf")


def test_by_itself_it_makes_this_month_and_the_next(content):
    today = clock.now().astimezone(ZONE).date()
    days = (today, (today.replace(day=1) + timedelta(days=32)).replace(day=1))
    (content / "schedule.yaml").write_text(
        "series:\n  - id: kahvit\n    name: {fi: Kahvit, sv: Kaffe, en: Coffee}\n"
        f'    dates: [{days[0]}, {days[1]}]\n    time: "13:00"\n    duration: PT1H\n'
    )

    result = run("--language", "fi")

    assert written(result) == [*(f"kuukausi-{day:%Y-%m}-fi.pdf" for day in days), "vertti-juliste-fi.pdf"]


def test_a_month_with_nothing_in_it_has_no_sheet_and_that_is_said(house):
    result = run("--month", "2020-01", "--language", "fi")

    assert written(result) == ["vertti-juliste-fi.pdf"]
    assert "The sheet of 2020-01: was not made, for nothing is on in that month." in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--month", "joulu"), "a month is written like 2026-12"),
        (("--series", "asiakasraati"), "is no public series"),
        (("--series", "../../etc"), "is no public series"),
        (("--telegram", "t.me/x"), "a bot's name on Telegram"),
        (("--language", "de"), "--language"),
    ],
)
def test_what_is_not_understood_is_refused_before_anything_is_written(house, arguments, said):
    result = run(*arguments)

    assert result.exit_code == 2
    assert said in re.sub(r"[│\s]+", " ", result.stderr)
    assert not (house / "posters").exists()


def test_what_is_missing_or_invented_is_named_with_its_mend(house, content, monkeypatch):
    organization = content / "organization.yaml"
    organization.write_text(organization.read_text().replace("puhelin: 014 000 0000", 'puhelin: ""'))
    monkeypatch.setenv("VERTTI_PUBLIC_URL", "")
    monkeypatch.setenv("VERTTI_MATRIX_HOMESERVER", "https://matrix.example.org")
    monkeypatch.setenv("VERTTI_MATRIX_USER", "vertti")
    monkeypatch.setenv("VERTTI_MATRIX_PASSWORD", "x")

    result = run("--month", "2026-12", "--language", "fi")

    assert [line for line in result.stderr.splitlines() if line.startswith("  • ")] == [
        "  • VERTTI_PUBLIC_URL: is empty: the sheets have no code for the page.",
        "  • VERTTI_MATRIX_USER: names no server: the poster has no code for Matrix.",
        "  • organization.yaml: its names, numbers and places are invented ones.",
        "  • organization.yaml: puhelin is empty: the sheets leave it out.",
        "  • schedule.yaml: the times of joulu, piparit, ryhma are invented ones.",
    ]
    assert headings((house / "posters/vertti-juliste-fi.pdf").read_bytes()) == [
        "Milloin ja missä? Kysy Vertiltä.",
        "Esimerkkilän sosiaaliasema",
    ]


def test_letters_that_cannot_be_drawn_are_named(house, content):
    schedule = content / "schedule.yaml"
    schedule.write_text(schedule.read_text().replace("Joululauluja ja glögiä", "Joulu 圣诞 🎄"))

    result = run("--month", "2026-12", "--language", "fi")

    assert "The sheet of 2026-12: lacks letters that the font does not have." in result.stderr
    assert "Joulu" in titles(house / "posters/kuukausi-2026-12-fi.pdf")


def test_a_folder_that_cannot_be_written_to_is_named(house):
    (house / "posters").write_text("a file")

    with pytest.raises(SetupError) as raised:
        run("--month", "2026-12")

    assert [fault.where for fault in raised.value.faults] == ["--out"]


class TestTelegram:
    """The bot's name: as it is said, else as Telegram says."""

    @pytest.fixture
    def bot_api(self):
        """Telegram's stand-in, in a process of its own: the command has an event loop of its own too."""
        with BotApiProcess() as api:
            yield api

    def ways(self, house):
        return headings((house / "posters/vertti-juliste-fi.pdf").read_bytes())[1:-1]

    @pytest.mark.parametrize("name", ["VerttiBot", "@VerttiBot"])
    def test_it_may_be_said(self, house, name):
        run("--month", "2026-12", "--language", "fi", "--telegram", name)

        assert self.ways(house) == ["Nettisivu", "Telegram"]
        assert b"/URI(https://t.me/VerttiBot)" in (house / "posters/vertti-juliste-fi.pdf").read_bytes()

    def test_else_telegram_is_asked(self, house, monkeypatch, bot_api):
        monkeypatch.setenv("VERTTI_TELEGRAM_TOKEN", TOKEN)
        monkeypatch.setenv("VERTTI_TELEGRAM_API", bot_api.url)
        run("--month", "2026-12", "--language", "fi")

        assert self.ways(house) == ["Nettisivu", "Telegram"]
        assert b"/URI(https://t.me/vertti_test_bot)" in (house / "posters/vertti-juliste-fi.pdf").read_bytes()

    def test_a_telegram_that_does_not_answer_is_named_and_the_rest_is_made(self, house, monkeypatch, bot_api):
        monkeypatch.setenv("VERTTI_TELEGRAM_TOKEN", f"{TOKEN}x")
        monkeypatch.setenv("VERTTI_TELEGRAM_API", bot_api.url)
        result = run("--month", "2026-12", "--language", "fi")

        assert self.ways(house) == ["Nettisivu"]
        assert "Telegram: does not tell the bot's name" in result.stderr
        assert TOKEN not in result.output
