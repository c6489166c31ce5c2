"""What an administrator is told about Matrix, on a real homeserver."""

import shutil
from dataclasses import replace

import pytest
from aiohttp import web
from pydantic import SecretStr
from typer.testing import CliRunner

from bot import cli
from bot.settings import Settings
from bot.store.vault import open_vault
from bot.transports.matrix_check import (
    ANYBODY_REGISTERS,
    MEMBERS_SEEN,
    NOTHING_ANSWERS,
    TOKEN_ALONE,
    TOO_OLD,
    UNSIGNED,
    WILL_BE_REPLACED,
    Checked,
    anybody_registers,
    check,
)
from bot.transports.matrix_device import FILE, KEYS_LOST, UNFIT, open_device
from bot.transports.matrix_homeserver import NOT_MATRIX
from bot.transports.matrix_http import LOGGED_OUT, TOKEN_REFUSED, MatrixHttp
from bot.transports.matrix_keys import store_of
from bot.transports.matrix_limits import BURST, Sends
from bot.transports.matrix_login import ANOTHER_ACCOUNT, NO_DEVICE, NO_PASSWORDS, WRONG_PASSWORD
from bot.transports.matrix_signing import seeds_for, sign_device
from tests.servers.synapse import free_port
from tests.servers.weather import Weather
from tests.support import CONTENT
from tests.transports.matrix_answers import ODD, serving
from tests.transports.matrix_device_keys import keys_of


@pytest.fixture
def vault(tmp_path):
    return open_vault(tmp_path / "vertti.key")


@pytest.fixture
def bot(synapse):
    return synapse.newcomer("vertti")


@pytest.fixture
async def folder(tmp_path):
    """The folder matrix/, with the limits known to be lifted: their note has tests of its own."""
    made = tmp_path / "matrix"
    made.mkdir(mode=0o700)
    await burst(made)
    return made


async def burst(folder):
    sends = Sends(folder)
    for number in range(BURST):
        await sends.went(number * 0.1)
    return sends


@pytest.fixture
def settings(synapse, bot, tmp_path, folder):
    off = Settings(_env_file=None, data_dir=tmp_path)

    def made(homeserver=synapse.url, user=bot.user_id, password=bot.password, token="", allow=()):
        return off.model_copy(
            update={
                "matrix_homeserver": homeserver,
                "matrix_user": user,
                "matrix_password": SecretStr(password),
                "matrix_token": SecretStr(token),
                "matrix_allow": allow,
            }
        )

    return made


@pytest.fixture
def started(bot, folder, vault):
    """Vertti, as far as its account goes, started once."""

    async def start(set_up, *, signing=True):
        password, token = set_up.matrix_password.get_secret_value(), set_up.matrix_token.get_secret_value()
        opened = await open_device(
            set_up.matrix_homeserver, set_up.matrix_user, password, token, folder, vault
        )
        async with keys_of(opened.device, folder) as client:
            await client.keys_upload()
            fingerprint = client.olm.account.identity_keys["ed25519"]
        if signing:
            http = MatrixHttp(opened.device.homeserver, opened.device.access_token)
            await sign_device(http, opened.device, fingerprint, seeds_for(vault, bot.user_id), password)
            await http.close()
        return opened.device

    return start


ALL_WELL = Checked()


# ---- the account -------------------------------------------------------------------------------------------


async def test_while_matrix_is_off_there_is_nothing_to_say(settings):
    assert await check(settings(homeserver=""), None, groups=3) == ALL_WELL


async def test_before_the_first_start_it_tries_the_password_and_leaves_no_device(settings, synapse, bot):
    path = f"/v2/users/{bot.user_id}/devices"
    before = synapse.administer("GET", path)["total"]

    assert await check(settings(), None) == ALL_WELL
    assert synapse.administer("GET", path)["total"] == before


async def test_a_wrong_password_is_a_fault_before_the_first_start(settings):
    assert (await check(settings(password="wrong"), None)).faults == (WRONG_PASSWORD,)


async def test_what_vertti_uses_is_sound_and_no_login_is_spent_on_it(settings, started, synapse, vault):
    async with Weather(synapse.url) as weather:
        set_up = settings(homeserver=weather.url)
        await started(set_up)
        asked = len(weather.log)
        found = await check(set_up, vault)

    assert found == ALL_WELL
    assert not any("login" in each.path for each in weather.log[asked:])


async def test_looking_changes_nothing(settings, started, folder, tmp_path, vault):
    device = await started(settings())
    async with keys_of(device, folder):
        shutil.copytree(folder, tmp_path / "in use")
    shutil.rmtree(folder)
    shutil.move(tmp_path / "in use", folder)
    before = {path.name: path.read_bytes() for path in folder.glob("*.db*") if path.suffix != ".db-shm"}
    await check(settings(), vault)

    assert {name: (folder / name).read_bytes() for name in before} == before
    assert len(before) == 2


async def test_between_the_login_and_the_first_keys_all_is_well(settings, bot, folder, vault):
    await open_device(settings().matrix_homeserver, bot.user_id, bot.password, None, folder, vault)

    assert await check(settings(), vault) == ALL_WELL


async def test_a_device_that_is_not_signed_is_a_fault(settings, started, vault):
    await started(settings(), signing=False)

    assert await check(settings(), vault) == Checked(faults=(UNSIGNED,))


async def test_a_device_that_was_logged_out_is_a_fault(settings, started, synapse, vault):
    device = await started(settings())
    synapse.call("POST", "/_matrix/client/v3/logout", {}, token=device.access_token)

    assert await check(settings(), vault) == Checked(faults=(LOGGED_OUT,))


async def test_lost_keys_are_a_fault_and_nothing_is_done_about_it_here(settings, started, folder, vault):
    device = await started(settings())
    store = store_of(folder, device.user_id, device.device_id)
    store.rename(folder / "elsewhere")
    first, second = await check(settings(), vault), await check(settings(), vault)
    (folder / "elsewhere").rename(store)

    assert first == second == Checked(faults=(WILL_BE_REPLACED,))
    assert await check(settings(), vault) == ALL_WELL


async def test_a_damaged_device_file_is_a_fault(settings, started, folder, vault):
    await started(settings())
    (folder / FILE).write_bytes(b"{")

    assert await check(settings(), vault) == Checked(faults=(WILL_BE_REPLACED,))


async def test_files_that_cannot_be_read_are_a_fault(settings, folder, vault):
    (folder / FILE).mkdir()
    faults = (await check(settings(), vault)).faults

    assert [(fault.where, fault.what) for fault in faults] == [("matrix/", "cannot be read (Is a directory)")]


async def test_files_that_others_may_read_are_a_fault(settings, started, folder, vault):
    await started(settings())
    (folder / FILE).chmod(0o640)
    folder.chmod(0o755)
    faults = (await check(settings(), vault)).faults

    assert [fault.where for fault in faults] == ["matrix/"]
    assert "2 of its files" in faults[0].what
    assert f"chmod -R go= {folder}" in faults[0].mend


# ---- a token -----------------------------------------------------------------------------------------------


async def test_with_a_token_alone_it_says_beforehand_that_lost_keys_are_lost(settings, started, bot, vault):
    set_up = settings(password="", token=bot.token)

    assert await check(set_up, None) == Checked(notes=(TOKEN_ALONE,))

    await started(set_up)

    assert await check(set_up, vault) == Checked(notes=(TOKEN_ALONE,))
    assert await check(settings(token=bot.token), vault) == ALL_WELL


async def test_a_token_whose_keys_are_not_here_is_a_fault(settings, started, folder, bot, vault):
    set_up = settings(password="", token=bot.token)
    device = await started(set_up)
    (folder / FILE).unlink()
    kept = await check(set_up, vault)
    store_of(folder, device.user_id, device.device_id).unlink()

    assert kept == Checked(notes=(TOKEN_ALONE,))
    assert await check(set_up, vault) == Checked((KEYS_LOST,), (TOKEN_ALONE,))
    assert await check(set_up, None) == Checked((KEYS_LOST,), (TOKEN_ALONE,))


async def test_a_token_of_another_account_or_of_no_device_is_a_fault(settings, synapse, bot):
    other = synapse.newcomer("verna").token
    bare = synapse.administer("POST", f"/v1/users/{bot.user_id}/login", {})["access_token"]

    assert (await check(settings(token=other), None)).faults == (ANOTHER_ACCOUNT,)
    assert (await check(settings(token=bare), None)).faults == (NO_DEVICE,)
    assert (await check(settings(token="nothing"), None)).faults == (TOKEN_REFUSED,)


# ---- the homeserver ----------------------------------------------------------------------------------------


async def test_a_homeserver_that_is_away_is_a_fault(settings):
    found = await check(settings(homeserver=f"http://127.0.0.1:{free_port()}"), None)

    assert found.faults == (NOTHING_ANSWERS,)


async def test_a_homeserver_that_asks_to_wait_is_a_fault(settings, synapse):
    async with Weather(synapse.url) as weather:
        weather.throttles("/login", retry_after_ms=9000)
        faults = (await check(settings(homeserver=weather.url), None)).faults

    assert faults == (replace(NOTHING_ANSWERS, what="the homeserver asks to wait 9 s"),)


async def test_a_homeserver_without_passwords_is_a_fault(settings, synapse):
    async with Weather(synapse.url) as weather:
        weather.garbles("/login", b'{"flows": [{"type": "m.login.sso"}]}')

        assert (await check(settings(homeserver=weather.url), None)).faults == (NO_PASSWORDS,)


@pytest.mark.parametrize(("answer", "fault"), [({}, NOT_MATRIX), ({"versions": ["r0.6.1"]}, TOO_OLD)])
async def test_what_is_no_homeserver_or_an_old_one_is_a_fault(settings, answer, fault):
    async def say(_request):
        return web.json_response(answer)

    async with serving(say) as url:
        assert (await check(settings(homeserver=url), None)).faults == (fault,)


async def test_a_homeserver_without_encryption_is_a_fault(settings, synapse, bot):
    async with Weather(synapse.url) as weather:
        weather.fails("/keys/query", 404, code="M_UNRECOGNIZED")
        found = await check(settings(homeserver=weather.url, token=bot.token), None)

    assert found.faults == (UNFIT,)


async def test_odd_answers_are_faults_and_no_more(settings, bot):
    said = {}

    async def say(request):
        return web.Response(status=said["status"], body=said["body"])

    async with serving(say) as url:
        for said["body"] in ODD:
            for said["status"] in (200, 401, 403):
                for token in ("", bot.token):
                    assert (await check(settings(homeserver=url, token=token), None)).faults


# ---- good to know ------------------------------------------------------------------------------------------


async def test_members_of_groups_are_told_of_once_there_are_groups(settings):
    assert await check(settings(), None, groups=1) == Checked(notes=(MEMBERS_SEEN,))


@pytest.mark.parametrize(
    ("stages", "anybody"),
    [([["m.login.dummy"]], True), ([["m.login.registration_token"]], False),
     ([["m.login.registration_token"], ["m.login.email.identity"]], True), ([], False), ([5], False)],
)  # fmt: skip
async def test_it_notices_when_anybody_can_make_an_account(stages, anybody):
    async def say(_request):
        return web.json_response({"session": "s", "flows": [{"stages": each} for each in stages]}, status=401)

    async with serving(say) as url:
        http = MatrixHttp(url)
        found = await anybody_registers(http)
        await http.close()

    assert found == anybody


async def test_an_open_homeserver_is_told_of_unless_invitations_are_limited(settings):
    async def say(request):
        if request.path.endswith("/register"):
            return web.json_response({"flows": [{"stages": ["m.login.dummy"]}]}, status=401)
        login = {"user_id": settings().matrix_user, "device_id": "D", "access_token": "t"}
        flows = [{"type": "m.login.password"}]
        return web.json_response({"versions": ["v1.1"], "flows": flows, **login})

    async with serving(say) as url:
        everybody = await check(settings(homeserver=url), None)
        some = await check(settings(homeserver=url, allow=("@anna:localhost",)), None)

    assert (everybody, some) == (Checked(notes=(ANYBODY_REGISTERS,)), ALL_WELL)


# ---- the homeserver's limits ---------------------------------------------------------------------------------


async def test_it_says_how_to_lift_the_limits_until_more_has_gone_through(settings, started, folder, vault):
    set_up = settings()
    await started(set_up)
    await (await burst(folder)).held_up()
    note = (await check(set_up, vault)).notes[0]
    by_name = (await check(settings(user="vertti"), None)).notes[0]
    await burst(folder)

    where = f"{set_up.matrix_homeserver}/_synapse/admin/v1/users/"
    assert "100 rooms takes about 8 minutes" in note.what
    assert f"{where}{set_up.matrix_user}/override_ratelimit " in note.mend
    assert f"{where}@vertti:SERVER/override_ratelimit " in by_name.mend
    assert '{"messages_per_second": 0, "burst_count": 0}' in note.mend
    assert await check(set_up, vault) == ALL_WELL


# ---- at the terminal -----------------------------------------------------------------------------------------


@pytest.fixture
def terminal(synapse, bot, tmp_path, monkeypatch):
    """Run `vertti check` for the bot's account; give its exit status and what it showed."""
    monkeypatch.chdir(tmp_path)  # no .env here

    def run_check(**changes):
        given = {
            "MATRIX_HOMESERVER": synapse.url,
            "MATRIX_USER": bot.user_id,
            "MATRIX_PASSWORD": bot.password,
        }
        given |= {"DATA_DIR": str(tmp_path / "data"), "CONTENT_DIR": str(CONTENT)} | changes
        for name, value in given.items():
            monkeypatch.setenv(f"VERTTI_{name}", value)
        result = CliRunner().invoke(cli.cli, ("check",), catch_exceptions=False)
        return result.exit_code, result.output

    return run_check


def test_what_is_good_to_know_is_shown_and_is_no_fault(terminal):
    status, shown = terminal()

    assert status == 0
    assert "Good to know:" in shown
    assert "/override_ratelimit" in shown
    assert "The set-up is sound." in shown


def test_a_fault_is_shown_with_its_mend_and_no_secret(terminal):
    status, shown = terminal(MATRIX_TOKEN="syt_secret", MATRIX_PASSWORD="salainen")

    assert status == 1
    assert TOKEN_REFUSED.what in shown
    assert TOKEN_REFUSED.mend in shown
    assert "syt_secret" not in shown
    assert "salainen" not in shown
