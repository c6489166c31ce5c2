"""The double's own routes, by which another process plays the people and reads the ledger.

``POST /control/do`` takes ``{"who": {"chat": ID} | {"api": true}, "does": NAME, "args": […], "kwargs": {…}}`` and
calls the helper of that name.  Messages and chats among the arguments are written ``{"message": [CHAT, ID]}``
and ``{"chat": ID}``; a message that comes back is the Bot API's own.
``GET /control/ledger?after=N`` gives what was accepted after the first N, and the rest of the ledger whole.
"""

from dataclasses import asdict
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from .chats import Chat, Group, Person, Press
from .ledger import Accepted
from .limits import Limits

if TYPE_CHECKING:
    from .server import BotApi

SWITCHES = {
    *("person", "group", "channel", "crowd_says", "feeds", "feeds_malformed", "sent_to", "sent"),
    *("sets_limits", "sets_fault", "clears_faults", "lets_time_pass", "commands", "answered"),
}
DEEDS = {
    *("says", "sends", "sends_voice", "sends_photo", "edits", "follows", "presses", "votes", "sees", "hears"),
    *("blocks_bot", "unblocks_bot", "deactivates", "message", "adds_bot", "removes_bot", "promotes_bot"),
    *("demotes_bot", "silences_bot", "joins", "leaves", "anonymous_admin_says", "posts"),
    *("another_bot_writes", "is_deleted", "migrates"),
}


async def handle(api: "BotApi", route: str, request: web.BaseRequest) -> web.Response:
    """Answer 200 with the result, or 400 with what is wrong."""
    try:
        if route == "do":
            result = await do(api, orjson.loads(await request.content.read()))
        elif route == "ledger":
            result = ledger(api, int(request.query.get("after", 0)))
        else:
            return web.Response(status=404)
    except (AssertionError, LookupError, TypeError, ValueError, TimeoutError) as error:
        return web.Response(status=400, body=orjson.dumps({"error": f"{type(error).__name__}: {error}"}))
    return web.Response(body=orjson.dumps(result), content_type="application/json")


async def do(api: "BotApi", order: dict[str, Any]) -> Any:
    actor: BotApi | Chat = api
    if "chat" in order["who"]:
        actor = api.chats[order["who"]["chat"]]
    if order["does"] not in (SWITCHES if actor is api else DEEDS):
        raise LookupError(order["does"])
    args = [revived(api, value) for value in order.get("args", ())]
    kwargs = {key: revived(api, value) for key, value in order.get("kwargs", {}).items()}
    result = getattr(actor, order["does"])(*args, **kwargs)
    return written(await result if isawaitable(result) else result)


def revived(api: "BotApi", value: Any) -> Any:
    match value:
        case {"chat": int(number)}:
            return api.chats[number]
        case {"message": [int(chat), int(number)]}:
            return api.chats[chat].messages[number]
        case {"limits": dict(values)}:
            return Limits(**values)
    return value


def written(value: Any) -> Any:
    match value:
        case Chat():
            return {
                "chat": value.id,
                "is_group": isinstance(value, Group),
                "is_person": isinstance(value, Person),
            }
        case Accepted():
            return {"accepted": value.as_json()}
        case Press():
            return {"press": asdict(value)}
        case list():
            return [written(each) for each in value]
    return value


def ledger(api: "BotApi", after: int) -> dict[str, Any]:
    kept = api.ledger
    return {
        "accepted": [each.as_json() for each in kept.accepted[after:]],
        "refused": [asdict(each) for each in kept.refused],
        "questions": [asdict(each) for each in kept.questions],
        "calls": kept.calls,
        "refused_in_pause": api.gate.refused_in_pause,
        "pending": api.inbox.pending,
    }
