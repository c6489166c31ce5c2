"""People on Matrix who remember all that a bot has said to them, and account for it."""

from collections.abc import Iterator

from tests.crash.lives import PATIENCE
from tests.crash.story import words
from tests.servers.heard import POLL_START, Ears, Heard
from tests.servers.js_user import JsUser
from tests.servers.matrix_user import User
from tests.servers.synapse import Account

MESSAGE, RIDDLE = "m.room.message", "m.room.encrypted"
SHOWN = {MESSAGE, POLL_START, RIDDLE}
QUESTION = words("poll.toimintatoive.q")


class Memory(Ears):
    """Ears that keep everything."""

    def __init__(self) -> None:
        super().__init__()
        self.all: list[Heard] = []

    def take(self, heard: Heard) -> None:
        self.all.append(heard)
        super().take(heard)


def client(url: str, account: Account, *, js: bool = False) -> User | JsUser:
    """Give a client with a memory; one on matrix-js-sdk trusts only signed devices."""
    user = JsUser(url, account, signed_only=True) if js else User(url, account)
    user.ears = Memory()
    return user


class Somebody:
    """A person in a room with a bot, who waits for an answer before going on."""

    def __init__(self, user: User | JsUser, bot: str, room: str = "") -> None:
        """Take a client with a memory, the bot's id, and a room where both are, if there is one."""
        self.user = user
        self.bot = bot
        self.room = room
        self._taken: set[str] = set()
        self._menu = ""
        self._has_voted = False

    # ---- talking ----------------------------------------------------------------------------------

    async def opens_private_room(self) -> None:
        """Open one and be greeted."""
        self.room = await self.user.opens_private_room(self.bot)
        await self.hears(words("welcome"))

    async def says(self, text: str) -> None:
        await self.user.says(self.room, text)

    async def asks(self, text: str, *fragments: str) -> Heard:
        await self.says(text)
        return await self.hears(*fragments)

    async def chooses(self, label: str, *fragments: str) -> Heard:
        """Answer with the number before a label of the menu that came last; hear what comes of it."""
        return await self.asks(self._number_of(label), *fragments)

    async def votes(self, label: str, *, by_poll: bool) -> None:
        """Answer the open question, or change the answer; by a number, or as clients answer polls."""
        if self._has_voted:
            await self.asks("kysely", words("poll.answered"))
            await self.chooses(words("poll.change"), QUESTION)
        else:
            await self.asks("kysely", QUESTION)
        poll = await self.hears(kind=POLL_START)
        if by_poll:
            await self.user.votes(poll, label if isinstance(self.user, JsUser) else poll.answers[label])
        else:
            await self.says(self._number_of(label))
        await self.hears(words("poll.changed" if self._has_voted else "poll.thanks"))
        self._has_voted = True

    def _number_of(self, label: str) -> str:
        lines = (line.partition(". ") for line in self._menu.splitlines())
        return next(number for number, _, found in lines if found == label)

    # ---- hearing ----------------------------------------------------------------------------------

    async def hears(self, *fragments: str, kind: str = MESSAGE) -> Heard:
        """Wait for something that holds all of this and was not waited for before."""

        def fits() -> Heard | None:
            return next(
                (
                    each
                    for each in self.unasked()
                    if each.type == kind and all(part in each.body for part in fragments)
                ),
                None,
            )

        try:
            heard = await self.user.ears.until(fits, f"for {kind}", within=PATIENCE)
        except TimeoutError as error:
            error.add_note(f"{fragments}; unasked: {[(each.type, each.body) for each in self.unasked()]}")
            raise
        self._taken.add(heard.event_id)
        if "\n1. " in heard.body and kind == MESSAGE:
            self._menu = heard.body

        assert heard.encrypted

        return heard

    async def has_heard(self, events: set[str]) -> None:
        """Wait until all of these have come."""
        await self.user.ears.until(
            lambda: events <= {each.event_id for each in self.heard()}, "to hear all", within=PATIENCE
        )

    def heard(self) -> Iterator[Heard]:
        """Give all that the bot ever said here."""
        return (
            each
            for each in self.user.ears.all
            if (each.room, each.sender) == (self.room, self.bot) and each.type in SHOWN
        )

    def unasked(self) -> Iterator[Heard]:
        """Give what the bot said here and nobody waited for."""
        return (each for each in self.heard() if each.event_id not in self._taken)

    def forgets(self) -> None:
        """Ask no more for what was said so far."""
        self._taken |= {each.event_id for each in self.heard()}
