import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from textwrap import dedent

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot import cli, schedule_table
from bot.core.occurrences import Occurrence
from bot.core.overrides import CHAT, Override
from bot.errors import SetupError
from bot.settings import Settings
from bot.terminal import once
from tests.support import CONTENT

VERTTI = [sys.executable, "-m", "bot"]


@pytest.fixture
def house(tmp_path, monkeypatch):
    """An empty data folder, and nothing else set."""
    monkeypatch.setenv("VERTTI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("VERTTI_CONTENT_DIR", str(CONTENT))
    monkeypatch.chdir(tmp_path)  # no .env here
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(cli.cli, arguments, catch_exceptions=False)


def occurrences(result):
    return json.loads(result.stdout)["occurrences"]


def test_the_sample_set_up_is_sound(house):
    result = run("check")

    assert result.exit_code == 0
    assert "The set-up is sound." in result.stdout


def test_every_fault_of_the_settings_is_named_at_once(house, monkeypatch):
    monkeypatch.setenv("VERTTI_TIMEZONE", "Helsinki")
    monkeypatch.setenv("VERTTI_WEB_PORT", "a door")
    monkeypatch.setenv("VERTTI_TELEGRAM_TOKN", "123:secret")

    with pytest.raises(SetupError) as raised:
        run("check")

    assert [fault.where for fault in raised.value.faults] == [
        "VERTTI_TELEGRAM_TOKN",
        "VERTTI_TIMEZONE",
        "VERTTI_WEB_PORT",
    ]
    assert "secret" not in str(raised.value.faults)


def test_faults_are_told_to_the_person_at_the_terminal_without_a_traceback(house):
    environment = os.environ | {"VERTTI_LANGUAGE": "klingon"}

    done = subprocess.run(
        [*VERTTI, "check"], check=False, env=environment, capture_output=True, text=True, timeout=30
    )

    assert done.returncode == 2
    assert "VERTTI_LANGUAGE" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_schedule_is_printed_as_json(house):
    result = run("schedule", "--from", "2026-11-26", "--to", "2026-11-27", "--json")

    assert result.exit_code == 0
    assert occurrences(result) == [
        {
            "uid": "ryhma",
            "recurrence_id": "2026-11-26T13:00:00+02:00",
            "series": "ryhma",
            "title": "Yksinäisyysryhmä",
            "start": "2026-11-26T13:00:00+02:00",
            "end": "2026-11-26T15:00:00+02:00",
            "all_day": False,
            "status": "confirmed",
            "variant": "keskustelu",
            "place": "Esimerkkitalo, 2. kerros",
        }
    ]


def test_one_broken_event_is_named_with_its_line_and_all_others_are_printed(house):
    calendar = house / "broken.ics"
    calendar.write_text(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//\n"
        "BEGIN:VEVENT\nUID:good\nDTSTAMP:20261101T000000Z\nDTSTART:20261126T110000Z\nSUMMARY:Kahvit\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:bad\nDTSTAMP:20261101T000000Z\nDTSTART:pian\nSUMMARY:Rikki\nEND:VEVENT\n"
        "END:VCALENDAR\n"
    )

    result = run(
        "schedule", "--calendar", str(calendar), "--from", "2026-11-01", "--to", "2026-12-01", "--json"
    )

    problems = json.loads(result.stdout)["problems"]
    assert result.exit_code == 1
    assert [each["uid"] for each in occurrences(result)] == ["good"]
    assert len(problems) == 1
    assert problems[0]["source"] == "broken.ics"
    assert re.search(r"line 1[0-3]", problems[0]["what"])


def test_the_schedule_is_shown_as_a_table_too(house):
    result = run("schedule", "--from", "2026-11-26", "--to", "2026-11-27")

    assert "to 26.11. klo 13–15" in result.stdout
    assert "Yksinäisyysryhmä" in result.stdout


def changed_in_chat():
    """Organizers have cancelled a date, moved one of the week after into its day, and added one."""
    hour = timedelta(hours=1)
    noon = datetime(2026, 11, 26, 10, tzinfo=UTC)
    drafts = [
        Override(id=0, kind="cancel", recurrence_id="2026-11-26T13:00:00+02:00", **OF_THE_GROUP),
        Override(
            id=0,
            kind="move",
            recurrence_id="2026-12-03T13:00:00+02:00",
            start=noon,
            end=noon + hour,
            **OF_THE_GROUP,
        ),
    ]
    added = Occurrence(
        uid="chat-3", recurrence_id=None, start=noon + 9 * hour, end=noon + 10 * hour, title={"fi": "Kahvit"}
    )

    def change(store):
        for each in drafts:
            store.overrides.add(each, organizer=1)
        store.refreshing.refresh(CHAT, [added], lambda _: (), now=MADE)

    once(Settings.read(), change)


MADE = datetime(2026, 11, 22, tzinfo=UTC)
OF_THE_GROUP = {"organizer": 0, "made": MADE, "source": "schedule.yaml", "uid": "ryhma"}
THURSDAY = ("schedule", "--from", "2026-11-26", "--to", "2026-11-27")


def test_what_was_changed_in_the_chat_is_shown_and_said_to_be(house):
    changed_in_chat()
    lines = run(*THURSDAY).stdout.splitlines()

    assert [re.split("  +", line.strip()) for line in lines[1:]] == [
        [
            "to 26.11. klo 12–13",
            "Yksinäisyysryhmä",
            "toiminta",
            PLACE_OF_THE_GROUP,
            "confirmed, changed in chat",
        ],
        [
            "to 26.11. klo 13–15",
            "Yksinäisyysryhmä",
            "keskustelu",
            PLACE_OF_THE_GROUP,
            "cancelled, changed in chat",
        ],
        ["to 26.11. klo 21–22", "Kahvit", "confirmed, changed in chat"],
    ]


def test_json_marks_what_was_changed_in_the_chat_and_nothing_else(house):
    before = run(*THURSDAY, "--json").stdout
    changed_in_chat()
    shown = occurrences(run(*THURSDAY, "--json"))

    assert [(each["start"][11:16], each["status"], each["changed_in_chat"]) for each in shown] == [
        ("12:00", "confirmed", True),
        ("13:00", "cancelled", True),
        ("21:00", "confirmed", True),
    ]
    assert run(*THURSDAY, "--json", "--calendars-only").stdout == before
    assert (
        "changed_in_chat"
        not in run("schedule", "--from", "2026-12-10", "--to", "2026-12-11", "--json").stdout
    )


PLACE_OF_THE_GROUP = "Esimerkkitalo, 2. kerros"
SECRET = "http://127.0.0.1:9/SECRET"  # nobody listens there, and it is not listed


@pytest.fixture
def content(house, monkeypatch):
    """The sample content, to be changed; give its folder."""
    folder = house / "content"
    shutil.copytree(CONTENT, folder)
    monkeypatch.setenv("VERTTI_CONTENT_DIR", str(folder))
    return folder


def add_series(content, text):
    """Add a series to schedule.yaml; a line of it may stand in any column."""
    with (content / "schedule.yaml").open("a", encoding="utf-8") as file:
        file.write("".join(f"  {line}\n" for line in dedent(text).strip().splitlines()))


def test_all_calendars_that_are_set_are_shown_with_the_words_of_content(content, monkeypatch):
    monkeypatch.setenv("VERTTI_CALENDARS", "schedule.yaml,kavely.ics")
    (content / "kavely.ics").write_text(LONG)
    add_series(content, "- {id: kavely, name: {fi: Kävely}, from: {uid: a}}")

    result = run("schedule", "--from", "2026-11-26", "--to", "2026-11-27", "--json")

    shown = [(each["uid"], each["series"], each["title"]) for each in occurrences(result)]
    assert shown == [("a", "kavely", "Kävely"), ("ryhma", "ryhma", "Yksinäisyysryhmä")]
    assert result.exit_code == 0


def test_an_address_that_may_not_be_reached_is_told_in_json_and_never_repeated(house):
    result = run("schedule", "--calendar", SECRET, "--json")

    printed = json.loads(result.stdout)
    assert result.exit_code == 1
    assert printed["occurrences"] == []
    assert [each["source"] for each in printed["problems"]] == ["address 1 (127.0.0.1)"]
    assert "SECRET" not in result.output


def test_what_the_schedule_speaks_of_and_is_not_there_is_named(content, monkeypatch):
    add_series(
        content,
        """
        - {id: kavely, name: K, from: {calendar: cloud.example.org}}
        - {id: retki, name: R, area: oulu, dates: [], time: "13:00"}
        - {id: sauna, name: S, dates: [], time: "13:00", first_time: {minutes: M, picture: a.png, picture_words: A}}
        """,
    )

    result = run("check")

    assert result.exit_code == 1
    for what in (
        "kavely: its dates come from a calendar that is not in VERTTI_CALENDARS",
        "retki: there is no area 'oulu'",
        "sauna: a.png is not there",
    ):
        assert result.output.count(what) == 1


def test_turns_of_a_calendar_that_begin_nowhere_are_something_to_fill_in(content, monkeypatch):
    monkeypatch.setenv("VERTTI_CALENDARS", "schedule.yaml,kavely.ics")
    (content / "kavely.ics").write_text(LONG)
    add_series(content, "- {id: kavely, name: K, from: {uid: a}, variants: {a: A, b: B}, alternate: [a, b]}")

    result = run("check")

    assert "kavely: which date is a turn of 'a' is left to chance" in result.output


LONG = (
    "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//\nBEGIN:VEVENT\nUID:a\nDTSTAMP:20261101T000000Z\n"
    "DTSTART:20261126T110000Z\nDTEND:20261126T130000Z\nSUMMARY:Kahvit [b]yhdessä[/b] ja pitkät jutut kaikkien kanssa\n"
    "LOCATION:Esimerkkitalo\\, toinen kerros\\, iso kokoushuone oikealla\nEND:VEVENT\nEND:VCALENDAR\n"
)
TITLE, PLACE = "Kahvit [b]yhdessä[/b] ja pitkät jutut kaikkien kanssa", "Esimerkkitalo, toinen kerros, iso kokoushuone oikealla"  # fmt: skip


@pytest.fixture
def long_schedule(house):
    path = house / "long.ics"
    path.write_text(LONG)
    return ("schedule", "--calendar", str(path), "--from", "2026-11-01", "--to", "2026-12-01")


def test_a_pipe_gets_one_line_an_event_however_long_it_is(long_schedule):
    result = run(*long_schedule)

    assert [re.split("  +", line.strip()) for line in result.stdout.splitlines()] == [
        ["when", "what", "variant", "place", "status"],
        ["to 26.11. klo 13–15", TITLE, PLACE, "confirmed"],
    ]


@pytest.mark.parametrize("width", [40, 60, 80])
def test_in_a_narrow_window_the_day_is_never_broken_and_the_rest_stands_below_the_title(
    long_schedule, monkeypatch, width
):
    terminal = Console(file=StringIO(), force_terminal=True, no_color=True, width=width, soft_wrap=True)
    monkeypatch.setattr(schedule_table, "out", terminal)
    run(*long_schedule)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", terminal.file.getvalue()).splitlines()
    what = [line[len("to 26.11. klo 13–15  ") :].strip() for line in lines]

    assert max(map(len, lines)) <= width
    assert [line[:19].strip() for line in lines if line[:19].strip()] == ["when", "to 26.11. klo 13–15"]
    assert " ".join(what) == f"what {TITLE} {PLACE}, confirmed"


def test_an_invitation_is_a_line_to_send_and_works_once(house):
    line = run("invite", "organizer").stdout.splitlines()[0]

    assert re.fullmatch(r"jarjestaja [A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", line)


def test_revoking_nobody_says_how_to_name_somebody(house):
    result = run("revoke")

    assert result.exit_code == 1
    assert "--list" in result.stdout


def test_revoking_all_voids_open_codes(house):
    run("invite", "organizer")

    result = run("revoke", "--all")

    assert result.stdout == "0 organizer(s) revoked; open codes are void.\n"


# ---- a process of its own -------------------------------------------------------------------------------------


@contextmanager
def living(command):
    """Run `vertti run` or `vertti demo` on a free port; give the process, its address and what it printed before."""
    environment = os.environ | {"VERTTI_WEB_PORT": "0", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*VERTTI, command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            printed = ""
            while not (found := re.search(r"(http://\S+?)/?\s*$", printed)):
                line = process.stdout.readline()
                assert line, f"it did not start: {printed}"
                printed += line
            yield process, found[1]
        finally:
            process.kill()


@pytest.fixture
def running(house):
    """A `vertti run`: the process and its address."""
    with living("run") as found:
        yield found


def test_it_runs_answers_for_its_health_and_ends_on_request(running):
    process, address = running
    deadline = time.monotonic() + 10
    while True:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
                health = json.load(answer)
            break
        except urllib.error.HTTPError:  # 503 until the first sweep
            assert time.monotonic() < deadline
            time.sleep(0.05)

    process.send_signal(signal.SIGTERM)
    status = process.wait(10)

    assert health["status"] == "ok"
    assert health["transports"] == {"web": {"state": "running", "why": None}}
    assert datetime.fromisoformat(health["last_sweep"]) > datetime.now(UTC) - timedelta(minutes=1)
    assert status == 0


def test_a_second_one_on_the_same_data_folder_is_refused_within_two_seconds(running):
    began = time.monotonic()

    second = subprocess.run(
        [*VERTTI, "run"], check=False, env=os.environ, capture_output=True, text=True, timeout=20
    )

    assert second.returncode == 2
    assert "another Vertti runs on this data folder" in second.stderr
    assert time.monotonic() - began < 2 + slowness()


def slowness():
    """Seconds that starting Python and our imports takes on this machine just now."""
    began = time.monotonic()
    subprocess.run([*VERTTI, "--help"], capture_output=True, check=True, timeout=20)
    return time.monotonic() - began


def test_the_demo_prints_a_visitors_and_an_organizers_address(house):
    with living("demo") as (process, address):
        link = next(line for line in process.stdout if "?start=" in line)
        with urllib.request.urlopen(address, timeout=5) as answer:
            page = answer.read().decode()
        process.send_signal(signal.SIGINT)
        status = process.wait(10)

    assert re.search(r"/\?start=jarjestaja-[A-Z2-9-]{14}$", link)
    assert "Kokeilukahvit" in page
    assert status == 0


def test_a_poll_for_a_series_that_does_not_exist_is_named(content):
    polls = content / "polls.yaml"
    polls.write_text(polls.read_text().replace("audience: [ryhma]", "audience: [rhyma]", 1))

    result = run("check")

    assert result.exit_code == 1
    assert "there is no series 'rhyma'" in result.output
