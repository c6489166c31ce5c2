"""Getting into an account: with its password, or with a token that somebody made."""

from dataclasses import dataclass, field
from typing import Final, TypeGuard

from bot.errors import Fault, TransportStopped, Unreachable
from bot.transports.matrix_http import MatrixHttp, MatrixRefused

DISPLAY_NAME: Final = "Vertti"  # of the device, as the account's keeper sees it in a list
BY_PASSWORD: Final = "m.login.password"  # noqa: S105 - the name of a way to log in

WRONG_PASSWORD: Final = Fault(
    "VERTTI_MATRIX_PASSWORD",
    "the homeserver lets nobody in with this account and this password",
    "Check VERTTI_MATRIX_USER and VERTTI_MATRIX_PASSWORD, and that the account is not deactivated",
)
NO_PASSWORDS: Final = Fault(
    "VERTTI_MATRIX_PASSWORD",
    "the homeserver lets nobody in by password",
    "Have an access token made for the account and put it into VERTTI_MATRIX_TOKEN",
)
LOGIN_REFUSED: Final = Fault(
    "VERTTI_MATRIX_HOMESERVER",
    "the homeserver refuses the login, and not for the password",
    "Log in to the account with another client to see why",
)
ANOTHER_ACCOUNT: Final = Fault(
    "VERTTI_MATRIX_USER",
    "the homeserver knows this password or token as another account's",
    "Write the account there to which VERTTI_MATRIX_PASSWORD or VERTTI_MATRIX_TOKEN belongs",
)
NO_DEVICE: Final = Fault(
    "VERTTI_MATRIX_TOKEN",
    "this token belongs to no device, so nothing can be encrypted for it",
    "Make the token by logging in to the account, or give VERTTI_MATRIX_PASSWORD instead",
)


@dataclass(frozen=True, slots=True)
class Login:
    """An account and one device of it."""

    user_id: str = field(repr=False)
    device_id: str = field(repr=False)
    token: str = field(repr=False)


async def log_in(http: MatrixHttp, user: str, password: str, *, device_id: str | None = None) -> Login:
    """Log in, as the device that is named or as a new one; from then on ``http`` speaks as that device.

    Raises:
        Throttled: too many logins; the next one is refused too unless that time has passed.
        Unreachable: see matrix_http.py.
        TransportStopped: a person must mend something.
    """
    http.token = ""
    body = {
        "type": BY_PASSWORD,
        "identifier": {"type": "m.id.user", "user": user},
        "password": password,
        "initial_device_display_name": DISPLAY_NAME,
    }
    if device_id is not None:
        body["device_id"] = device_id
    try:
        answer = await http.post("login", body=body)
    except MatrixRefused as error:
        raise await _why_not(http, error) from None
    user_id, given_id, token = (answer.get(name) for name in ("user_id", "device_id", "access_token"))
    if not (isinstance(user_id, str) and isinstance(token, str) and is_device(given_id)):
        raise Unreachable
    if not is_account(user, user_id):
        raise TransportStopped(ANOTHER_ACCOUNT)
    http.token = token
    return Login(user_id, given_id, token)


async def take_token(http: MatrixHttp, user: str, token: str) -> Login:
    """Ask whose the token is; from then on ``http`` speaks as that device.

    Raises:
        Throttled, Unreachable: see matrix_http.py.
        TransportStopped: it is refused, another account's, or no device's.
    """
    http.token = token
    answer = await http.get("account", "whoami")
    user_id, device_id = answer.get("user_id"), answer.get("device_id")
    if not isinstance(user_id, str):
        raise Unreachable
    if not is_account(user, user_id):
        raise TransportStopped(ANOTHER_ACCOUNT)
    if not is_device(device_id):
        raise TransportStopped(NO_DEVICE)
    return Login(user_id, device_id, token)


async def offers_passwords(http: MatrixHttp) -> bool:
    """Ask whether the homeserver lets people in by password.

    Raises:
        MatrixRefused, Throttled, Unreachable, TransportStopped: see matrix_http.py.
    """
    flows = (await http.get("login")).get("flows")
    return isinstance(flows, list) and any(
        isinstance(each, dict) and each.get("type") == BY_PASSWORD for each in flows
    )


def is_account(user: str, user_id: str) -> bool:
    """Tell whether what is set, "@vertti:example.org" or "vertti", names this account."""
    name = user_id if user.startswith("@") else user_id.removeprefix("@").partition(":")[0]
    return user.lower() == name.lower()


def is_device(device_id: object) -> TypeGuard[str]:
    """Tell whether this can be a device's id, and part of a file's name."""
    return isinstance(device_id, str) and device_id.isprintable() and bool(device_id) and "/" not in device_id


async def _why_not(http: MatrixHttp, error: MatrixRefused) -> TransportStopped:
    """Find out why a login was refused."""
    if not await offers_passwords(http):
        return TransportStopped(NO_PASSWORDS)
    return TransportStopped(WRONG_PASSWORD if error.code == "M_FORBIDDEN" else LOGIN_REFUSED)
