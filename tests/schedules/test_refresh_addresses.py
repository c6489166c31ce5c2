"""Calendars that are fetched: through the real errand, from a small server of our own."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot.router import Tick
from schedules.calendars.addresses import store_key
from schedules.refresh_schedule import ask_for_fresh
from tests.handlers.organizing import hears, listeners, organized, texts

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 28, 10, tzinfo=UTC)
SECRET = "salainen-avain"
EVENT = (
    "BEGIN:VEVENT\r\nUID:kahvit-{day}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART;TZID=Europe/Helsinki:202612{day:02}T130000\r\n"
    "DTEND;TZID=Europe/Helsinki:202612{day:02}T140000\r\nSUMMARY:Kahvit\r\nCATEGORIES:kahvit\r\nEND:VEVENT\r\n"
)


def calendar(days):
    events = "".join(EVENT.format(day=day) for day in days)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n{events}END:VCALENDAR\r\n".encode()


@dataclass
class Host:
    """What the server answers, and what it was asked."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/{SECRET}.ics"


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host(calendar([1, 2, 3]), headers={"ETag": '"1"'})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append({name.lower(): value for name, value in self.headers.items()})
            known = host.headers.get("ETag")
            same = host.status == 200 and known and self.headers.get("If-None-Match") == known
            self.send_response(304 if same else host.status)
            for name, value in host.headers.items():
                self.send_header(name, value)
            body = b"" if same else host.body
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield host
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def chat(host):
    chat = organized(
        now=NOW, calendars=("schedule.yaml", host.address), calendar_hosts=(f"127.0.0.1:{host.port}",)
    )
    hears(chat, "anna", of="kahvit")
    reads(chat)
    return chat


def reads(chat, after=15 * MINUTE):
    """The calendars are read, and what follows has settled; give what everybody hears of it."""
    chat.now += after
    start = len(chat.heard)
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
    chat.runs_errands()
    chat.ticks(to=chat.now + 2 * MINUTE)
    return [each for each in chat.heard[start:] if "uistutus" not in each.text]


def on(chat):
    with chat.transaction() as store:
        found = store.calendar.coming(chat.now, series="kahvit", most=99, cancelled=False)
    return [each.it.start.day for each in found]


def test_what_stands_at_an_address_is_in_the_schedule(chat):
    assert on(chat) == [1, 2, 3]


def test_what_has_not_changed_is_neither_sent_nor_read_again(chat, host):
    with chat.transaction() as store:
        store.refreshing.drop_sources(["schedule.yaml"], now=chat.now)
    reads(chat)

    assert [each.get("if-none-match") for each in host.asked] == [None, '"1"']
    assert on(chat) == []


def test_on_a_new_day_all_of_it_is_read_for_the_window_moves(chat, host):
    reads(chat, after=DAY)

    assert host.asked[-1].get("if-none-match") is None


def test_what_changes_there_is_told(chat, host):
    host.body, host.headers = calendar([1, 2]), {"ETag": '"2"'}
    heard = reads(chat)

    assert on(chat) == [1, 2]
    assert [text.split("\n")[:2] for text in texts(heard, "anna")] == [
        ["PERUTTU: Tapaaminen", "to 3.12. klo 13–14"]
    ]


def test_the_address_stands_nowhere_in_the_store(chat):
    with chat.transaction() as store:
        dump = "\n".join(store.connection.connection.driver_connection.iterdump())

    assert SECRET not in dump
    assert store_key(f"http://127.0.0.1:{1}/{SECRET}.ics").split("#")[0] in dump


@pytest.mark.parametrize("body", [b"<html>Kirjaudu</html>", b"", b"BEGIN:VCALENDAR\r\nBEGIN:VEV"])
def test_a_log_in_page_or_half_an_answer_cancels_nothing(chat, host, body):
    host.body, host.headers = body, {}
    heard = reads(chat)

    assert on(chat) == [1, 2, 3]
    assert listeners(heard, "PERUTTU") == []


def test_a_log_in_page_is_told_to_organizers_without_the_address(chat, host):
    host.body, host.headers = b"<html>Kirjaudu</html>", {}
    (told,) = texts(reads(chat), "tiina")
    again = reads(chat)

    assert told.startswith("Kalenterissa 127.0.0.1 on korjattavaa:\nosoitteesta tuli verkkosivu")
    assert "\nVanhat tiedot pätevät siihen asti.\n" in told
    assert SECRET not in told
    assert again == []


def test_an_emptied_calendar_is_held_and_asked_about(chat, host):
    host.body, host.headers = calendar([]), {"ETag": '"2"'}
    heard = reads(chat)

    assert on(chat) == [1, 2, 3]
    assert listeners(heard, "Kalenterista 127.0.0.1 katosi kertoja") == ["tiina"]


def test_yes_takes_it_though_the_host_says_that_nothing_has_changed(chat, host):
    host.body, host.headers = calendar([]), {"ETag": '"2"'}
    reads(chat)
    chat.presses("tiina", "Ovat, peru ne")
    chat.runs_errands()

    assert on(chat) == []


def test_trouble_that_passes_is_told_to_nobody_and_what_lasts_is_told_once(chat, host):
    host.status = 503
    heard = [reads(chat) for _ in range(8)]
    host.status = 200
    back = reads(chat)

    assert [len(texts(each, "tiina")) for each in heard] == [0, 0, 0, 0, 1, 0, 0, 0]
    assert texts(back, "tiina") == ["Kalenteri 127.0.0.1 on nyt kunnossa."]
    assert on(chat) == [1, 2, 3]


def test_a_host_that_wants_to_be_left_alone_is(chat, host):
    host.status, host.headers = 429, {"Retry-After": "3600"}
    reads(chat)
    asked = len(host.asked)
    for _ in range(3):
        reads(chat)
    left_alone = len(host.asked)
    reads(chat)
    reads(chat)

    assert left_alone == asked
    assert len(host.asked) > left_alone


def test_what_is_set_no_longer_goes(chat):
    chat.house = replace(chat.house, calendars=("schedule.yaml",))
    reads(chat)

    assert on(chat) == []
