"""Every screen that buttons alone can reach keeps the rules for people (DOMAIN.md, H)."""

from datetime import timedelta

import pytest

from bot.core.plain_language import MOST_CHARACTERS, MOST_LINES, button_faults
from bot.i18n import LANGUAGES
from bot.store.vault import TAG_CHARACTERS
from tests.support import Chat

GOODBYE = "forget"  # after it nobody is there to go on


def payload(button):
    """The action of a button with its arguments."""
    return button.data[TAG_CHARACTERS:]


def screens(language):
    """All screens, by the payload that leads there: from hello on, each button is pressed once.

    What is said right before a screen is there too, with a number after a blank.
    """
    chat = Chat()
    with chat.transaction() as store:
        for poll in ("ryhmakerta_hymio", "toimintatoive"):
            store.polls.open(poll, f"test {poll}", now=chat.now, closes=chat.now + timedelta(days=5))
    (hello,) = chat.says("anna", "/start", language=language)
    found, waiting = {"": hello}, list(hello.shown)
    while waiting:
        button = waiting.pop()
        if payload(button) in found or payload(button) == GOODBYE:
            continue
        chat.now += timedelta(seconds=1)  # nobody presses faster
        *before, screen = [each for each in chat.sends_button("anna", button.data) if each.who == "anna"]
        found[payload(button)] = screen
        found |= {f"{payload(button)} {number}": each for number, each in enumerate(before)}
        waiting += [each for said in (*before, screen) for each in said.shown]
    return found


@pytest.fixture(scope="module", params=LANGUAGES)
def reached(request):
    return screens(request.param)


def test_buttons_alone_reach_every_task(reached):
    actions = {each.partition("|")[0] for each in reached}

    assert actions >= {
        "seuraava", "tapahtumat", "event", "kysymykset", "topic", "faq", "kysely", "vote", "ihminen", "apua",
        "ryhma", "palsta", "asiakasraati", "muistuta", "remind", "leads", "name", "stop", "resume", "pause",
        "unpause", "lopeta", "kieli", "language", "tietoni", "poista.tietoni", "home", "more",
    }  # fmt: skip


def test_no_button_leads_astray(reached):
    sorry = ("Anteeksi", "Förlåt", "Sorry", "Tämä valinta on vanha", "Det här valet", "This choice is old")
    astray = [each for each, screen in reached.items() if screen.text.startswith(sorry)]

    assert astray == []


def test_every_screen_is_short(reached):
    long = {
        each: screen.text
        for each, screen in reached.items()
        if len(screen.text) > MOST_CHARACTERS or screen.text.count("\n") >= MOST_LINES
    }

    assert long == {}


def test_every_screen_has_few_buttons_with_few_words(reached):
    bad = {
        (each, label): found
        for each, screen in reached.items()
        for label in screen.buttons
        if (found := button_faults(label))
    }

    assert bad == {}
    assert max(len(screen.buttons) for screen in reached.values()) <= 6


def test_every_screen_has_a_way_back(reached):
    """Where a poll of five options leaves no room for it, it is behind "En vastaa"."""
    dead_ends = [
        each
        for each, screen in reached.items()
        if not any(payload(button) in {"home", "forget.no", ""} for button in screen.shown)
        and not any(button.label.endswith(("Takaisin", "Tillbaka", "Back")) for button in screen.shown)
        and not any(
            {"home"} <= {payload(each) for each in reached[payload(button)].shown}
            for button in screen.shown
            if payload(button).startswith("poll.leave|")
        )
        and each not in {"", "home"}
        and " " not in each  # another message follows at once, with its buttons
    ]

    assert dead_ends == []


def test_each_language_is_at_most_two_taps_from_the_start(reached):
    by_one_tap = [reached[payload(button)] for button in reached[""].shown]
    by_two_taps = {payload(button) for screen in by_one_tap for button in screen.shown}

    assert len([each for each in by_two_taps if each.startswith("language|")]) == len(LANGUAGES) - 1


def test_no_screen_shows_two_buttons_with_the_same_words(reached):
    twice = [each for each, screen in reached.items() if len({*screen.buttons}) != len(screen.buttons)]

    assert twice == []
