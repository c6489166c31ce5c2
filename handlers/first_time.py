"""ensikerta: the first ten minutes, who meets one, the door; and, if one likes, that somebody new comes.

Organizers learn the number and nothing else; when the event is over, nothing is left of it.
"""

from bot.actions.describe import time_of, where_of
from bot.actions.newcomers import due_for
from bot.core.series import Series
from bot.messages import Button, Localized, Phrase, Picture, Say, button, say
from bot.router import Call, Router
from bot.store.calendar import Kept
from handlers.events import remind_me
from handlers.menus import HOME, back, command, page, page_number, series_button, series_name
from handlers.taking_part import open_to_newcomers, welcomes_newcomers

router = Router()


@router.command("ensikerta")
@router.button("ensikerta")
def first_time(call: Call) -> Say | list[Say]:
    """Tell of the one open group there is, or ask which."""
    groups = [each for each in call.house.series.values() if welcomes_newcomers(each)]
    if not groups:
        return say("first.none", command("tapahtumat"), command("ihminen"), HOME)
    if len(groups) == 1:
        return _told_of(call, groups[0], _next(call, groups[0]))
    ways = [series_button(each.id, call.house, "first.of") for each in groups]
    more = button("button.more", "ensikerta")
    return say("first.which", *page(ways, page_number(call), more=more, way_back=HOME))


@router.button("first.of")
def of_group(call: Call) -> Say | list[Say]:
    """Tell of one group."""
    group = call.house.series.get(call.arguments[0])
    if group is None or not welcomes_newcomers(group):
        return say("event.gone", HOME)
    return _told_of(call, group, _next(call, group))


@router.button("first.time")
def at_date(call: Call) -> Say | list[Say]:
    """Tell of a date; where that is over by now, of the next one."""
    kept = call.store.calendar.get(int(call.arguments[0]))
    group = None if kept is None else open_to_newcomers(kept.it, call.house)
    if kept is None or group is None:
        return say("event.gone", HOME)
    return _told_of(call, group, kept if _can_come(call, kept) else _next(call, group))


@router.button("first.come")
def come(call: Call) -> Say:
    """Note that somebody new comes."""
    kept = call.store.calendar.get(int(call.arguments[0]))
    if kept is None or open_to_newcomers(kept.it, call.house) is None or not _can_come(call, kept):
        return say("event.gone", command("tapahtumat"), HOME)
    call.store.newcomers.add(kept.id, call.conversation.id, due=due_for(kept.it, call.house))
    ways = (_take_back(kept), remind_me(call, kept.it.series or ""), HOME)
    return say("first.told", *ways, aika=time_of(kept.it))


@router.button("first.not")
def not_after_all(call: Call) -> Say:
    """Note that they do not come; nobody is told."""
    call.store.newcomers.remove(int(call.arguments[0]), call.conversation.id)
    return say("first.not_coming", command("tapahtumat"), HOME)


def _told_of(call: Call, group: Series, kept: Kept | None) -> list[Say]:
    """Describe the way in, then the beginning and the next time, with what one can do."""
    assert group.first_time is not None
    it = group.first_time
    comes = kept is not None and call.store.newcomers.comes(kept.id, call.conversation.id)
    when: Phrase | str = ""
    ways: list[Button] = []
    if kept is not None:
        when = Phrase("first.coming" if comes else "first.next", {"aika": time_of(kept.it)})
        ways.append(_take_back(kept) if comes else button("first.tell", "first.come", str(kept.id)))
        ways += [remind_me(call, group.id), back("show", str(kept.id))]
    view = say(
        "first.view",
        *ways,
        HOME,
        nimi=series_name(group.id, call.house),
        alku=Localized(it.minutes),
        kuka=Phrase("first.host", {"kuka": Localized(it.host)}) if it.host else "",
        kerta=when,
    )
    return [*_way_in(call, group, kept), view]


def _way_in(call: Call, group: Series, kept: Kept | None) -> list[Say]:
    """Say where it is, and show the door by which one comes in and describe it; nothing, where nobody has."""
    assert group.first_time is not None
    words, picture = group.first_time.picture_words, group.first_time.picture
    place = "" if kept is None or not kept.it.place else where_of(kept.it, call.house)
    if not words and not place:
        return []
    text = Phrase(
        "first.way_in",
        {
            "paikka": Phrase("first.place", {"paikka": place}) if place else "",
            "ovi": Phrase("first.door", {"ovi": Localized(words)}) if words else "",
        },
    )
    return [Say(text, picture=Picture(picture, Phrase("first.picture")) if words and picture else None)]


def _take_back(kept: Kept) -> Button:
    return button("first.take_back", "first.not", str(kept.id))


def _can_come(call: Call, kept: Kept) -> bool:
    return kept.it.status == "confirmed" and kept.it.start > call.now


def _next(call: Call, group: Series) -> Kept | None:
    """Give the next date of a group that one can come to."""
    return call.store.calendar.next_of(group.id, call.now, visibility=("public",))
