"""What happens when somebody adds Vertti to a group or a channel, and `seuraa`: what is followed there.

Only an organizer decides, and only an organizer is answered.  Where nobody whom we know as one added us we leave at
once and silently (T-29), also where the platform does not say who did it: a group that an unknown person brought us
into would hear us say so, and who is a member there is not ours to learn.
"""

from collections.abc import Sequence
from typing import Final

from bot.actions.follow import follow, followed, offered, series_named, unfollow
from bot.actions.open_poll import show_in_group
from bot.messages import Button, Lane, Leave, Say, button, say
from bot.router import Call, Router
from bot.store.dialogues import Dialogue
from bot.store.people import Conversation
from bot.store.subscriptions import EVERYTHING
from handlers.menus import MOST_BUTTONS, named

router = Router()

MOST_SERIES: Final = MOST_BUTTONS - 3  # beside "Kaikki", "Lisää" and "Lopeta seuraaminen"


@router.event("added")
def added(call: Call) -> Say | Leave | None:
    """Ask an organizer what is followed here; leave where it was anybody else."""
    here = call.conversation
    if call.by_organizer and call.person is not None:
        if here.place.kind == "group":
            return _choices(call, here)
        _reply_in_private(call, call.person, "channel", _choices(call, here))
        return None
    if call.store.subscriptions.of(here.id):
        return None  # we are at home here: somebody only changed our rights, or brought us back
    if call.person is not None:
        stranger = say("group.stranger", button("button.home", "home"))
        _reply_in_private(call, call.person, "stranger", stranger)
    call.store.people.forget(here.id)
    return Leave()


@router.event("removed")
def removed(call: Call) -> None:
    """Forget a group that wants us no more; a person who blocks us may come back and find all as it was."""
    if not call.conversation.private:
        call.store.people.forget(call.conversation.id)


@router.command("seuraa", in_groups=True, organizers=True)
def follow_by_word(call: Call) -> Say:
    """Follow the series that was named, or show what there is."""
    here = call.conversation
    if here.private:
        return say("group.how", button("button.home", "home"), merkki=here.place.mark)
    if not call.text.strip():
        return _choices(call, here)
    series = series_named(call.text, call.house)
    return _choices(call, here, key="unknown") if series is None else _follow(call, here, series)


@router.button("follow", in_groups=True, organizers=True)
def follow_by_button(call: Call) -> Say:
    """Follow the series on the button; a second argument names a channel, which nobody can press buttons in."""
    series, *where = call.arguments
    here = _place(call, where)
    return say("button.old") if here is None else _follow(call, here, series)


@router.button("follow.more", in_groups=True, organizers=True)
def more(call: Call) -> Say:
    """Show the next series."""
    number, *where = call.arguments
    here = _place(call, where)
    return say("button.old") if here is None else _choices(call, here, number=int(number))


@router.button("follow.none", in_groups=True, organizers=True)
def nothing(call: Call) -> Say:
    """Follow nothing any more."""
    assert call.person is not None
    here = _place(call, call.arguments)
    if here is None:
        return say("button.old")
    unfollow(call.store, here, call.person, now=call.now)
    return say(
        f"{here.place.kind}.stopped",
        button("group.button.choose", "follow.more", "0", *_named_if_channel(here)),
    )


def _reply_in_private(call: Call, person: Conversation, name: str, answer: Say) -> None:
    """Answer somebody elsewhere than where they did something; the choices shown there are open there from now on."""
    call.store.outbox.push(person, f"{call.key}:{name}", answer, now=call.now, lane=Lane.REPLY)
    call.store.dialogues.put(person.id, Dialogue(choices=answer.buttons), now=call.now)


def _follow(call: Call, here: Conversation, series: str) -> Say:
    """Begin to follow; say what is followed by now, and show which polls are open."""
    assert call.person is not None
    if not follow(call.store, call.house, here, series, call.person, now=call.now):
        return _choices(call, here, key="unknown")
    done = say(
        f"{here.place.kind}.follows",
        button("group.button.choose", "follow.more", "0", *_named_if_channel(here)),
        _stop_button(here),
        nyt=followed(call.store, call.house, here),
    )
    show_in_group(call.store, call.house, here, series, now=call.now)
    return done


def _choices(call: Call, here: Conversation, *, number: int = 0, key: str = "ask") -> Say:
    """Offer the series of one page (0 is the first)."""
    series = offered(call.house, here)
    first = number * MOST_SERIES
    where = _named_if_channel(here)
    buttons: list[Button] = [
        named(each.name, "follow", each.id, *where) for each in series[first : first + MOST_SERIES]
    ]
    buttons.append(button("group.button.everything", "follow", EVERYTHING, *where))
    if len(series) > MOST_SERIES:
        following = number + 1 if first + MOST_SERIES < len(series) else 0
        buttons.append(button("button.more", "follow.more", str(following), *where))
    if call.store.subscriptions.of(here.id):
        buttons.append(_stop_button(here))
    return say(f"{here.place.kind}.{key}", *buttons, nyt=followed(call.store, call.house, here))


def _place(call: Call, where: Sequence[str]) -> Conversation | None:
    """Give the channel that a button names, else where it was pressed; None: it is gone."""
    if not where:
        return None if call.conversation.private else call.conversation
    channel = call.store.people.get(int(where[0]))
    return channel if channel is not None and channel.place.kind == "channel" else None


def _named_if_channel(here: Conversation) -> tuple[str, ...]:
    return (str(here.id),) if here.place.kind == "channel" else ()


def _stop_button(here: Conversation) -> Button:
    return button("group.button.stop", "follow.none", *_named_if_channel(here))
