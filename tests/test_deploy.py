"""What deploy/ ships: the compose file by its letter, and its homeserver by running it."""

import re
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from bot.settings import PREFIX, Settings
from bot.transports.matrix_check import check
from tests.servers.synapse import SHARED_SECRET, RefusedError, Synapse

DEPLOY = Path(__file__).parent.parent / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
NAME = "matrix.example.org"


# ---- the compose file ----------------------------------------------------------------------------------------


def test_every_service_has_its_limits():
    limits = {"mem_limit", "pids_limit", "logging", "restart"}

    assert {name: limits - service.keys() for name, service in SERVICES.items()} == {
        name: set() for name in SERVICES
    }


def test_ports_are_open_on_this_machine_only():
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]

    assert sorted(ports) == ["127.0.0.1:8008:8008", "127.0.0.1:8080:8080"]


def test_nobody_but_synapse_reaches_its_database():
    assert COMPOSE["networks"]["database"] == {"internal": True}
    assert [name for name, each in SERVICES.items() if "database" in each.get("networks", ())] == [
        "synapse",
        "database",
    ]


def test_what_is_mounted_is_there():
    mounted = {
        volume.partition(":")[0] for service in SERVICES.values() for volume in service.get("volumes", ())
    }

    assert {name for name in mounted if not name.startswith(".")} == COMPOSE["volumes"].keys()
    assert all((DEPLOY / name).is_dir() for name in mounted if name.startswith("."))


def test_vertti_is_given_settings_that_it_knows():
    given = {name for name in SERVICES["vertti"]["environment"] if name.startswith(PREFIX)}

    assert given <= {PREFIX + name.upper() for name in Settings.model_fields}
    assert SERVICES["vertti"]["environment"]["SYNAPSE_DATABASE_PASSWORD"] == ""


def test_no_secret_stands_in_the_files():
    passwords = [
        value
        for service in SERVICES.values()
        for name, value in service.get("environment", {}).items()
        if "PASSWORD" in name and value
    ]

    assert passwords
    assert all(value.startswith("${SYNAPSE_DATABASE_PASSWORD:?") for value in passwords)
    assert not re.search(
        r"(?m)^\s*[^#]*(secret|password): ", (DEPLOY / "synapse/homeserver.yaml").read_text()
    )


def test_the_homeserver_is_the_one_that_the_tests_run():
    images = {SERVICES[name]["image"] for name in ("synapse", "synapse-keys")}

    assert images == {f"docker.io/matrixdotorg/synapse:v{version('matrix-synapse')}"}


def test_what_the_dockerfile_copies_is_there_and_is_let_through():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    let_through = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    copied = {name for line in re.findall(r"(?m)^COPY (.+) \S+$", dockerfile) for name in line.split()}

    assert {"bot", "requirements.lock"} <= copied
    assert all((DEPLOY.parent / name).exists() and f"!{name}" in let_through for name in copied)
    assert not {line[1:] for line in let_through if line.startswith("!")} - copied


def test_the_guide_names_settings_services_and_volumes_as_they_are():
    guide = (DEPLOY.parent / "docs/matrix.md").read_text(encoding="utf-8")
    services = set(re.findall(r"dc (?:up -d(?: --build)?|logs|exec|run --rm|stop|start) ([\w-]+)", guide))
    settings = set(re.findall(r"VERTTI_[A-Z_]+", guide))

    assert services == {"vertti", "synapse", "database"}
    assert settings <= {PREFIX + name.upper() for name in Settings.model_fields}
    assert set(re.findall(r"vertti_(\w+)", guide)) <= COMPOSE["volumes"].keys()


# ---- its homeserver ------------------------------------------------------------------------------------------


class Shipped(Synapse):
    """The homeserver with the very configuration that is shipped, on SQLite and a port of its own."""

    def _configuration(self):
        text = (DEPLOY / "synapse/homeserver.yaml").read_text(encoding="utf-8")
        found = yaml.safe_load(
            text.replace("/data/", f"{self.folder}/").replace("/config/", f"{DEPLOY}/synapse/")
        )
        found["database"] = {"name": "sqlite3", "args": {"database": "homeserver.db"}}
        found["listeners"][0] |= {"port": self.port, "bind_addresses": ["127.0.0.1"]}
        return found


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shipped")
    server = Shipped(folder, limited=True, bcrypt_rounds=4)
    (folder / "signing.key").unlink()
    # As the service synapse-keys does.
    keys = [
        sys.executable,
        "-m",
        "synapse.app.homeserver",
        "--config-path",
        "homeserver.json",
        "--generate-keys",
    ]
    subprocess.run(keys, cwd=folder, check=True, capture_output=True)
    made = {name for name in ("signing.key", "registration.secret") if (folder / name).stat().st_size}
    (folder / "registration.secret").write_text(SHARED_SECRET)
    server.start()
    yield server, made
    server.stop()


@pytest.fixture
def server(shipped):
    return shipped[0]


def people(server, number, name="anna"):
    return [server.newcomer(name) for _ in range(number)]


def room_of(server, person, invited, *, invited_afterwards=False):
    """Open a private room; clients invite as they open it, or by a call of its own."""
    first = {} if invited_afterwards else {"invite": [invited.user_id]}
    body = {"preset": "trusted_private_chat", "is_direct": True, **first}
    room = server.call("POST", "/_matrix/client/v3/createRoom", body, token=person.token)["room_id"]
    if invited_afterwards:
        path = f"/_matrix/client/v3/rooms/{quote(room)}/invite"
        server.call("POST", path, {"user_id": invited.user_id}, token=person.token)
    return room


def say_often(server, room, account, transactions):
    for each in transactions:
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/m.room.message/{each}"
        server.call("PUT", path, {"msgtype": "m.text", "body": "hei"}, token=account.token)


def test_its_keys_are_made_where_the_compose_file_says(shipped):
    assert shipped[1] == {"signing.key", "registration.secret"}


def test_accounts_are_made_by_an_administrator_only(server):
    made = server.newcomer("anna")

    with pytest.raises(RefusedError) as refused:
        server.call("POST", "/_matrix/client/v3/register", {"username": "eve", "password": "pw"})

    assert made.user_id.endswith(f":{NAME}")
    assert (refused.value.status, refused.value.code) == (403, "M_FORBIDDEN")


def test_an_administrator_makes_an_account_with_the_command_of_the_guide(server):
    command = [sys.executable, "-m", "synapse._scripts.register_new_matrix_user", "-c", "homeserver.json"]
    subprocess.run(
        [*command, "-u", "vertti-guide", "-p", "salainen", "--no-admin", server.url],
        cwd=server.folder,
        check=True,
        capture_output=True,
    )
    body = {"type": "m.login.password", "password": "salainen"}
    body["identifier"] = {"type": "m.id.user", "user": "vertti-guide"}

    assert server.call("POST", "/_matrix/client/v3/login", body)["user_id"] == f"@vertti-guide:{NAME}"


@pytest.mark.parametrize("path", ["/_matrix/federation/v1/version", "/_matrix/key/v2/server"])
def test_it_speaks_with_no_other_server(server, path):
    with pytest.raises(RefusedError) as refused:
        server.call("GET", path)

    assert refused.value.status == 404


def test_nobody_looks_up_who_else_is_there(server):
    anna, _ = people(server, 2)
    found = server.call(
        "POST", "/_matrix/client/v3/user_directory/search", {"search_term": "anna"}, token=anna.token
    )

    assert found["results"] == []


def test_twenty_people_at_a_poster_do_not_wait_and_their_rooms_are_encrypted(server):
    bot, crowd = server.newcomer("vertti"), people(server, 20)
    server.lifts_limit(bot.user_id)
    began = time.monotonic()
    rooms = [
        room_of(server, server.logs_in(person), bot, invited_afterwards=bool(number % 2))
        for number, person in enumerate(crowd)
    ]
    for room in rooms:
        server.call("POST", f"/_matrix/client/v3/join/{quote(room)}", {}, token=bot.token)
    encryption = [
        server.call(
            "GET", f"/_matrix/client/v3/rooms/{quote(room)}/state/m.room.encryption", token=bot.token
        )["algorithm"]
        for room in rooms
    ]

    assert set(encryption) == {"m.megolm.v1.aes-sha2"}
    assert time.monotonic() - began < 60


def test_vertti_is_held_up_until_its_limits_are_lifted(server):
    bot = server.newcomer("vertti")
    room = room_of(server, bot, server.newcomer("anna"))
    with pytest.raises(RefusedError) as refused:
        say_often(server, room, bot, range(20))
    server.lifts_limit(bot.user_id)
    say_often(server, room, bot, range(20, 50))

    assert refused.value.code == "M_LIMIT_EXCEEDED"


async def test_vertti_check_finds_nothing_to_mend(server, tmp_path):
    bot = server.newcomer("vertti")
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path,
        matrix_homeserver=server.url,
        matrix_user=bot.user_id,
        matrix_password=bot.password,
    )
    found = await check(settings, None)

    assert found.faults == ()
    assert [note.what for note in found.notes if "limits" not in note.what] == []


def test_its_log_names_nobody(server):
    anna = server.newcomer("anna")
    with pytest.raises(RefusedError):
        server.call(
            "POST",
            "/_matrix/client/v3/login",
            {
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": anna.user_id},
                "password": "no",
            },
        )

    assert "@" not in server.last_words()
