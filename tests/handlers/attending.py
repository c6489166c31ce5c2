"""Houses where one signs up, takes turns, comes for the first time and chooses areas, and dates to do so at."""

from dataclasses import replace
from datetime import timedelta

from bot.core.series import FirstTime, Series
from tests.handlers.houses import event, plan
from tests.support import NOW, Chat, sample_house

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ANY = ("public", "members", "staff")
SOON = NOW + 3 * DAY  # a Tuesday, noon in Helsinki

TRIP = Series(id="retki", name={"fi": "Retki", "sv": "Utflykt", "en": "Trip"}, signup=True, places_limit=2)
OPEN = Series(id="kurssi", name={"fi": "Kurssi"}, signup=True)
WATERING = Series(id="kastelu", name={"fi": "Kasteluvuorot"}, turns_shared=True)
GROUP = Series(
    id="kahvit",
    name={"fi": "Kahviryhmä"},
    neutral_name={"fi": "Tapaaminen"},
    first_time=FirstTime(
        minutes={"fi": "Ovella odottaa ohjaaja.\nSaat kahvia.\nSinun ei tarvitse puhua."},
        host={"fi": "ryhmän ohjaaja"},
        picture="ovi.png",
        picture_words={"fi": "sininen ovi, kello oikealla"},
    ),
)
AREAS = {"kajaani": {"fi": "Kajaani"}, "mikkeli": {"fi": "Mikkeli", "sv": "S:t Michel"}}


def chat_with_series(*series, areas=None, **values):
    """A chat in the sample house with these series too; only what is planned here is in its calendar."""
    furnished = sample_house()
    house = furnished.house
    house = replace(
        house,
        series={each: known for each, known in house.series.items() if known.first_time is None}
        | {each.id: each for each in series},
        areas=areas or {},
        calendars=(),
        **values,
    )
    return Chat(replace(furnished, understanding=replace(furnished.understanding, house=house)))


def dates(chat, series, *starts, **values):
    """Plan dates of a series, and nothing else; give their numbers."""
    plan(
        chat,
        *(
            replace(
                event(series.name["fi"], start, series=series.id, signup=series.signup, **values),
                uid=f"{series.id}-{number}",
            )
            for number, start in enumerate(starts)
        ),
    )
    with chat.transaction() as store:
        return [
            each.id
            for each in store.calendar.coming(NOW - 99 * DAY, series=series.id, most=99, visibility=ANY)
        ]


def presses_of(chat, who, action, *arguments):
    """Somebody presses a button that they were shown once, whatever they see now."""
    if chat.conversation(who) is None:
        chat.says(who, "/start")
    data = chat.store.vault.seal_button(chat.conversation(who).id, action, tuple(map(str, arguments)))
    return chat.sends_button(who, data)
