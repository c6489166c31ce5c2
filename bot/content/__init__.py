"""What an organization edits: reads and checks content/, all but the schedule.

One file is one module here; `model` holds the values that come of them.
"""

from pathlib import Path

from bot.content.advice import advice
from bot.content.commands import read_commands
from bot.content.faq import read_faq
from bot.content.model import (
    EVERYONE,
    SERVED_KINDS,
    Command,
    Content,
    FaqEntry,
    Option,
    Poll,
    Topic,
    phrases,
    placeholders,
)
from bot.content.organization import read_crisis_words, read_messages, read_organization
from bot.content.page import Page
from bot.content.polls import read_polls
from bot.errors import Fault

__all__ = [
    "EVERYONE",
    "SERVED_KINDS",
    "Command",
    "Content",
    "FaqEntry",
    "Option",
    "Poll",
    "Topic",
    "phrases",
    "placeholders",
    "read_content",
]


def read_content(folder: Path) -> tuple[Content, tuple[Fault, ...], tuple[Fault, ...]]:
    """Read content/; never stop at a fault.

    What is broken is left out and all else is kept, so that people are answered while an editor mends it.

    Args:
        folder: where commands.yaml, faq.yaml and organization.yaml lie; polls.yaml, messages.yaml and
            crisis.yaml may be missing.

    Returns:
        The content; every fault with its file, line and mend; and as warnings what is invented, unfilled or hard
        to read.
    """
    crisis = Page(folder, "crisis.yaml", needed=False)
    crisis_words = read_crisis_words(crisis)
    commands = Page(folder, "commands.yaml", items=None)
    faq = Page(folder, "faq.yaml", items="questions")
    polls = Page(folder, "polls.yaml", items=None, needed=False)
    messages = Page(folder, "messages.yaml", needed=False)
    organization = Page(folder, "organization.yaml")
    own = read_organization(organization)
    topics, entries = read_faq(faq)
    content = Content(
        commands=read_commands(commands, crisis_words),
        topics=topics,
        faq=entries,
        polls=read_polls(polls),
        messages=read_messages(messages),
        organization=own.values,
        hours=own.hours,
        crisis_words=crisis_words,
        example=own.example,
    )
    pages = (commands, faq, polls, messages, organization, crisis)
    return content, tuple(fault for page in pages for fault in page.faults()), advice(content)
