"""tiedota: news from an organizer, previewed, confirmed, and stopped if need be."""

from collections.abc import Sequence

from bot.actions import announce
from bot.errors import UserError
from bot.messages import Button, Phrase, Say, button, say
from bot.router import Ask, Call, Router
from bot.store.news import DRAFT, Broadcast
from handlers.menus import DESK, HOME, back, page, page_number, series_button

router = Router()


@router.command("tiedota", organizers=True)
@router.button("tiedota", organizers=True)
def begin(call: Call) -> Sequence[Say] | Ask:
    """Take the text, or ask for it."""
    return _draft(call, call.text, None) if call.text.strip() else _ask(Phrase("news.ask"), None)


@router.answer("news.text", organizers=True, yields=True)
def text(call: Call) -> Sequence[Say] | Ask:
    """Take the text that was asked for."""
    return _draft(call, call.text, call.state.get("series"))


@router.button("news.edit", organizers=True)
def edit(call: Call) -> Ask:
    """Ask for another text for the same readers."""
    return _ask(Phrase("news.ask_again"), _own_draft(call).series)


@router.button("news.preview", organizers=True)
def preview(call: Call) -> Sequence[Say]:
    """Show the news as readers will see it, then to whom and how many it goes, and when."""
    return _preview(call, _own_draft(call))


@router.button("news.who", organizers=True)
def choose_readers(call: Call) -> Say:
    """Offer the series that somebody hears of."""
    news = _own_draft(call)
    heard = [
        each.id
        for each in call.house.series.values()
        if announce.readers_of(call.store, call.house, each.id, now=call.now).all
    ]
    buttons = [
        button("news.button.everyone", "news.to"),
        *(series_button(each, call.house, "news.to") for each in heard),
    ]
    more = button("button.more", "news.who", str(news.id))
    return say(
        "news.who", *page(buttons, page_number(call), more=more, way_back=back("news.preview", str(news.id)))
    )


@router.button("news.to", organizers=True)
def set_readers(call: Call) -> Sequence[Say] | Say:
    """Send the organizer's draft to one series, or to everybody."""
    series = call.arguments[0] if call.arguments else None
    news = call.store.news.draft_of(call.conversation.id)
    if news is None or (series is not None and series not in call.house.series):
        return say("button.old", HOME)
    call.store.news.change(news.id, series=series)
    return _preview(call, _known(call, news.id))


@router.button("news.drop", organizers=True)
def drop(call: Call) -> Say:
    """Throw the draft away."""
    call.store.news.discard(_own_draft(call).id)
    return say("news.dropped", DESK, HOME)


@router.button("news.quit", organizers=True)
def quit_(call: Call) -> Say:
    """Write no news after all: an earlier draft goes too."""
    draft = call.store.news.draft_of(call.conversation.id)
    if draft is not None:
        call.store.news.discard(draft.id)
    return say("news.dropped", DESK, HOME)


@router.button("news.send", organizers=True)
def send(call: Call) -> Say:
    """Send the draft; to many only with a second organizer.  Where it cannot go now, it stays a draft."""
    draft = _own_draft(call)
    try:
        news = announce.confirm(call.store, call.house, draft, now=call.now)
    except UserError as error:
        return Say(error.phrase, (*_ways_on(draft), DESK))
    if news.confirmed is None:
        return say("news.asked_second", announce.stop_button(news), DESK)
    return Say(announce.going(news, call.house), (announce.stop_button(news), DESK))


@router.button("news.yes", organizers=True)
def approve(call: Call) -> Say:
    """Confirm another organizer's news."""
    news = announce.approve(call.store, call.house, _any(call), call.conversation, now=call.now)
    return Say(announce.going(news, call.house), (announce.stop_button(news), DESK))


@router.button("news.no", organizers=True)
def reject(call: Call) -> Say:
    """Refuse another organizer's news."""
    announce.reject(call.store, call.house, _any(call), call.conversation, now=call.now)
    return say("news.you_rejected", DESK, HOME)


@router.button("news.stop", organizers=True)
def stop(call: Call) -> Say:
    """Stop what is not sent yet; any organizer may."""
    arrived = announce.stop(call.store, _any(call), call.conversation, now=call.now)
    return say("news.stopped", DESK, HOME, n=arrived) if arrived else say("news.stopped_all", DESK, HOME)


def _ask(question: Phrase, series: str | None) -> Ask:
    return Ask(
        Say(question, (button("news.button.drop", "news.quit", means="no"), DESK, HOME)),
        "news.text",
        {"series": series},
    )


def _draft(call: Call, text: str, series: str | None) -> Sequence[Say] | Ask:
    try:
        news = announce.draft(call.store, call.house, call.conversation, text, series=series, now=call.now)
    except UserError as error:
        return _ask(error.phrase, series)
    return _preview(call, news)


def _preview(call: Call, news: Broadcast) -> Sequence[Say]:
    planned = announce.plan(call.store, call.house, news, now=call.now)
    others = _ways_on(news)
    as_read = announce.as_read_in_groups(news)
    if not planned.readers.all:
        return as_read, say("news.preview_nobody", *others, saajat=announce.audience_name(news, call.house))
    question = say(
        "news.preview",
        button("news.button.send", "news.send", str(news.id), means="yes"),
        *others,
        saajat=announce.audience_name(news, call.house),
        ihmiset=planned.readers.people,
        ryhmat=planned.readers.groups,
        milloin=announce.when_it_goes(call.house, planned.goes, waits=planned.waits),
        huomaa=_note(planned),
    )
    return as_read, question


def _ways_on(news: Broadcast) -> tuple[Button, ...]:
    """Give what one can do with a draft beside sending it."""
    number = str(news.id)
    return (
        button("news.button.edit", "news.edit", number),
        button("news.button.who", "news.who", number, "0"),
        button("news.button.drop", "news.drop", number, means="no"),
    )


def _note(planned: announce.Plan) -> Phrase | str:
    """Say what an organizer should think of before sending; nothing, mostly."""
    if planned.needs_second:
        return Phrase("news.needs_second", {"n": announce.MOST_ALONE})
    return Phrase("news.earlier_today", {"n": planned.earlier}) if planned.earlier else ""


def _any(call: Call) -> Broadcast:
    return _known(call, int(call.arguments[0]))


def _own(call: Call) -> Broadcast:
    news = _any(call)
    if news.organizer != call.conversation.id:
        raise UserError(Phrase("button.old"))
    return news


def _own_draft(call: Call) -> Broadcast:
    news = _own(call)
    if news.state != DRAFT:
        raise UserError(Phrase("news.decided"))
    return news


def _known(call: Call, number: int) -> Broadcast:
    news = call.store.news.get(number)
    if news is None:
        raise UserError(Phrase("button.old"))
    return news
