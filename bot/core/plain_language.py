"""Does a text read easily?  The rules of DOMAIN.md, H, as far as a machine can tell (U2-U4, U11)."""

import re
from collections.abc import Mapping
from typing import Final

MOST_CHARACTERS: Final = 300
MOST_LINES: Final = 6
MOST_WORDS: Final = 12  # in a sentence
MEAN_WORDS: Final = 8
MOST_CLAUSES: Final = 1  # subordinate ones in a sentence
BUTTON_CHARACTERS: Final = 24
BUTTON_WORDS: Final = 4

# Beginnings of words, by language.  The core cannot read catalogues, and nothing of this is said to anybody.
_JARGON: Final[Mapping[str, str]] = {
    "fi": "osallisuu yhteiskehittä kuntoutta rakenteelli palveluohjau chat-bot chatbot ukk linkki linkin linkit linkkejä",
    "sv": "delaktighet samutveckl rehabiliter strukturell klientel chattbot chatbot faq länk",
    "en": "inclusion co-develop codevelop rehabilitat structural chatbot chat-bot faq link stakeholder",
}
_LABELS: Final[Mapping[str, str]] = {
    "fi": "syrjäyty asiakasryhm moniongelmai vähäosai huono-osai",
    "sv": "utslagen utslagna marginaliser utsatta klientgrupp problemgrupp",
    "en": "marginalis marginaliz excluded vulnerable needy disadvantaged",
}
_BLAME: Final[Mapping[str, str]] = {
    "fi": "virheelli kiellet epäkelpo",
    "sv": "felaktig ogiltig förbjud otillåt",
    "en": "invalid illegal forbidden incorrect",
}
_SHORTENED: Final[Mapping[str, str]] = {
    "fi": "esim ym yms jne ks mm puh os ilm mahd",
    "sv": "t.ex bl.a osv m.m ca tel obs",
    "en": "e.g i.e etc approx tel",
}
_SUBORDINATE: Final[Mapping[str, str]] = {
    "fi": (
        "että ettei ettet jotta jos jollei kun koska vaikka kunnes"
        " joka jonka jota jossa josta johon jolla jolle jotka joiden joita joissa joista joihin"
    ),
    "sv": "som eftersom medan innan när fastän",
    "en": "that which who whose because although unless while if when",
}

_PLACEHOLDER: Final = re.compile(r"\{\{\s*[^{}\s]+\s*\}\}")
# A full stop ends a sentence, but not in "ti 24.11. klo 13" or "kl. 9"; a colon or a new line always does.
_SENTENCE_END: Final = re.compile(r"(?<!\bkl)(?<!\d)[.!?…]+(?=\s|$)|:(?=\s|$)|\n")
_WORD: Final = re.compile(r"\w[\w'’:.–-]*")


def faults(text: str, language: str) -> tuple[str, ...]:
    """Name what makes a text for people hard to read, or unkind; nothing when it is well.

    ``{{x}}`` counts as one word.  Languages other than fi, sv and en are measured, but not their words.
    """
    found = []
    lines = text.count("\n") + 1
    if len(text) > MOST_CHARACTERS:
        found.append(f"{len(text)} characters, at most {MOST_CHARACTERS}")
    if lines > MOST_LINES:
        found.append(f"{lines} lines, at most {MOST_LINES}")
    sentences = [words for part in _SENTENCE_END.split(text) if (words := _words(part))]
    found += [
        f"a sentence of {len(words)} words, at most {MOST_WORDS}: {' '.join(words[:4])} ..."
        for words in sentences
        if len(words) > MOST_WORDS
    ]
    total = sum(map(len, sentences))
    if len(sentences) > 1 and total > MEAN_WORDS * len(sentences):
        found.append(f"{total / len(sentences):.1f} words a sentence, at most {MEAN_WORDS} on average")
    subordinate = frozenset(_SUBORDINATE.get(language, "").split())
    found += [
        f"more than one subordinate clause: {' '.join(words[:4])} ..."
        for words in sentences
        if sum(word.casefold() in subordinate for word in words) > MOST_CLAUSES
    ]
    for kind, by_language in (("jargon", _JARGON), ("a label", _LABELS), ("blame", _BLAME)):
        beginnings = tuple(by_language.get(language, "").split())
        found += [
            f"{kind}: {word}"
            for words in sentences
            for word in words
            if beginnings and word.casefold().startswith(beginnings)
        ]
    shortened = tuple(rf"\b{re.escape(word)}\." for word in _SHORTENED.get(language, "").split())
    found += [f"shortened: {match[0]}" for each in shortened for match in re.finditer(each, text.casefold())]
    return tuple(found)


def button_faults(label: str) -> tuple[str, ...]:
    """Name what is wrong with the words on a button: too long, too many, or none at all (U6)."""
    words = [word for word in label.split() if any(map(str.isalnum, word))]
    found = []
    if not words:
        found.append("no words")
    if len(label) > BUTTON_CHARACTERS:
        found.append(f"{len(label)} characters, at most {BUTTON_CHARACTERS}")
    if len(words) > BUTTON_WORDS:
        found.append(f"{len(words)} words, at most {BUTTON_WORDS}")
    return tuple(found)


def _words(sentence: str) -> list[str]:
    return _WORD.findall(_PLACEHOLDER.sub("x", sentence))
