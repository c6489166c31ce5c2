"""kysymykset: what is often asked, by topic."""

from bot.actions.describe import time_of
from bot.content.model import FaqEntry
from bot.messages import Button, Phrase, Say, Value, button, say
from bot.router import Call, Router
from handlers.menus import HOME, back, command, page, page_number, speaks

router = Router()


@router.command("kysymykset")
@router.button("kysymykset")
def topics(call: Call) -> Say:
    """Show the topics."""
    buttons = [Button(Phrase(f"topic.{each.id}"), "topic", (each.id,)) for each in call.house.content.topics]
    more = button("button.more", "kysymykset")
    return say("questions.topics", *page(buttons, page_number(call), more=more, way_back=HOME))


@router.button("topic")
def topic(call: Call) -> Say:
    """Show the questions of a topic."""
    which = call.arguments[0]
    buttons = [question_button(each) for each in call.house.content.faq if each.topic == which]
    number = page_number(call)
    more = button("button.more", "topic", which)
    return say("questions.of_topic", *page(buttons, number, more=more, way_back=back("kysymykset")))


@router.button("faq")
def question(call: Call) -> Say:
    """Answer one question."""
    return answered(call, call.arguments[0])


def question_button(entry: FaqEntry) -> Button:
    """Make the button that asks a question."""
    return button(f"faq.{entry.id}.short", "faq", entry.id)


def answered(call: Call, entry: str, *others: Button) -> Say:
    """Answer a question; where the answer lacks something that only the organization knows, offer a person."""
    known = _entry(call, entry)
    if known is None:
        return say("button.old", HOME)
    way_back = back("topic", known.topic)
    answer = answer_to(call, entry)
    if answer is None:
        return say("questions.ask_staff", command("ihminen"), *others, way_back, HOME)
    return Say(answer, (*others, way_back, HOME))


def answer_to(call: Call, entry: str) -> Phrase | None:
    """Give the answer to a question, the next times in it from the calendar; None: it cannot be given now."""
    known = _entry(call, entry)
    if known is None:
        return None
    times = {name: _next_time(call, series) for name, series in known.next_times.items()}
    key = known.answer(times.keys() | call.house.content.values(speaks(call)).keys())
    return None if key is None else Phrase(key, times)


def heard_of(call: Call, series: str) -> tuple[str, ...]:
    """Give which dates of a series may be told where it is asked.

    Where others read, what is for members is told only in a group that follows the series, never in a channel (T-17).
    """
    here = call.conversation
    if here.private or (here.place.kind == "group" and series in call.store.subscriptions.of(here.id)):
        return ("public", "members")
    return ("public",)


def _entry(call: Call, which: str) -> FaqEntry | None:
    return next((each for each in call.house.content.faq if each.id == which), None)


def _next_time(call: Call, series: str) -> Value:
    following = call.store.calendar.next_of(series, call.now, visibility=heard_of(call, series))
    return Phrase("questions.no_date") if following is None else time_of(following.it)
