"""What people type leads where it should (DOMAIN.md, U8)."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.content import Content, read_content
from bot.core.crisis import is_crisis
from bot.core.matching import Sure, Unsure
from bot.core.phrases import fold

ROOT = Path(__file__).parent.parent
CONTENT = ROOT / "content"


@pytest.fixture(scope="module")
def content() -> Content:
    return read_content(CONTENT)[0]


def read(name: str) -> list[dict]:
    return yaml.safe_load((ROOT / "tests" / "data" / name).read_text(encoding="utf-8"))


def outcome(content: Content, utterance: dict) -> str:
    """How an utterance fares, no question being open: right, offered, false, or missed."""
    said, wanted = utterance["said"], set(utterance["to"])
    if is_crisis(said, added=content.crisis_words):
        return "right" if "crisis" in wanted else "false"
    asked = content.vocabulary.command_of(said, forgive=True)
    if asked is not None:
        return "right" if f"command.{asked.name}" in wanted else "false"
    match content.matchers[utterance.get("language", "fi")].verdict(said):
        case Sure(found):
            return "right" if found in wanted else "false"
        case Unsure(offered):
            return "offered" if wanted & set(offered) else "missed"
        case _:
            return "right" if "unknown" in wanted else "missed"


def test_nineteen_of_twenty_utterances_lead_where_they_should(content):
    utterances = read("utterances.yaml")
    outcomes = Counter(outcome(content, utterance) for utterance in utterances)

    assert len(utterances) == 200
    assert outcomes["right"] + outcomes["offered"] >= 190
    assert outcomes["right"] >= 180
    assert outcomes["false"] <= 4


def test_of_the_questions_kept_apart_hardly_any_gets_a_wrong_answer(content):
    utterances = read("calibration.yaml")
    outcomes = Counter(outcome(content, utterance) for utterance in utterances)

    assert outcomes["false"] <= 0.02 * len(utterances)
    assert outcomes["right"] + outcomes["offered"] >= 0.85 * len(utterances)


@pytest.mark.parametrize("name", ["utterances.yaml", "calibration.yaml"])
def test_no_utterance_is_one_of_the_phrasings(content, name):
    known = {fold(text) for entry in content.faq for texts in entry.phrasings.values() for text in texts} | {
        fold(text) for command in content.commands for texts in command.phrasings.values() for text in texts
    }

    assert [each["said"] for each in read(name) if fold(each["said"]) in known] == []


def test_every_emergency_is_heard_and_nothing_else_sounds_like_one(content):
    alarms = {
        each["said"]
        for name in ("utterances.yaml", "calibration.yaml")
        for each in read(name)
        if is_crisis(each["said"])
    }
    emergencies = {each["said"] for each in read("utterances.yaml") if each["to"] == ["crisis"]}

    assert alarms == emergencies


def test_every_phrasing_finds_its_own_answer(content):
    lost = [
        (language, key, text)
        for language, matcher in content.matchers.items()
        for key, texts in content.questions(language).items()
        for text in texts
        if matcher.match(text)[0][1] > dict(matcher.match(text)).get(key, 0) + 1e-9
    ]

    assert lost == []
