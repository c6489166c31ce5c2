"""A strict double of Telegram's Bot API, in this process (``BotApi``) or in its own (``BotApiProcess``).

async with BotApi() as api:                      # the bot's root address is api.url, its token TOKEN
    aino = api.person(7, language_code="fi")
    aino.says("aloita")
    welcome = await aino.hears()                 # the next message in her chat
    press = aino.presses(welcome, "Muistuta minua")
    await api.answered(press)
    assert api.ledger.refused == []
"""

from .chats import Group, Person, Press
from .faults import Fault
from .ledger import Accepted, File, Ledger, Question, Refused
from .limits import STRICT, Limits
from .remote import BotApiProcess
from .server import TOKEN, BotApi

__all__ = [
    "STRICT",
    "TOKEN",
    "Accepted",
    "BotApi",
    "BotApiProcess",
    "Fault",
    "File",
    "Group",
    "Ledger",
    "Limits",
    "Person",
    "Press",
    "Question",
    "Refused",
]
