import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.quiet_hours import QuietHours
from bot.errors import SetupError
from bot.lock import take_lock
from bot.settings import PREFIX, Settings, prepare_data_dir

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / ".env.example"


def read(monkeypatch, **environment):
    for name, value in environment.items():
        monkeypatch.setenv(PREFIX + name, value)
    return Settings.read(_env_file=None)


def faults(monkeypatch, **environment):
    with pytest.raises(SetupError) as found:
        read(monkeypatch, **environment)
    return {fault.where: fault for fault in found.value.faults}


# ---- reading -------------------------------------------------------------------------------------------------


def test_without_any_setting_the_defaults_hold():
    settings = Settings.read(_env_file=None)

    assert settings.data_dir == Path("data")
    assert settings.calendars == ("schedule.yaml",)
    assert settings.zone == ZoneInfo("Europe/Helsinki")
    assert settings.quiet == QuietHours.parse("20:00-09:00")
    assert settings.database == f"sqlite:///{Path('data').resolve() / 'vertti.db'}"
    assert settings.base_url == "http://127.0.0.1:8080"


def test_the_environment_is_read(monkeypatch):
    settings = read(
        monkeypatch,
        CALENDARS="schedule.yaml, https://a.example/x.ics,,",
        DATABASE_URL="postgresql://localhost/vertti",
        PUBLIC_URL="https://vertti.example/",
        SMALLEST_NUMBER="7",
        TELEGRAM_RATE="0.5",
    )

    assert settings.calendars == ("schedule.yaml", "https://a.example/x.ics")
    assert settings.database == "postgresql://localhost/vertti"
    assert settings.base_url == "https://vertti.example"
    assert (settings.smallest_number, settings.telegram_rate) == (7, 0.5)


@pytest.mark.parametrize(
    ("written", "calendars"),
    [
        ("a.yaml,b.ics", ("a.yaml", "b.ics")),
        ("a,b", ("a", "b")),
        ("https://a.example/v1/event/?keyword=x,y&location=z", ("https://a.example/v1/event/?keyword=x,y&location=z",)),
        ("https://a.example/?x,y,webcal://b.example/z", ("https://a.example/?x,y", "webcal://b.example/z")),
        ("https://a.example/?x,y, z", ("https://a.example/?x,y", "z")),
        ("https://a.example/?x,b.ics,c.YAML", ("https://a.example/?x", "b.ics", "c.YAML")),
        ("a.yaml,https://a.example/x,,b", ("a.yaml", "https://a.example/x", "b")),
        ("https://a.example/x.ics , ", ("https://a.example/x.ics",)),
    ],
)  # fmt: skip
def test_a_comma_of_an_address_is_no_comma_between_calendars(monkeypatch, written, calendars):
    assert read(monkeypatch, CALENDARS=written).calendars == calendars


def test_hosts_of_calendars_are_read(monkeypatch):
    hosts = read(
        monkeypatch, CALENDAR_HOSTS="nas.example.org, 192.168.1.5:8080,[fd00::1]:8443,"
    ).calendar_hosts

    assert hosts == ("nas.example.org", "192.168.1.5:8080", "[fd00::1]:8443")


@pytest.mark.parametrize(
    "hosts", ["http://nas.example.org", "nas.example.org/dav", "*", "nas example", "anna@nas"]
)
def test_what_is_no_host_of_calendars_is_a_fault(monkeypatch, hosts):
    assert list(faults(monkeypatch, CALENDAR_HOSTS=hosts)) == ["VERTTI_CALENDAR_HOSTS"]


def test_matrix_is_read_with_whom_it_listens_to(monkeypatch):
    settings = read(
        monkeypatch,
        MATRIX_HOMESERVER="https://matrix.example.org/",
        MATRIX_USER="@vertti:example.org",
        MATRIX_PASSWORD="salainen",
        MATRIX_ALLOW="example.org, [2001:db8::1]:8448, @anna:b.example, ",
    )

    assert settings.matrix_homeserver == "https://matrix.example.org"
    assert settings.matrix_user == "@vertti:example.org"
    assert settings.matrix_password.get_secret_value() == "salainen"
    assert settings.matrix_allow == ("example.org", "[2001:db8::1]:8448", "@anna:b.example")


def test_an_empty_setting_is_the_default_and_of_quiet_hours_it_means_none(monkeypatch):
    empty = {name.upper(): "" for name in Settings.model_fields}

    settings = read(monkeypatch, **empty)

    assert settings.quiet is None
    assert settings == Settings(_env_file=None, quiet_hours="")


def test_a_file_is_read_and_the_environment_wins(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("VERTTI_WEB_PORT=81\nVERTTI_LANGUAGE=sv\n", encoding="utf-8")
    monkeypatch.setenv("VERTTI_WEB_PORT", "82")

    settings = Settings.read(_env_file=tmp_path / ".env")

    assert (settings.web_port, settings.language) == (82, "sv")


# ---- faults --------------------------------------------------------------------------------------------------


def test_every_fault_is_named_at_once_with_its_mend(monkeypatch):
    found = faults(
        monkeypatch,
        TIMEZONE="Mars/Olympus",
        LANGUAGE="de",
        QUIET_HOURS="evening",
        SMALLEST_NUMBER="2",
        TELEGRAM_API="telegram",
        TELEGRAM_WEBHOOK="http://a.example/hook",
        TELEGRAM_RATE="0",
        WEB_PORT="70000",
        PUBLIC_URL="vertti.example",
        TELEGRAM_TOKN="x",
        MATRIX_HOMESERVER="matrix",
        MATRIX_ALLOW="example.org, @anna",
    )

    assert sorted(found) == sorted(
        PREFIX + name
        for name in (
            "TIMEZONE", "LANGUAGE", "QUIET_HOURS", "SMALLEST_NUMBER", "TELEGRAM_API", "TELEGRAM_WEBHOOK",
            "TELEGRAM_RATE", "WEB_PORT", "PUBLIC_URL", "TELEGRAM_TOKN", "MATRIX_HOMESERVER", "MATRIX_USER",
            "MATRIX_PASSWORD", "MATRIX_ALLOW",
        )
    )  # fmt: skip
    assert all(fault.what and fault.mend for fault in found.values())


@pytest.mark.parametrize(
    "user", ["@vertti", "vertti:example.org", "@ver tti:example.org", "Vértti", "@a:b:c:d", "../x"]
)
def test_what_is_no_matrix_account_is_a_fault(monkeypatch, user):
    assert list(faults(monkeypatch, MATRIX_USER=user)) == ["VERTTI_MATRIX_USER"]


def test_a_homeserver_needs_an_account_and_a_way_to_log_in(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text("VERTTI_MATRIX_HOMESERVER=https://matrix.example.org\n", encoding="utf-8")

    with pytest.raises(SetupError) as found:
        Settings.read(_env_file=tmp_path / ".env")
    monkeypatch.setenv("VERTTI_MATRIX_USER", "vertti")
    monkeypatch.setenv("VERTTI_MATRIX_TOKEN", "syt_secret")
    complete = Settings.read(_env_file=tmp_path / ".env")

    assert [fault.where for fault in found.value.faults] == ["VERTTI_MATRIX_USER", "VERTTI_MATRIX_PASSWORD"]
    assert complete.matrix_token.get_secret_value() == "syt_secret"


def test_without_a_homeserver_the_rest_of_matrix_may_be_anything_or_nothing(monkeypatch):
    assert read(monkeypatch, MATRIX_USER="vertti").matrix_homeserver == ""


def test_a_misspelt_name_is_found_in_a_file_too(tmp_path):
    (tmp_path / ".env").write_text("VERTTI_LANGAUGE=sv\nOTHER=1\n", encoding="utf-8")

    with pytest.raises(SetupError) as found:
        Settings.read(_env_file=tmp_path / ".env")

    assert [fault.where for fault in found.value.faults] == ["VERTTI_LANGAUGE"]


def test_a_fault_never_repeats_what_was_set(monkeypatch):
    secret = "123456:AAFakeTokenOfABot"
    found = faults(
        monkeypatch, WEB_PORT=secret, TELEGRAM_API=secret, TELEGRAM_TOKEN=secret, MATRIX_USER="@" + secret,
        MATRIX_ALLOW=secret + "/", MATRIX_HOMESERVER=secret,
    )  # fmt: skip

    assert not any(secret in str(fault) for fault in found.values())


def test_a_token_shows_nowhere(monkeypatch):
    secret = "123456:AAFakeTokenOfABot"
    settings = read(
        monkeypatch,
        TELEGRAM_TOKEN=secret,
        MATRIX_PASSWORD=secret,
        MATRIX_TOKEN=secret,
        DATABASE_URL="postgresql://u:geheim@h/d",
        HEARTBEAT_URL=secret,
        CALENDARS=f"schedule.yaml, caldavs://anna:{secret}@cloud.example.org/{secret}/?x={secret}",
    )
    copied = settings.model_copy(update={"calendars": ("a.ics", f"https://a.example/{secret}")})

    assert secret not in f"{copied!r} {copied} {copied.model_dump()} {copied.model_dump_json()}"
    assert settings.model_dump()["calendars"] == ("schedule.yaml", "**********")
    assert secret not in f"{settings!r} {settings} {settings.model_dump()}"
    assert "geheim" not in f"{settings!r} {settings} {settings.model_dump()}"


# ---- .env.example --------------------------------------------------------------------------------------------


def example():
    """The names of .env.example with their values, and the comments right above them."""
    found, comments = {}, []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            comments.append(line)
        elif named := re.fullmatch(r"(VERTTI_[A-Z_]+)=(.*)", line):
            found[named[1]] = (named[2], tuple(comments))
            comments = []
        else:
            assert not line, "comments, settings and empty lines only"
            comments = []
    return found


def test_the_example_has_every_setting_and_no_other():
    assert list(example()) == [PREFIX + name.upper() for name in Settings.model_fields]


def test_the_example_has_one_line_of_comment_for_each():
    assert {name: len(comments) for name, (_, comments) in example().items()} == dict.fromkeys(example(), 1)


def test_the_example_shows_the_defaults():
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


# ---- the data folder -----------------------------------------------------------------------------------------


def test_the_data_folder_is_made_for_this_user_alone(tmp_path):
    folder = tmp_path / "deep" / "data"
    prepare_data_dir(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


def test_a_data_folder_that_others_may_read_is_closed_to_them(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    prepare_data_dir(folder)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_data_folder_that_cannot_be_made_is_a_fault_with_its_mend(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(SetupError) as found:
        prepare_data_dir(tmp_path / "file" / "data")

    assert [fault.where for fault in found.value.faults] == ["VERTTI_DATA_DIR"]


# ---- one process a folder (R-20) -----------------------------------------------------------------------------

HOLDS = "import sys; from pathlib import Path; from bot.lock import take_lock; take_lock(Path(sys.argv[1])); print('held', flush=True); input()"


def holder(folder):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS, folder],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_at_once_and_a_third_may_when_the_first_was_killed(tmp_path):
    first = holder(tmp_path)
    began = time.monotonic()

    with pytest.raises(SetupError) as found:
        take_lock(tmp_path)
    waited = time.monotonic() - began
    first.kill()
    first.communicate()
    os.close(take_lock(tmp_path))

    assert waited < 2
    assert "another Vertti" in str(found.value.faults[0])


def test_a_child_does_not_inherit_the_lock(tmp_path):
    descriptor = take_lock(tmp_path)
    child = subprocess.Popen(
        [sys.executable, "-c", "print('here', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        close_fds=False,
    )
    assert child.stdout.readline() == b"here\n"
    os.close(descriptor)

    os.close(take_lock(tmp_path))

    child.communicate(b"\n")


def test_the_lock_is_this_users_alone(tmp_path):
    os.close(take_lock(tmp_path))

    assert [stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()] == [0o600]
