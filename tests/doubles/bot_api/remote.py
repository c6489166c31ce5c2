"""The double in a process of its own, played from another one: it lives on while the bot is killed.

The helpers are those of ``BotApi``, ``Person`` and ``Group``, under the same names; each is one blocking HTTP
call, those that wait (``hears``, ``sent_to``) included.  From a coroutine use ``asyncio.to_thread``.
"""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

from .chats import Press
from .ledger import Accepted, Ledger, Question, Refused
from .limits import STRICT, Limits

ROOT = Path(__file__).parents[3]


class Remote:
    """Somebody over there: every method is carried out by the double's own object of that name."""

    def __init__(self, api: "BotApiProcess", who: dict[str, Any]) -> None:
        self._api = api
        self._who = who

    @property
    def id(self) -> int:
        return int(self._who["chat"])

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self._api.do(self._who, name, args, kwargs)


class BotApiProcess:
    """``with BotApiProcess(limits=None) as api``: the server runs at ``api.url`` until the end of the block.

    The arguments are those of ``BotApi`` that are numbers, texts or limits.
    """

    def __init__(self, *, limits: Limits | None = STRICT, **options: Any) -> None:
        self.url = ""
        self._options = {**options, "limits": limits and asdict(limits)}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        options = orjson.dumps(self._options).decode()
        command = [sys.executable, "-m", "tests.doubles.bot_api", "--leashed", "--options", options]
        self._process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout
        self.url = self._process.stdout.readline().decode().strip()
        assert self.url, "the double did not start"
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process
        self._process.communicate(timeout=10)  # closes its standard input, which ends it

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Give a helper of ``BotApi``: person, group, feeds, sent_to, sets_fault …"""
        return lambda *args, **kwargs: self.do({"api": True}, name, args, kwargs)

    def ledger(self, after: int = 0) -> Ledger:
        """Fetch the ledger, without the first ``after`` of the accepted."""
        values = self._call("GET", f"/control/ledger?after={after}")
        ledger = Ledger()
        for each in values["accepted"]:
            ledger.accept(Accepted.from_json(each))
        ledger.refused = [Refused(**each) for each in values["refused"]]
        ledger.questions = [Question(**each) for each in values["questions"]]
        ledger.calls.update(values["calls"])
        return ledger

    def do(self, who: dict[str, Any], does: str, args: Any, kwargs: Any) -> Any:
        order = {"who": who, "does": does, "args": list(args), "kwargs": kwargs}
        return self._revived(
            self._call(
                "POST",
                "/control/do",
                orjson.dumps(order, default=reference, option=orjson.OPT_PASSTHROUGH_DATACLASS),
            )
        )

    def _revived(self, value: Any) -> Any:
        match value:
            case {"chat": int(number), "is_group": bool()}:
                return Remote(self, {"chat": number})
            case {"accepted": dict(values)}:
                return Accepted.from_json(values)
            case {"press": dict(values)}:
                return Press(**values)
            case list():
                return [self._revived(each) for each in value]
        return value

    def _call(self, method: str, path: str, body: bytes = b"") -> Any:
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=120)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            content = orjson.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(content["error"])
        return content


def reference(value: Any) -> Any:
    """Write an argument that is no JSON as the double reads it."""
    match value:
        case Remote():
            return {"chat": value.id}
        case Accepted():
            return {"message": [value.chat_id, value.message_id]}
        case Press():
            return value.id
        case Limits():
            return {"limits": asdict(value)}
        case range() | set():
            return list(value)
    raise TypeError(type(value))
