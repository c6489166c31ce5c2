"""The methods about the bot itself: who it is, how it gets its updates, what it shows of itself."""

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from .errors import refuse, too_many_requests
from .inbox import Webhook
from .methods import method
from .parameters import Parameters

if TYPE_CHECKING:
    from .server import BotApi

COMMAND_NAME = re.compile(r"[a-z0-9_]{1,32}")
LANGUAGE = re.compile(r"([a-z]{2})?")
SECRET = re.compile(r"[A-Za-z0-9_-]*")
MOST_SECRET = 256
MOST_COMMANDS = 100
MOST_COMMAND_DESCRIPTION = 256
MOST = {"name": 64, "description": 512, "short_description": 120}
MOST_CONNECTIONS = 100
WEBHOOK_PORTS = {None, 443, 80, 88, 8443}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}  # without TLS, as only tests do
SCOPES = {
    *("default", "all_private_chats", "all_group_chats", "all_chat_administrators"),
    *("chat", "chat_administrators", "chat_member"),
}


@method("getMe")
def get_me(api: "BotApi", _: Parameters) -> dict[str, Any]:
    can = {"can_join_groups": True, "can_read_all_group_messages": not api.privacy}
    cannot = ("supports_inline_queries", "can_connect_to_business", "has_main_web_app", "has_topics_enabled")
    return {
        **api.user,
        **can,
        **dict.fromkeys((*cannot, "allows_users_to_create_topics", "can_manage_bots"), False),
    }


@method("getUpdates", "offset", "limit", "timeout", "allowed_updates")
async def get_updates(api: "BotApi", parameters: Parameters) -> orjson.Fragment:
    updates = await api.inbox.get_updates(
        offset=parameters.integer("offset", 0) or 0,
        limit=parameters.integer("limit", 0) or 0,
        wait=parameters.integer("timeout", 0) or 0,
        allowed=parameters.json("allowed_updates"),
    )
    return orjson.Fragment(b"[" + b",".join(update.body for update in updates) + b"]")


@method(
    "setWebhook",
    *("url", "secret_token", "max_connections", "allowed_updates", "drop_pending_updates", "ip_address"),
)
async def set_webhook(api: "BotApi", parameters: Parameters) -> bool:
    if api.limits and api.clock.now() - api.webhook_set_at < 1:
        raise too_many_requests(1)
    url, secret = parameters.text("url"), parameters.text("secret_token")
    check_webhook(url, secret)
    most = parameters.integer("max_connections", 40) or 0
    if not 0 < most <= MOST_CONNECTIONS:
        refuse("max_connections must be between 1 and 100")  # ours
    api.inbox.allow(parameters.json("allowed_updates"))
    webhook = Webhook(url=url, secret=secret, most=most) if url else None
    await api.inbox.set_webhook(webhook, drop=parameters.flag("drop_pending_updates"))
    api.webhook_set_at = api.clock.now()
    return True


def check_webhook(url: str, secret: str) -> None:
    address = urlsplit(url)
    if url and address.hostname not in LOOPBACK:
        if address.scheme != "https":
            refuse("bad webhook: An HTTPS URL must be provided for webhook")
        if address.port not in WEBHOOK_PORTS:
            refuse("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
    if len(secret) > MOST_SECRET:
        refuse("secret token is too long")
    if not SECRET.fullmatch(secret):
        refuse("secret token contains unallowed characters")


@method("deleteWebhook", "drop_pending_updates")
async def delete_webhook(api: "BotApi", parameters: Parameters) -> bool:
    await api.inbox.set_webhook(None, drop=parameters.flag("drop_pending_updates"))
    return True


@method("getWebhookInfo")
def get_webhook_info(api: "BotApi", _: Parameters) -> dict[str, Any]:
    webhook, listed = api.inbox.webhook, api.inbox.listed
    info: dict[str, Any] = {
        "url": webhook.url if webhook else "",
        "has_custom_certificate": False,
        "pending_update_count": api.inbox.pending,
    }
    if webhook:
        info["max_connections"] = webhook.most
    if webhook and webhook.last_error:
        info |= {"last_error_date": webhook.last_error_date, "last_error_message": webhook.last_error}
    return {**info, "allowed_updates": listed} if listed else info


def scope_and_language(parameters: Parameters) -> tuple[str, str]:
    """Return what tells one list of commands from another."""
    scope = parameters.json("scope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        refuse("can't parse BotCommandScope: Unsupported type specified")
    return orjson.dumps(scope, option=orjson.OPT_SORT_KEYS).decode(), language(parameters)


def language(parameters: Parameters) -> str:
    code = parameters.text("language_code")
    if not LANGUAGE.fullmatch(code):
        refuse("invalid language code specified")
    return code


@method("setMyCommands", "commands", "scope", "language_code")
def set_my_commands(api: "BotApi", parameters: Parameters) -> bool:
    where = scope_and_language(parameters)
    commands = parameters.json("commands")
    if not isinstance(commands, list):
        refuse("can't parse commands: Expected an Array of BotCommand")  # ours
    if len(commands) > MOST_COMMANDS:
        refuse("BOT_COMMANDS_TOO_MUCH")  # ours
    for command in commands:
        if not COMMAND_NAME.fullmatch(str(command.get("command"))):
            refuse("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", ""))) <= MOST_COMMAND_DESCRIPTION:
            refuse("BOT_COMMAND_DESCRIPTION_INVALID")
    api.profile["commands"][where] = commands
    return True


@method("deleteMyCommands", "scope", "language_code")
def delete_my_commands(api: "BotApi", parameters: Parameters) -> bool:
    api.profile["commands"].pop(scope_and_language(parameters), None)
    return True


@method("getMyCommands", "scope", "language_code")
def get_my_commands(api: "BotApi", parameters: Parameters) -> list[dict[str, Any]]:
    commands: list[dict[str, Any]] = api.profile["commands"].get(scope_and_language(parameters), [])
    return commands


def set_about(api: "BotApi", parameters: Parameters, what: str) -> bool:
    text = parameters.text(what)
    if len(text) > MOST[what]:
        refuse(f"bot {what.replace('_', ' ')} is too long")  # ours
    api.profile[what][language(parameters)] = text
    return True


@method("setMyName", "name", "language_code")
def set_my_name(api: "BotApi", parameters: Parameters) -> bool:
    return set_about(api, parameters, "name")


@method("setMyDescription", "description", "language_code")
def set_my_description(api: "BotApi", parameters: Parameters) -> bool:
    return set_about(api, parameters, "description")


@method("setMyShortDescription", "short_description", "language_code")
def set_my_short_description(api: "BotApi", parameters: Parameters) -> bool:
    return set_about(api, parameters, "short_description")


@method("getMyDescription", "language_code")
def get_my_description(api: "BotApi", parameters: Parameters) -> dict[str, str]:
    return {"description": api.profile["description"].get(language(parameters), "")}


@method("getMyShortDescription", "language_code")
def get_my_short_description(api: "BotApi", parameters: Parameters) -> dict[str, str]:
    return {"short_description": api.profile["short_description"].get(language(parameters), "")}
