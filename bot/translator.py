"""Puts what shall be said into the reader's words, at the moment of sending."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.core.splitting import split
from bot.i18n import LANGUAGES, Reader, Wording
from bot.messages import Button, Lane, Leave, Outgoing, Phrase, Picture, ShownButton, ShownPicture
from bot.store.outbox import Ready
from bot.store.vault import Vault

WORDS, NUMBERS = Phrase("push.words"), Phrase("reply.numbers")
WITHOUT_BUTTONS = frozenset({"matrix"})  # there a menu is text, and a hint says what to write
OUR_OWN = frozenset({"web", "matrix"})  # no service of somebody else carries what is said there


class Translator:
    """Knows the words, the reader's language and the seal on buttons."""

    def __init__(
        self,
        wording: Wording,
        vault: Vault,
        language: str,
        zone: ZoneInfo,
        *,
        content_dir: Path = Path(),
    ) -> None:
        """Take what words are made of; ``content_dir`` holds the pictures."""
        self._wording = wording
        self._vault = vault
        self._language = language
        self._zone = zone
        self._content_dir = content_dir

    def outgoing(self, ready: Ready, *, now: datetime, max_text: int) -> list[Outgoing]:
        """Give the messages of a row: one, or several where the text is too long for one.

        The buttons, the file and the picture go with the last.  An empty text gives no message.  Where there are no buttons to press,
        a hint says how they are chosen.
        """
        assert not isinstance(ready.say, Leave)
        say = ready.say
        language = ready.language if ready.language in LANGUAGES else self._language
        reader = Reader(language, self._zone, now, carried=ready.place.platform not in OUR_OWN)
        phrase = say.discreet if say.discreet is not None and not ready.named else say.text
        texts = self._split(self._wording.say(phrase, reader), max_text)
        buttons = tuple(self._shown(ready.conversation, button, reader) for button in say.buttons)
        hint = ""
        if ready.place.platform in WITHOUT_BUTTONS and any(button.data for button in buttons):
            hint = self._wording.say(NUMBERS if ready.lane is Lane.REPLY else WORDS, reader)
        last = len(texts) - 1
        return [
            Outgoing(
                key=ready.key if number == 0 else f"{ready.key}#{number}",
                where=ready.place,
                text=text,
                buttons=buttons if number == last else (),
                file=say.file if number == last else None,
                picture=self._picture(say.picture, reader) if number == last else None,
                lane=ready.lane,
                hint=hint if number == last else "",
            )
            for number, text in enumerate(texts)
        ]

    def _picture(self, picture: Picture | None, reader: Reader) -> ShownPicture | None:
        if picture is None:
            return None
        words = self._wording.say(picture.words, reader)
        return ShownPicture(picture.name, self._content_dir / picture.name, words)

    @staticmethod
    def _split(text: str, max_text: int) -> tuple[str, ...]:
        """Cut a long text in UTF-16 units, as the strictest platform counts; a short one needs no counting."""
        if text.strip() and 2 * len(text) <= max_text:
            return (text,)
        return split(text, max_text, unit="utf16")

    def _shown(self, conversation: int, button: Button, reader: Reader) -> ShownButton:
        label = self._wording.say(button.label, reader)
        if button.url is not None or button.deep_link is not None:
            return ShownButton(label, url=button.url, deep_link=button.deep_link)
        data = self._vault.seal_button(conversation, button.action, button.arguments)
        return ShownButton(label, data, answer=button.answer, decides=button.means is not None)
