"""The device that Vertti speaks with, on a real homeserver."""

import asyncio
import json
import shutil
import stat
import time
from dataclasses import replace
from itertools import product

import pytest
from aiohttp import web

from bot.errors import SendError, Throttled, TransportStopped, Unreachable
from bot.store.vault import open_vault
from bot.transports.matrix_device import (
    FILE,
    KEYS_LOST,
    UNFIT,
    Device,
    Kept,
    Opened,
    open_device,
    told_of_loss,
)
from bot.transports.matrix_homeserver import NOT_MATRIX, find_homeserver
from bot.transports.matrix_http import TOKEN_REFUSED
from bot.transports.matrix_keys import store_of
from bot.transports.matrix_login import (
    ANOTHER_ACCOUNT,
    LOGIN_REFUSED,
    NO_DEVICE,
    NO_PASSWORDS,
    WRONG_PASSWORD,
)
from tests.servers.synapse import free_port
from tests.servers.weather import Weather
from tests.transports.matrix_answers import ODD, serving
from tests.transports.matrix_device_keys import keys_of


@pytest.fixture
def vault(tmp_path):
    return open_vault(tmp_path / "vertti.key")


@pytest.fixture
def bot(synapse):
    """The bot's account."""
    return synapse.newcomer("vertti")


@pytest.fixture
def opening(synapse, bot, tmp_path, vault):
    """Open the device of the bot's account, with what a test changes."""

    async def open_it(**changes):
        given = {"homeserver": synapse.url, "user": bot.user_id, "password": bot.password, "token": None}
        given |= {"folder": tmp_path / "matrix", "vault": vault} | changes
        return await open_device(*given.values())

    return open_it


async def publish_keys(device, folder):
    async with keys_of(device, folder) as client:
        await client.keys_upload()


def devices(synapse, user_id):
    """The account's devices by id, with their names."""
    listed = synapse.administer("GET", f"/v2/users/{user_id}/devices")["devices"]
    return {each["device_id"]: each["display_name"] for each in listed}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


async def fault_of(opened):
    with pytest.raises(TransportStopped) as stopped:
        await opened
    return stopped.value.fault


# ---- one login, ever ---------------------------------------------------------------------------------------


async def test_the_first_time_it_logs_in_as_vertti(opening, synapse, bot):
    opened = await opening()

    assert opened == Opened(opened.device, fresh=True, lost=False)
    assert (opened.device.user_id, opened.device.homeserver) == (bot.user_id, synapse.url)
    assert devices(synapse, bot.user_id)[opened.device.device_id] == "Vertti"


async def test_ever_after_it_is_the_same_device_without_a_login(opening, synapse, bot, tmp_path):
    async with Weather(synapse.url) as weather:
        first = await opening(homeserver=weather.url)
        before_keys = await opening(homeserver=weather.url)
        await publish_keys(first.device, tmp_path / "matrix")
        after_keys = await opening(homeserver=weather.url)

        logins = weather.asked("/login")

    assert before_keys == after_keys == Opened(first.device, fresh=False, lost=False)
    assert logins == 1


async def test_it_knows_when_it_logged_in_by_the_servers_clock(opening):
    before = int(time.time()) * 1000
    first = (await opening()).device.since

    assert before <= first <= time.time() * 1000
    assert (await opening()).device.since == first


async def test_what_is_kept_is_sealed_and_for_this_user_alone(opening, tmp_path):
    folder = tmp_path / "matrix"
    device = (await opening()).device
    await publish_keys(device, folder)
    kept = (folder / FILE).read_bytes()

    assert mode(folder) == 0o700
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert not any(
        each.encode() in kept for each in (device.access_token, device.device_id, device.user_id, "localhost")
    )


async def test_what_was_restored_for_all_to_read_is_closed_again(opening, tmp_path):
    await opening()
    (tmp_path / "matrix").chmod(0o755)
    (tmp_path / "matrix" / FILE).chmod(0o644)
    await opening()

    assert (mode(tmp_path / "matrix"), mode(tmp_path / "matrix" / FILE)) == (0o700, 0o600)


async def test_a_device_shows_neither_who_it_is_nor_its_token(opening):
    opened = await opening()
    device = opened.device

    assert not any(
        each in repr(opened)
        for each in (device.access_token, device.secret, device.user_id, device.device_id)
    )


async def test_the_name_of_the_account_may_stand_alone(opening, bot):
    name = bot.user_id.removeprefix("@").partition(":")[0]
    first = await opening(user=name.upper())

    assert await opening() == Opened(first.device, fresh=False, lost=False)


async def test_a_login_whose_answer_was_lost_costs_one_device_at_most(opening, synapse, bot):
    before = devices(synapse, bot.user_id)
    async with Weather(synapse.url) as weather:
        weather.loses_answer("/login")
        with pytest.raises(Unreachable):
            await opening(homeserver=weather.url)
        await opening(homeserver=weather.url)

    assert len(devices(synapse, bot.user_id)) <= len(before) + 2


async def test_a_disk_that_takes_nothing_is_waited_for(opening, tmp_path):
    (tmp_path / "matrix" / f".{FILE}").mkdir(parents=True)
    with pytest.raises(Unreachable):
        await opening()
    (tmp_path / "matrix" / f".{FILE}").rmdir()

    assert (await opening()).fresh


# ---- other settings ----------------------------------------------------------------------------------------


async def test_another_account_is_another_device(opening, synapse, tmp_path):
    first = await opening()
    await publish_keys(first.device, tmp_path / "matrix")
    other = synapse.newcomer("verna")
    second = await opening(user=other.user_id, password=other.password)

    assert (second.fresh, second.lost) == (True, False)
    assert second.device.user_id == other.user_id


async def test_another_homeserver_never_sees_the_token_of_the_first(opening, synapse):
    tokens = []

    async def listen(request):
        tokens.append(request.headers.get("Authorization"))
        return web.json_response({"versions": ["v1.11"], "flows": []})

    first = await opening()
    async with serving(listen) as url:
        with pytest.raises((SendError, TransportStopped)):
            await opening(homeserver=url)

    assert set(tokens) == {None}
    assert await opening() == Opened(first.device, fresh=False, lost=False)


async def test_a_wrong_setting_for_a_while_costs_nothing(opening, synapse):
    first = await opening()
    await fault_of(opening(user="@nobody:localhost"))
    await fault_of(opening(token=synapse.newcomer("verna").token))

    assert await opening() == Opened(first.device, fresh=False, lost=False)


# ---- a token -----------------------------------------------------------------------------------------------


async def test_a_token_is_taken_without_a_login(opening, synapse, bot):
    async with Weather(synapse.url) as weather:
        first = await opening(homeserver=weather.url, password=None, token=bot.token)
        again = await opening(homeserver=weather.url, password=None, token=bot.token)
        logins = weather.asked("/login")

    assert (first.device.device_id, first.device.access_token) == (bot.device_id, bot.token)
    assert (first.fresh, first.lost, logins) == (True, False, 0)
    assert again == Opened(first.device, fresh=False, lost=False)


async def test_a_new_token_of_the_same_device_keeps_its_keys(opening, synapse, bot, tmp_path):
    first = await opening(password=None, token=bot.token)
    await publish_keys(first.device, tmp_path / "matrix")
    name = {"type": "m.id.user", "user": bot.user_id}
    body = {"type": "m.login.password", "identifier": name, "password": bot.password}
    made = synapse.call("POST", "/_matrix/client/v3/login", {**body, "device_id": bot.device_id})
    token = made["access_token"]
    again = await opening(password=None, token=token)

    renewed = replace(first.device, access_token=token, since=again.device.since)
    assert again == Opened(renewed, fresh=False, lost=False)


async def test_a_password_in_the_tokens_place_changes_nothing(opening, bot):
    first = await opening(password=None, token=bot.token)

    assert await opening() == Opened(first.device, fresh=False, lost=False)


async def test_a_token_of_another_account_is_a_fault(opening, synapse):
    assert await fault_of(opening(token=synapse.newcomer("verna").token)) == ANOTHER_ACCOUNT


async def test_a_token_without_a_device_is_a_fault(opening, synapse, bot):
    token = synapse.administer("POST", f"/v1/users/{bot.user_id}/login", {})["access_token"]

    assert await fault_of(opening(password=None, token=token)) == NO_DEVICE


async def test_a_token_whose_device_has_its_keys_elsewhere_is_a_fault_without_a_password(
    opening, synapse, bot, tmp_path
):
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Device(synapse.url, bot.user_id, bot.device_id, bot.token, 0, "x")
    await publish_keys(elsewhere, tmp_path / "elsewhere")

    assert await fault_of(opening(password=None, token=bot.token)) == KEYS_LOST

    opened = await opening(token=bot.token)

    assert (opened.fresh, opened.lost) == (True, False)
    assert bot.device_id in devices(synapse, bot.user_id)
    assert await opening(token=bot.token) == Opened(opened.device, fresh=False, lost=False)


# ---- lost keys ---------------------------------------------------------------------------------------------


def removed(path):
    path.unlink()


def emptied(path):
    path.write_bytes(b"")


def cut_short(path):
    path.write_bytes(path.read_bytes()[:1000])


def of_somebody_else(path):
    path.write_bytes(b"SQLite format 3\0" + b"\1" * 5000)


@pytest.mark.parametrize("mishap", [removed, emptied, cut_short, of_somebody_else])
async def test_lost_keys_are_recovered_from_by_a_fresh_login(opening, synapse, bot, tmp_path, mishap):
    first = await opening()
    await publish_keys(first.device, tmp_path / "matrix")
    mishap(store_of(tmp_path / "matrix", bot.user_id, first.device.device_id))
    second = await opening()
    await publish_keys(second.device, tmp_path / "matrix")

    assert second == Opened(second.device, fresh=True, lost=True)
    assert first.device.device_id not in devices(synapse, bot.user_id)
    assert await opening() == Opened(second.device, fresh=False, lost=True)


async def test_a_loss_is_told_until_it_is_known(opening, tmp_path, vault):
    folder = tmp_path / "matrix"
    first = await opening()
    await publish_keys(first.device, folder)
    (folder / FILE).unlink()
    told = [(await opening()).lost, (await opening()).lost]
    await told_of_loss(folder, vault)
    await told_of_loss(folder, vault)

    assert (told, (await opening()).lost) == ([True, True], False)


async def test_a_loss_that_cannot_be_noted_is_told_again(tmp_path, vault):
    await told_of_loss(tmp_path, vault)
    (tmp_path / FILE).write_bytes(b"{")

    with pytest.raises(Unreachable):
        await told_of_loss(tmp_path, vault)


async def test_keys_that_others_do_not_encrypt_for_are_lost_keys(opening, bot, tmp_path):
    folder = tmp_path / "matrix"
    first = await opening()
    async with keys_of(first.device, folder):
        pass
    shutil.copytree(folder, tmp_path / "old")
    store_of(folder, bot.user_id, first.device.device_id).unlink()
    await publish_keys(first.device, folder)
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "old", folder)

    assert (await opening()).lost


async def test_keys_that_the_server_has_forgotten_are_lost_keys(opening, synapse, bot, tmp_path):
    first = await opening()
    await publish_keys(first.device, tmp_path / "matrix")
    synapse.revokes(replace(bot, device_id=first.device.device_id))
    second = await opening()

    assert second == Opened(second.device, fresh=True, lost=True)


async def test_with_a_token_alone_lost_keys_stop_it_until_they_are_put_back(opening, bot, tmp_path):
    folder = tmp_path / "matrix"
    first = await opening(password=None, token=bot.token)
    await publish_keys(first.device, folder)
    store = store_of(folder, bot.user_id, bot.device_id)
    store.rename(tmp_path / "backup.db")
    fault = await fault_of(opening(password=None, token=bot.token))
    (tmp_path / "backup.db").rename(store)

    assert fault == KEYS_LOST
    assert await opening(password=None, token=bot.token) == Opened(first.device, fresh=False, lost=False)


async def test_keys_come_back_from_a_backup_taken_while_they_were_in_use(opening, tmp_path):
    folder = tmp_path / "matrix"
    first = await opening()
    async with keys_of(first.device, folder) as client:
        await client.keys_upload()
        shutil.copytree(folder, tmp_path / "backup")
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)
    for path in folder.glob("*-shm"):  # what is no file of the store's, a backup need not have
        path.unlink()

    assert await opening() == Opened(first.device, fresh=False, lost=False)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"sealed": "AAAA"}', b'{"sealed": 5}', b"\xff"])
async def test_a_damaged_file_is_a_lost_device_and_with_a_token_it_is_no_loss(opening, bot, tmp_path, damage):
    folder = tmp_path / "matrix"
    first = await opening(password=None, token=bot.token)
    await publish_keys(first.device, folder)
    (folder / FILE).write_bytes(damage)
    by_token = await opening(password=None, token=bot.token)
    (folder / FILE).write_bytes(damage)
    by_password = await opening()

    assert by_token == Opened(replace(first.device, since=by_token.device.since), fresh=False, lost=False)
    assert (by_password.fresh, by_password.lost) == (True, True)


async def test_a_file_that_cannot_be_read_for_a_while_is_no_lost_device(opening, tmp_path):
    path = tmp_path / "matrix" / FILE
    first = await opening()
    path.rename(tmp_path / "elsewhere")
    path.mkdir()
    with pytest.raises(Unreachable):
        await opening()
    path.rmdir()
    (tmp_path / "elsewhere").rename(path)

    assert await opening() == Opened(first.device, fresh=False, lost=False)


async def test_keys_that_cannot_be_read_for_a_while_are_no_lost_keys(opening, synapse, tmp_path):
    async with Weather(synapse.url) as weather:
        first = await opening(homeserver=weather.url)
        store = store_of(tmp_path / "matrix", first.device.user_id, first.device.device_id)
        store.unlink()
        store.mkdir()
        with pytest.raises(Unreachable):
            await opening(homeserver=weather.url)
        store.rmdir()

        assert await opening(homeserver=weather.url) == Opened(first.device, fresh=False, lost=False)
        assert weather.asked("/login") == 1


async def test_a_file_that_is_missing_beside_its_keys_is_a_lost_device(opening, tmp_path):
    first = await opening()
    await publish_keys(first.device, tmp_path / "matrix")
    (tmp_path / "matrix" / FILE).unlink()

    assert (await opening()).lost


async def test_the_key_of_another_database_opens_no_device(opening, tmp_path):
    await opening()
    other = await asyncio.to_thread(open_vault, tmp_path / "another.key")

    assert (await opening(vault=other)).lost


# ---- a token that is refused -------------------------------------------------------------------------------


def backdate(folder, vault):
    replace(Kept.read(folder, vault), since=1).write(folder, vault)


async def test_a_token_that_has_run_out_is_renewed_and_the_device_keeps_its_keys(
    opening, synapse, tmp_path, vault
):
    async with Weather(synapse.url) as weather:
        first = await opening(homeserver=weather.url)
        await publish_keys(first.device, tmp_path / "matrix")
        await asyncio.to_thread(backdate, tmp_path / "matrix", vault)
        weather.fails("/keys/query", 401, code="M_UNKNOWN_TOKEN")
        again = await opening(homeserver=weather.url)

    renewed = replace(first.device, access_token=again.device.access_token, since=1)
    assert again == Opened(renewed, fresh=False, lost=False)
    assert again.device.access_token != first.device.access_token


async def test_a_device_that_was_logged_out_is_replaced_once_somebody_starts_vertti_again(
    opening, synapse, bot, tmp_path
):
    first = await opening()
    await publish_keys(first.device, tmp_path / "matrix")
    synapse.call("POST", "/_matrix/client/v3/logout", {}, token=first.device.access_token)
    second = await opening()

    assert second == Opened(second.device, fresh=True, lost=True)
    assert first.device.device_id not in devices(synapse, bot.user_id)


async def test_a_refused_token_without_a_password_is_a_fault(opening, synapse, bot):
    await opening(password=None, token=bot.token)
    synapse.revokes(bot)

    assert await fault_of(opening(password=None, token=bot.token)) == TOKEN_REFUSED


async def test_a_closed_account_is_a_fault(opening, synapse, bot):
    await opening()
    synapse.deactivates(bot.user_id)

    assert await fault_of(opening()) == WRONG_PASSWORD


# ---- what the homeserver refuses ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [{"password": "no"}, {"user": "@nobody:localhost"}, {"user": "@a:b.example"}]
)
async def test_a_wrong_password_and_an_unknown_account_are_a_fault(opening, wrong, tmp_path):
    assert await fault_of(opening(**wrong)) == WRONG_PASSWORD
    assert not (tmp_path / "matrix" / FILE).exists()


async def test_too_many_logins_are_waited_out_and_never_tried_again_at_once(opening, synapse):
    async with Weather(synapse.url) as weather:
        weather.throttles("/login", retry_after_ms=333_000)
        with pytest.raises(Throttled) as throttled:
            await opening(homeserver=weather.url)
        logins = weather.asked("/login")

    assert (throttled.value.seconds, logins) == (333.0, 1)


async def test_a_homeserver_without_passwords_is_a_fault(opening, synapse):
    async with Weather(synapse.url) as weather:
        weather.fails("/login", 400, code="M_UNKNOWN")
        weather.garbles("/login", b'{"flows": [{"type": "m.login.sso"}]}')
        fault = await fault_of(opening(homeserver=weather.url))

    assert fault == NO_PASSWORDS


async def test_another_refusal_of_the_login_is_a_fault(opening, synapse):
    async with Weather(synapse.url) as weather:
        weather.fails("/login", 400, code="M_BAD_JSON")
        fault = await fault_of(opening(homeserver=weather.url))

    assert fault == LOGIN_REFUSED


async def test_a_homeserver_without_encryption_is_a_fault(opening, synapse):
    async with Weather(synapse.url) as weather:
        await opening(homeserver=weather.url)
        weather.fails("/keys/query", 404, code="M_UNRECOGNIZED")
        fault = await fault_of(opening(homeserver=weather.url))

    assert fault == UNFIT


async def test_a_device_that_would_lie_outside_the_folder_is_none(opening, synapse):
    async with Weather(synapse.url) as weather:
        weather.garbles("/login", lambda body: json.dumps({**json.loads(body), "device_id": "../x"}).encode())
        with pytest.raises(Unreachable):
            await opening(homeserver=weather.url)


async def test_a_login_as_somebody_else_is_a_fault(opening, synapse):
    async with Weather(synapse.url) as weather:
        weather.garbles(
            "/login", lambda body: json.dumps({**json.loads(body), "user_id": "@verna:localhost"}).encode()
        )
        fault = await fault_of(opening(homeserver=weather.url))

    assert fault == ANOTHER_ACCOUNT


# ---- the way there -----------------------------------------------------------------------------------------


async def test_no_network_is_waited_out(opening):
    with pytest.raises(Unreachable):
        await opening(homeserver=f"http://127.0.0.1:{free_port()}")


@pytest.mark.parametrize("part", ["/versions", "/login", "/keys/query"])
async def test_a_gateways_trouble_is_waited_out(opening, synapse, part):
    async with Weather(synapse.url) as weather:
        await opening(homeserver=weather.url) if part == "/keys/query" else None
        weather.fails(part, 502)
        with pytest.raises(Unreachable):
            await opening(homeserver=weather.url)


async def test_an_address_without_a_homeserver_is_a_fault(opening):
    async def say(_request):
        return web.Response(text="<h1>Kahvila</h1>", content_type="text/html")

    async with serving(say) as url:
        assert await fault_of(opening(homeserver=url)) == NOT_MATRIX


async def test_a_proxy_that_knows_nothing_of_its_homeserver_for_a_while_is_waited_out(opening, synapse):
    async with Weather(synapse.url) as weather:
        first = await opening(homeserver=weather.url)
        weather.fails("/", 404, times=2)
        with pytest.raises(Unreachable):
            await opening(homeserver=weather.url)

        assert await opening(homeserver=weather.url) == Opened(first.device, fresh=False, lost=False)


async def test_the_homeserver_is_found_where_well_known_points(opening, synapse):
    async def point(request):
        if request.path == "/.well-known/matrix/client":
            return web.json_response({"m.homeserver": {"base_url": f"{synapse.url}/"}})
        return web.Response(status=404)

    async with serving(point) as url:
        first = await opening(homeserver=url)
        again = await opening(homeserver=url)

    assert first.device.homeserver == synapse.url
    assert again == Opened(first.device, fresh=False, lost=False)


@pytest.mark.parametrize(
    "pointer", [{}, [], {"m.homeserver": 5}, {"m.homeserver": {"base_url": 5}}, {"m.homeserver": {"base_url": "ftp://a"}}]
)  # fmt: skip
async def test_a_pointer_to_nowhere_is_a_fault(pointer):
    async def point(request):
        return web.json_response(pointer) if "well-known" in request.path else web.Response(status=404)

    async with serving(point) as url:
        assert await fault_of(find_homeserver(url)) == NOT_MATRIX


async def test_the_versions_say_whether_a_homeserver_is_too_old():
    async def old(_request):
        return web.json_response({"versions": ["r0.6.1", 5]})

    async with serving(old) as url:
        found = await find_homeserver(url)

    assert (found.versions, found.too_old) == (("r0.6.1",), True)
    assert not replace(found, versions=("r0.6.1", "v1.1")).too_old


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
async def test_odd_answers_are_never_more_than_our_own_errors(opening, bot, status):
    odd = {}

    async def say(request):
        known = "versions" in request.path and not odd["versions"]
        return web.Response(
            status=200 if known else status,
            body=b'{"versions": ["v1.1"]}' if known else odd["body"],
            headers={"Date": "yesterday", "Age": "x"},
        )

    async with serving(say) as url:
        for body, versions in product(ODD, (True, False)):
            odd |= {"body": body, "versions": versions}
            for means in ({}, {"token": bot.token, "password": None}):
                with pytest.raises((SendError, TransportStopped)):
                    await opening(homeserver=url, **means)
