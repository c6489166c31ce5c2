"""kalenteriin: the events in the calendar of one's own phone, by a secret address, and one event as a file."""

from typing import Final

from bot.actions.calendar_file import Style, calendar_file
from bot.messages import Button, File, Phrase, Say, button, say
from bot.router import Call, Router
from bot.store.feeds import Feed
from handlers.menus import HOME, back, speaks

router = Router()

OFFER: Final = "kalenteriin"


@router.command("kalenteriin")
@router.button("kalenteriin")
def to_calendar(call: Call) -> Say:
    """Show one's address, or offer to make one."""
    feed = call.store.feeds.of(call.conversation.id)
    if feed is None:
        return say("calendar.offer", button("calendar.make", "feed.make"), HOME)
    return _address(call, feed)


@router.button("feed.make")
def make(call: Call) -> Say:
    """Make an address; who asks again keeps the one they have."""
    feed = call.store.feeds.of(call.conversation.id)
    return _address(call, feed or call.store.feeds.make(call.conversation.id, named=False))


@router.button("feed.named")
def name(call: Call) -> Say:
    """Let the titles name the groups, or not."""
    named = call.arguments == ("1",)
    call.store.feeds.set_named(call.conversation.id, named=named)
    return say("calendar.named" if named else "calendar.discreet", back(OFFER), HOME)


@router.button("feed.renew")
def renew(call: Call) -> Say:
    """Make another address in place of the one that somebody else may know."""
    feed = call.store.feeds.of(call.conversation.id)
    return _address(call, call.store.feeds.make(call.conversation.id, named=feed is not None and feed.named))


@router.button("feed.revoke")
def revoke(call: Call) -> Say:
    """Let the address lead nowhere."""
    call.store.feeds.revoke(call.conversation.id)
    return say("calendar.revoked", button("calendar.make", "feed.make"), HOME)


@router.button("ics")
def one_event(call: Call) -> Say:
    """Give one event as a file."""
    dated = call.store.feeds.one(int(call.arguments[0]))
    if dated is None or dated.kept.it.visibility == "staff":
        return say("event.gone", HOME)
    feed = call.store.feeds.of(call.conversation.id)
    named = call.conversation.named if feed is None else feed.named
    style = Style(speaks(call), named, call.store.subscriptions.of(call.conversation.id))
    content = calendar_file([dated], call.house, style, now=call.now).decode()
    file = File("tapahtuma.ics", "text/calendar", content)
    return Say(Phrase("calendar.file"), (button("calendar.all", OFFER), HOME), file=file)


def _address(call: Call, feed: Feed) -> Say:
    page = f"{call.house.public_url}/calendar/{call.store.feeds.token(feed)}"
    return say(
        "calendar.address",
        Button(Phrase("calendar.open"), url=page),
        _naming(feed),
        button("calendar.renew", "feed.renew"),
        button("calendar.revoke", "feed.revoke"),
        HOME,
        osoite=f"{page}.ics",
    )


def _naming(feed: Feed) -> Button:
    if feed.named:
        return button("calendar.hide_names", "feed.named", "0")
    return button("calendar.show_names", "feed.named", "1")
