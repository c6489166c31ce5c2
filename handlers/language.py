"""kieli: Finnish, Swedish or English, in at most two taps."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.core.phrases import fold
from bot.i18n import LANGUAGES
from bot.messages import Say, button, say
from bot.router import Call, Router
from handlers.menus import HOME, command

router = Router()

# What people call a language, folded: part of understanding, not of what Vertti says.
_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        name: language
        for language, names in {
            "fi": "fi suomi suomeksi suomea finska finnish",
            "sv": "sv ruotsi ruotsiksi ruotsia svenska swedish",
            "en": "en englanti englanniksi englantia engelska english",
        }.items()
        for name in names.split()
    }
)


@router.command("kieli")
@router.button("kieli")
def language(call: Call) -> Say:
    """Offer the languages, or take the one that was named behind the word."""
    chosen = _NAMES.get(fold(call.text))
    if chosen is not None:
        return _speak(call, chosen)
    buttons = [button(f"language.{each}", "language", each) for each in LANGUAGES]
    return say("language.choose", *buttons, HOME)


@router.button("language")
def choose(call: Call) -> Say:
    """Take a language."""
    return _speak(call, call.arguments[0])


def _speak(call: Call, chosen: str) -> Say:
    call.store.people.set_language(call.conversation.id, chosen)
    return say("language.chosen", command("kieli"), HOME)
