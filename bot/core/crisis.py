"""Does somebody need help at once?

The words stand here and not in content/: they must be known even when every file of the organization is broken or
gone.  content/crisis.yaml may add words, and can take none away.  When in doubt it is an emergency: a text with 112
too many is a small thing, one too few is not (DOMAIN.md, T-39).
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from bot.core.phrases import fold, within_one_edit

# Written without dots.  "*" is any ending, ".." up to two words between, "." the end of the message.  Spoken forms
# (haluun, itteni) are words too.
CRISIS_WORDS: Final = (
    # suomi
    "itsemurh*",
    "itse murh*",
    "itsari*",
    "itsetuho*",
    "tapan",
    "tappaisin",
    "tappa* itse*",
    "tappa* itte*",
    "tappa* minut",
    "tappa* mut",
    "tappa* hanet",
    "aion tappaa",
    "halu* .. tappaa",
    "halu* .. kuolla",
    "tahdo* .. kuolla",
    "saisinpa kuolla",
    "kuolen",
    "kuolisin*",
    "toivo* kuolemaa",
    "olisinpa kuollut",
    "parempi kuolleena",
    "en halu* .. elaa",
    "en tahdo .. elaa",
    "en jaks* .. elaa",
    "ei jaks* .. elaa",
    "en pysty .. elamaan",
    "en parjaa enaa*",
    "en kesta enaa*",
    "tosi paha olla",
    "niin paha olla",
    "hirvea* olo",
    "en jaksa enaa mitaan",
    "en jaksa enaa tata elamaa",
    "en jaksa enaa .",
    "pois tasta elamasta",
    "pois tasta maailmasta",
    "syyta elaa",
    "elamisen arvoi*",
    "lopeta* .. elamani",
    "lopettaa .. elamani",
    "paatan paivani",
    "paattaa paivani",
    "riista* henge*",
    "hirttaydy*",
    "hirttay*",
    "hyppaan sillalta",
    "viillan itse*",
    "viillan itte*",
    "viilte*",
    "satuta* itse*",
    "satuttaa itse*",
    "vahingoita* itse*",
    "vahingoittaa itse*",
    "yliannost*",
    "hata",
    "hataa",
    "hatani",
    "hadassa",
    "hatatila*",
    "hatatapau*",
    "hatanumero*",
    "hatakesku*",
    "apua heti",
    "apua nyt",
    "heti apua",
    "nyt apua",
    "kiireesti apua",
    "apua kiireesti",
    "auttakaa",
    "pelasta* minut",
    "olen vaarassa",
    "uhka* .. tappaa",
    "hakkaa minua",
    "hakkaa mua",
    "pahoinpite*",
    "pahoinpide*",
    "raiska*",
    "ambulans*",
    "sydankohtau*",
    "tulipalo*",
    # svenska
    "sjalvmord*",
    "sjalvskad*",
    "vill .. do",
    "vill inte .. leva",
    "orkar inte .. leva",
    "orkar inte mer",
    "ta livet av mig",
    "tar livet av mig",
    "ta mitt liv",
    "doda mig",
    "dodar mig",
    "jag dor",
    "skada mig sjalv",
    "skadar mig sjalv",
    "skar mig sjalv",
    "overdos*",
    "hjalp genast",
    "hjalp nu",
    "akut hjalp",
    "i nod",
    "nodlage*",
    "nodsituation*",
    "nodnumm*",
    "jag ar i fara",
    # English
    "suicid*",
    "kill myself",
    "killing myself",
    "kill me",
    "want .. die",
    "wanna die",
    "going to die",
    "i am dying",
    "im dying",
    "end my life",
    "ending my life",
    "end it all",
    "take my .. life",
    "dont want .. live",
    "do not want .. live",
    "cant go on",
    "no reason to live",
    "better off dead",
    "hurt myself",
    "hurting myself",
    "harm myself",
    "cut myself",
    "self harm*",
    "overdose*",
    "emergency",
    "help now",
    "help immediately",
    "i am in danger",
    "im in danger",
    # everywhere
    "112",
)

# What holds such a word and is none.  It is taken out before the rest is looked at.
HARMLESS: Final = (
    "ei .. hataa",
    "tapan .. aikaa",
    "tappaa .. aikaa",
    "kuolen nauruun",
    "kuolen hapeasta",
    "kuolen uteliaisuudesta",
    "kuolen tylsyyteen",
    "kuolen nalkaan",
    "att hata",  # Swedish: to hate
    "emergency exit",
)

# Long and telling enough to be known when one letter is wrong.
_FORGIVEN: Final = ("itsemurh", "itsetuho", "sjalvmord", "suicid")


def is_crisis(text: str, *, added: Iterable[str] = ()) -> bool:
    """Tell whether a message holds crisis words in Finnish, Swedish or English, one misspelt perhaps.

    Args:
        text: as it was typed.
        added: the organization's own words, written like those above.
    """
    said = _any_of(HARMLESS).sub("", f"{fold(text)} ")
    if _any_of(CRISIS_WORDS).search(said) or _any_of(tuple(added)).search(said):
        return True
    return any(_misspells(word, stem) for word in said.split() for stem in _FORGIVEN)


def _misspells(word: str, stem: str) -> bool:
    """Tell whether a word begins like the stem but for one edit."""
    lengths = (len(stem), len(stem) - 1, len(stem) + 1)
    return any(within_one_edit(word[:length], stem) for length in lengths if length <= len(word))


@lru_cache(maxsize=8)  # the two lists above and the organization's own
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    """Compile words into one expression; those without a letter match nothing."""
    found = "|".join(filter(None, map(_expression, words)))
    return re.compile(rf"\b(?:{found})" if found else r"(?!)")


def _expression(phrase: str) -> str:
    """Compile one word or phrase in the notation above, for a text in which a space follows each word."""
    if not fold(phrase):
        return ""
    signs = {"..": r"(?:\w+ ){0,2}", ".": "$"}
    return "".join(
        signs.get(word) or re.escape(fold(word)) + (r"\w* " if word.endswith("*") else " ")
        for word in phrase.split()
    )
