"""A strict double of Telegram's Bot API, in this process (``BotApi``) or in its own (``BotApiProcess``)."""

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
