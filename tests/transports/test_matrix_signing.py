"""The account's signature on its device, on a real homeserver."""

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import product

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nio import AsyncClient, AsyncClientConfig
from nio.store import SqliteMemoryStore

from bot.errors import SendError, Throttled, TransportStopped, Unreachable
from bot.store.vault import open_vault
from bot.transports.matrix_device import Device
from bot.transports.matrix_http import MatrixHttp
from bot.transports.matrix_signing import (
    NEED_PASSWORD,
    NEW_IDENTITY,
    NOT_SIGNED,
    PASSWORD_REFUSED,
    PERSON_NEEDED,
    Seeds,
    Signing,
    canonical,
    is_signed,
    is_signed_by,
    public_of,
    seeds_for,
    sign_device,
    unpadded,
)
from tests.servers.js_user import JsUser
from tests.servers.matrix_user import User
from tests.servers.synapse import Account
from tests.servers.weather import Weather
from tests.transports.matrix_answers import ODD, serving

SEEDS = Seeds(b"m" * 32, b"s" * 32, b"u" * 32)
OTHERS = Seeds(b"M" * 32, b"S" * 32, b"U" * 32)
SIGNED = Signing(signed=True)


@dataclass
class Bot:
    """A device of the bot's whose keys are uploaded."""

    account: Account
    device: Device
    fingerprint: str
    http: MatrixHttp

    async def sign(self, seeds: Seeds = SEEDS, password: str | None = "pw") -> Signing:
        return await sign_device(self.http, self.device, self.fingerprint, seeds, password)

    async def is_signed(self) -> bool:
        return await is_signed(self.http, self.device.user_id, self.device.device_id)

    async def master(self) -> str:
        """The account's master key, as others are given it."""
        body = {"device_keys": {self.device.user_id: []}}
        answer = await self.http.post("keys", "query", body=body)
        return "".join(answer["master_keys"][self.device.user_id]["keys"].values())


async def uploaded(account, url):
    config = AsyncClientConfig(store=SqliteMemoryStore, encryption_enabled=True, store_sync_tokens=False)
    client = AsyncClient(url, account.user_id, config=config)
    client.restore_login(account.user_id, account.device_id, account.token)
    await client.keys_upload()
    await client.close()
    device = Device(url, account.user_id, account.device_id, account.token, 0, "")
    fingerprint = client.olm.account.identity_keys["ed25519"]
    return Bot(account, device, fingerprint, MatrixHttp(url, account.token))


@pytest.fixture
async def bot(synapse):
    made = await uploaded(synapse.newcomer("vertti"), synapse.url)
    yield made
    await made.http.close()


@pytest.fixture
async def weather(synapse):
    async with Weather(synapse.url) as between:
        yield between


@pytest.fixture
async def far_bot(bot, weather):
    """The bot behind the weather."""
    made = replace(bot, http=MatrixHttp(weather.url, bot.account.token))
    yield made
    await made.http.close()


def master_of(seeds):
    return public_of(Ed25519PrivateKey.from_private_bytes(seeds.master))


# ---- signing -----------------------------------------------------------------------------------------------


async def test_a_new_account_vouches_for_its_device_without_being_asked_for_a_password(bot):
    before = await bot.is_signed()
    found = await bot.sign(password=None)

    assert (before, found, await bot.is_signed()) == (False, SIGNED, True)
    assert await bot.master() == master_of(SEEDS)


async def test_what_is_signed_is_not_signed_again(far_bot, weather):
    await far_bot.sign()
    asked = len(weather.log)
    again = await far_bot.sign()

    assert again == SIGNED
    assert [each.path for each in weather.log[asked:]] == ["/_matrix/client/v3/keys/query"]


async def test_a_later_device_gets_the_same_identity(bot, synapse):
    await bot.sign()
    later = await uploaded(synapse.logs_in(bot.account), synapse.url)
    found = await later.sign(password=None)

    assert (found, await later.is_signed(), await bot.is_signed()) == (SIGNED, True, True)
    assert await later.master() == master_of(SEEDS)
    await later.http.close()


def test_the_seeds_are_the_accounts_own_and_always_the_same(tmp_path):
    vault, other = open_vault(tmp_path / "a.key"), open_vault(tmp_path / "b.key")
    seeds = seeds_for(vault, "@vertti:localhost")

    assert seeds == seeds_for(open_vault(tmp_path / "a.key"), "@vertti:localhost")
    assert len({seeds.master, seeds.self_signing, seeds.user_signing}) == 3
    assert seeds_for(vault, "@verna:localhost") != seeds != seeds_for(other, "@vertti:localhost")
    assert repr(seeds) == "Seeds()"


async def test_interrupted_at_any_request_it_goes_on_the_next_time(bot, weather):
    for part in ("/device_signing/", "/signatures/", "/keys/query"):
        broken = replace(bot, http=MatrixHttp(weather.url, bot.account.token))
        weather.loses_answer(part)
        with pytest.raises(Unreachable):
            await broken.sign()
        weather.clears_up()
        await broken.http.close()

    assert await bot.sign(password=None) == SIGNED


async def test_only_the_key_that_is_ours_is_ever_signed(bot):
    with pytest.raises(Unreachable):
        await replace(bot, fingerprint="A" * 43).sign()

    assert not await bot.is_signed()


async def test_a_client_that_trusts_only_signed_devices_reads_what_a_signed_one_says(synapse):
    async with (
        User.of(synapse, "vertti") as bot,
        JsUser.of(synapse, "cecilia", signed_only=True) as cecilia,
    ):
        room = await bot.creates_room([cecilia.user_id], encrypted=True, awaited=False)
        await cecilia.joins_when_invited(bot.user_id)
        await bot.sees_joined(room, cecilia.user_id)
        account, keys = bot.account, bot.client.olm.account.identity_keys
        device = Device(synapse.url, account.user_id, account.device_id, account.token, 0, "")
        http = MatrixHttp(synapse.url, account.token)
        await bot.says(room, "unsigned")
        before = await cecilia.hears(room)
        await sign_device(http, device, keys["ed25519"], SEEDS, None)
        await bot.says(room, "signed")
        after = await cecilia.hears(room)
        await http.close()

    assert (before.type, before.signed) == ("m.room.encrypted", False)
    assert (after.body, after.signed) == ("signed", True)


# ---- somebody else's identity --------------------------------------------------------------------------------


async def test_lost_seeds_make_a_new_identity_with_the_password_and_say_so(bot, synapse):
    await bot.sign(OTHERS)
    later = await uploaded(synapse.logs_in(bot.account), synapse.url)
    found = await later.sign()

    assert found == Signing(signed=True, fault=NEW_IDENTITY)
    assert (await later.is_signed(), await later.master()) == (True, master_of(SEEDS))
    assert await later.sign() == SIGNED
    await later.http.close()


async def test_lost_seeds_without_the_password_leave_the_device_unsigned(bot, synapse):
    await bot.sign(OTHERS)
    later = await uploaded(synapse.logs_in(bot.account), synapse.url)
    found = await later.sign(password=None)

    assert found == Signing(signed=False, fault=NEED_PASSWORD)
    assert (await later.is_signed(), await later.master()) == (False, master_of(OTHERS))
    await later.http.close()


async def test_a_wrong_password_leaves_the_device_unsigned(bot, synapse):
    await bot.sign(OTHERS)
    later = await uploaded(synapse.logs_in(bot.account), synapse.url)

    assert await later.sign(password="no") == Signing(signed=False, fault=PASSWORD_REFUSED)
    await later.http.close()


async def test_an_identity_of_somebody_else_stays_while_it_vouches_for_the_device(bot):
    await bot.sign(OTHERS)

    assert await bot.sign() == SIGNED
    assert await bot.master() == master_of(OTHERS)


# ---- what the homeserver says --------------------------------------------------------------------------------


async def test_a_person_who_must_approve_is_told_so(bot, synapse, weather):
    await bot.sign(OTHERS)
    later = await uploaded(synapse.logs_in(bot.account), weather.url)
    weather.garbles("/device_signing/", b'{"session": "s", "flows": [{"stages": ["m.oauth"]}]}')

    assert await later.sign() == Signing(signed=False, fault=PERSON_NEEDED)
    await later.http.close()


async def test_a_homeserver_without_cross_signing_leaves_the_device_unsigned(far_bot, weather):
    weather.fails("/device_signing/", 404, code="M_UNRECOGNIZED")

    assert await far_bot.sign() == Signing(signed=False, fault=NOT_SIGNED)


async def test_a_signature_that_nobody_is_shown_is_none(far_bot, weather):
    shown: list[bytes] = []

    def as_before(body):
        shown.append(body)
        return shown[0]

    weather.garbles("/keys/query", as_before, times=None)

    assert await far_bot.sign() == Signing(signed=False, fault=NOT_SIGNED)


async def test_an_identity_that_its_master_key_has_not_signed_vouches_for_nothing(far_bot, weather):
    def unsigned(body):
        answer = json.loads(body)
        for key in answer["self_signing_keys"].values():
            del key["signatures"]
        return json.dumps(answer).encode()

    await far_bot.sign()
    weather.garbles("/keys/query", unsigned, times=None)

    assert not await far_bot.is_signed()
    assert await far_bot.sign() == Signing(signed=False, fault=NOT_SIGNED)


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 429, 500])
async def test_odd_answers_are_never_more_than_our_own_errors(bot, synapse, status):
    known = json.dumps(
        synapse.call(
            "POST",
            "/_matrix/client/v3/keys/query",
            {"device_keys": {bot.device.user_id: [bot.device.device_id]}},
            token=bot.account.token,
        )
    ).encode()
    odd = {}

    async def say(request):
        if request.path.endswith("/query") and not odd["everywhere"]:
            return web.Response(body=known)
        return web.Response(status=status, body=odd["body"])

    async with serving(say) as url:
        odd_bot = replace(bot, http=MatrixHttp(url, "token"))
        for body, everywhere in product(ODD, (True, False)):
            odd |= {"body": body, "everywhere": everywhere}
            with suppress(SendError, TransportStopped):
                assert not (await odd_bot.sign()).signed
        await odd_bot.http.close()


async def test_too_fast_is_told(far_bot, weather):
    weather.throttles("/device_signing/", retry_after_ms=2000)

    with pytest.raises(Throttled) as throttled:
        await far_bot.sign()

    assert throttled.value.seconds == 2.0


async def test_a_refused_token_is_told(bot, synapse):
    synapse.call("POST", "/_matrix/client/v3/logout", {}, token=bot.account.token)

    with pytest.raises(TransportStopped):
        await bot.sign()


# ---- signatures -----------------------------------------------------------------------------------------------


def test_what_is_signed_is_canonical_json_without_its_signatures():
    described = {"b": "ä", "a": [1, {"d": None, "c": True}], "signatures": {}, "unsigned": {"age": 1}}

    assert canonical(described) == '{"a":[1,{"c":true,"d":null}],"b":"ä"}'.encode()


def test_a_signature_holds_for_its_key_its_account_and_its_object():
    key = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    name, described = public_of(key), {"user_id": "@a:b"}
    signature = unpadded(key.sign(canonical(described)))
    signed = {**described, "signatures": {"@a:b": {f"ed25519:{name}": signature}}}

    assert is_signed_by(name, signed, "@a:b")
    assert not is_signed_by(name, signed, "@b:b")
    assert not is_signed_by(name, {**signed, "user_id": "@c:b"}, "@a:b")
    assert not is_signed_by(master_of(SEEDS), signed, "@a:b")
    signed["signatures"]["@a:b"][f"ed25519:{name}"] = signature[:-2] + "AA"
    assert not is_signed_by(name, signed, "@a:b")


@pytest.mark.parametrize("odd", [None, 5, [], {}, "", "ä", "AAAA", {"ed25519:": "AAAA"}, {"ed25519:ä": "ä"}])
@pytest.mark.parametrize("key", ["", "ä", "AAAA", "\ud800"])
def test_odd_signatures_are_none(key, odd):
    assert not is_signed_by(key, {"signatures": odd}, "@a:b")
    assert not is_signed_by(key, {"signatures": {"@a:b": odd}}, "@a:b")
    assert not is_signed_by(key, {"signatures": {"@a:b": {f"ed25519:{key}": odd}}}, "@a:b")
