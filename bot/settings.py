"""The environment and .env, read once; all faults at once, each with its mend."""

import os
import re
import secrets
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.clock import zone_names
from bot.core.quiet_hours import QuietHours
from bot.errors import Fault, SetupError

PREFIX = "VERTTI_"
HIGHEST_PORT = 65535
_SERVER = r"(?:[0-9A-Za-z.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?"  # Matrix, appendix 4.1
_LOCALPART = r"[0-9A-Za-z._=/+-]{1,255}"
_CALENDAR_FILES = (".yaml", ".yml", ".ics", ".ical", ".icalendar", ".ifb")


def _zone(name: str) -> str:
    if name not in zone_names():
        message = "is no time zone; write for instance Europe/Helsinki"
        raise ValueError(message)
    return name


def _language(name: str) -> str:
    if name not in ("fi", "sv", "en"):
        message = "is not a language that Vertti speaks; write fi, sv or en"
        raise ValueError(message)
    return name


def _quiet_hours(text: str) -> str:
    try:
        QuietHours.parse(text)
    except ValueError:
        message = "is no time span; write for instance 20:00-09:00, or leave it empty for none"
        raise ValueError(message) from None
    return text


def _web_address(text: str) -> str:
    if text and (urlsplit(text).scheme not in ("http", "https") or not urlsplit(text).netloc):
        message = "is no address of the form https://..."
        raise ValueError(message)
    return text.rstrip("/")


def _webhook(text: str) -> str:
    if text and urlsplit(text).scheme != "https":
        message = "must begin with https://: Telegram calls no other"
        raise ValueError(message)
    return _web_address(text)


def _matrix_user(text: str) -> str:
    # Its keys lie in a file of that name, so no slash, though Matrix has nothing against one.
    if text and not re.fullmatch(rf"(?!.*/)(?:{_LOCALPART}|@{_LOCALPART}:{_SERVER})", text):
        message = "is no Matrix account; write for instance @vertti:matrix.example.org, or vertti alone"
        raise ValueError(message)
    return text


def _matrix_allow(entries: tuple[str, ...]) -> tuple[str, ...]:
    if not all(re.fullmatch(rf"{_SERVER}|@{_LOCALPART}:{_SERVER}", each) for each in entries):
        message = "holds what is neither a server (example.org) nor an account (@name:example.org)"
        raise ValueError(message)
    return entries


def _calendars(value: Any) -> Any:
    """Cut a list of calendars at its commas; one that belongs to an address (``?keyword=a,b``) stays in it."""
    if not isinstance(value, str):
        return value
    names: list[str] = []
    for part in value.split(","):
        begins = part != part.lstrip() or "://" in part or part.rstrip().lower().endswith(_CALENDAR_FILES)
        if names and "://" in names[-1] and not begins and part:
            names[-1] += f",{part}"
        else:
            names.append(part)
    return tuple(name.strip() for name in names if name.strip())


def _without_addresses(names: tuple[str, ...]) -> tuple[str, ...]:
    """Show the files of a list of calendars, and of each address only that it is one: it is a credential."""
    return tuple("**********" if "://" in name else name for name in names)


def _calendar_hosts(entries: tuple[str, ...]) -> tuple[str, ...]:
    if not all(re.fullmatch(_SERVER, each) for each in entries):
        message = "holds what is no host (cloud.example.org, 192.168.1.5) and no host with a port (nas.example.org:8443)"
        raise ValueError(message)
    return entries


def _list(value: Any) -> Any:
    return (
        tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
    )


class Settings(BaseSettings):
    """Everything that an operator sets; .env.example has a line for each."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=".env",
        env_ignore_empty=False,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Path("data")
    database_url: SecretStr = SecretStr("")
    content_dir: Path = Path("content")
    calendars: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_calendars), PlainSerializer(_without_addresses)
    ] = Field(default=("schedule.yaml",), repr=False)
    calendar_hosts: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_list), AfterValidator(_calendar_hosts)
    ] = ()
    timezone: Annotated[str, AfterValidator(_zone)] = "Europe/Helsinki"
    language: Annotated[str, AfterValidator(_language)] = "fi"
    quiet_hours: Annotated[str, AfterValidator(_quiet_hours)] = "20:00-09:00"
    smallest_number: int = Field(default=5, ge=3, le=20)
    telegram_token: SecretStr = SecretStr("")
    telegram_api: Annotated[str, AfterValidator(_web_address)] = "https://api.telegram.org"
    telegram_webhook: Annotated[str, AfterValidator(_webhook)] = ""
    telegram_rate: float = Field(default=30.0, gt=0, le=100_000)
    matrix_homeserver: Annotated[str, AfterValidator(_web_address)] = ""
    matrix_user: Annotated[str, AfterValidator(_matrix_user)] = ""
    matrix_password: SecretStr = SecretStr("")
    matrix_token: SecretStr = SecretStr("")
    matrix_allow: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_list), AfterValidator(_matrix_allow)
    ] = ()
    web_host: str = "127.0.0.1"
    web_port: int = Field(default=8080, ge=0, le=HIGHEST_PORT)
    public_url: Annotated[str, AfterValidator(_web_address)] = ""
    heartbeat_url: SecretStr = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Take an empty value for none at all, but of quiet hours, where it means that there are none."""
        return {name: value for name, value in values.items() if value != "" or name == "quiet_hours"}

    @property
    def zone(self) -> ZoneInfo:
        """The group's own time zone."""
        return ZoneInfo(self.timezone)

    @property
    def quiet(self) -> QuietHours | None:
        """When nothing is pushed; None: never."""
        return QuietHours.parse(self.quiet_hours)

    @property
    def database(self) -> str:
        """The address of the database: as set, or SQLite in the data folder."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.data_dir.resolve() / 'vertti.db'}"

    @property
    def base_url(self) -> str:
        """Where people reach the web page."""
        return self.public_url or f"http://{self.web_host}:{self.web_port}"

    @classmethod
    def read(cls, **values: Any) -> Self:
        """Read the settings.

        Raises:
            SetupError: with every fault.
        """
        env_file = values.get("_env_file", cls.model_config.get("env_file"))
        written = dotenv_values(env_file) if env_file and Path(env_file).exists() else {}
        given = {**written, **os.environ}
        faults = unknown_settings(given) + half_set_matrix(given)
        try:
            settings = cls(**values)
        except ValidationError as error:
            faults += [
                Fault(
                    where=PREFIX + str(each["loc"][0]).upper(),
                    what=each["msg"].removeprefix("Value error, "),
                    mend="See .env.example",
                )
                for each in error.errors(include_input=False, include_url=False)
            ]
        if faults:
            raise SetupError(faults)
        return settings


def unknown_settings(environment: Iterable[str]) -> list[Fault]:
    """Name variables that begin like ours and are none: most often a slip of the pen."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return [
        Fault(name, "is no setting of Vertti", "See .env.example for how it is spelt")
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known
    ]


def half_set_matrix(given: Mapping[str, str | None]) -> list[Fault]:
    """Name what Matrix still needs once its homeserver is set: the account, and a password or a token."""
    account, password, token = (f"{PREFIX}MATRIX_{name}" for name in ("USER", "PASSWORD", "TOKEN"))
    if not given.get(f"{PREFIX}MATRIX_HOMESERVER"):
        return []
    faults = []
    if not given.get(account):
        mend = f"Write the bot's account there, for instance @vertti:matrix.example.org, or empty {PREFIX}MATRIX_HOMESERVER"
        faults.append(Fault(account, "is empty, though a homeserver is set", mend))
    if not given.get(password) and not given.get(token):
        mend = f"Write the account's password there; {token} does too, but then lost keys cannot be recovered from"
        faults.append(Fault(password, f"is empty, and so is {token}: Vertti could not log in", mend))
    return faults


def prepare_data_dir(folder: Path) -> None:
    """Make the data folder (0700), or see that nobody else may look into it.

    Raises:
        SetupError: it cannot be made, or others may read it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if stat.S_IMODE(folder.stat().st_mode) & 0o077:
            folder.chmod(0o700)
        probe = folder / f".probe-{secrets.token_hex(4)}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        mend = "Give a folder that this user may write to in VERTTI_DATA_DIR"
        raise SetupError([Fault("VERTTI_DATA_DIR", f"cannot be used ({error.strerror})", mend)]) from None
