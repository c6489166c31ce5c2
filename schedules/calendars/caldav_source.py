"""Fetches a calendar that is kept on a CalDAV server (RFC 4791), with the caldav library and by the guarded way only."""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus
from typing import Final
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape

from caldav.davclient import DAVClient
from caldav.lib import error as caldav_errors
from caldav.response import CalendarQueryResult, DAVResponse, PropfindResult

from bot.core.recurrence import DAY
from bot.messages import Phrase
from schedules.calendars.addresses import UnreadableAddressError, Url, read_url
from schedules.calendars.fetch_faults import WAIT, FetchFault
from schedules.calendars.guarded_http import Answer, Door, Seen
from schedules.calendars.one_calendar import one_calendar
from schedules.calendars.reading import Window

# The library logs what calendars and answers hold, and asked by the environment it opens a debugger.
logging.getLogger("caldav").propagate = False
caldav_errors.debugmode = "PRODUCTION"

_DAV: Final = "{DAV:}"
_CALDAV: Final = "{urn:ietf:params:xml:ns:caldav}"
_CTAG: Final = "{http://calendarserver.org/ns/}getctag"
MULTISTATUS: Final = f"{_DAV}multistatus"

COPY_OWN: Final = Phrase("problem.mend.own_address")

WHAT_IS_THERE: Final = """<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:S="http://calendarserver.org/ns/"><prop>
<resourcetype/><current-user-principal/><C:calendar-home-set/><C:supported-calendar-component-set/>
<S:getctag/><sync-token/>
</prop></propfind>"""

EVENTS_BETWEEN: Final = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<prop><getetag/></prop>
<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
<C:time-range start="{:%Y%m%d}T000000Z" end="{:%Y%m%d}T000000Z"/>
</C:comp-filter></C:comp-filter></C:filter>
</C:calendar-query>"""

THESE_EVENTS: Final = """<?xml version="1.0" encoding="utf-8"?>
<C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">
<prop><C:calendar-data/></prop>{}
</C:calendar-multiget>"""

AT_ONCE: Final = 200  # events in one answer: the library keeps all other threads waiting while it reads one

# What a library may raise that is handed nonsense; httpcore's own errors are words already when they come here.
UNREADABLE: Final = (
    caldav_errors.DAVError,
    SyntaxError,  # of which lxml's are
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    RecursionError,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A calendar as the server keeps it, all events in one iCalendar file, and what it will be known by."""

    data: bytes = field(repr=False)
    seen: Seen


def fetch_caldav(door: Door, *, seen: Seen, window: Window) -> Kept | None:
    """Fetch the events that have a date in the window, with all their dates; None: they are as they were.

    The address leads to the calendar itself, or to an account that has one and no other.

    Raises:
        FetchFault: it cannot be had, or the account has several calendars: which are the groups', and which somebody's
            own, must not be guessed.
    """
    try:
        return _Server(door).fetch(seen, window)
    except UNREADABLE:
        what = Phrase("problem.no_caldav")
        mend = Phrase("problem.mend.settings_address")
        raise door.fault(what=what, mend=mend, retry=True) from None


class _Server(DAVClient):
    """The library's client, whose every request goes through the door.

    Left to itself it has a session of its own, reads .netrc, proxies and certificates from the environment, sends a
    password wherever it is led, and follows hosts into the house.
    """

    def __init__(self, door: Door) -> None:
        super().__init__(str(door.address.url), enable_rfc6764=False)
        del self.session  # whatever would go past the door, breaks
        self._door = door

    def fetch(self, seen: Seen, window: Window) -> Kept | None:
        """Fetch what has a date in the window, or nothing where all is as it was."""
        # Servers compare with UTC what is meant in a zone, or in none: a day more on either side.
        days = window[0].date() - DAY, window[1].date() + 2 * DAY
        url, version = self._calendar()
        if version and seen.get("state") == _state(url, version, days):
            return None
        answered = self._report(url, EVENTS_BETWEEN.format(*days), depth=1)
        etags = {each.href: each.etag for each in answered if each.status == HTTPStatus.OK}
        if all(etags.values()):
            version = version or str(sorted(etags.items()))
        if version and seen.get("state") == _state(url, version, days):
            return None
        data = one_calendar(self._events(url, sorted(etags)))
        return Kept(data, {"state": _state(url, version, days)} if version else {})

    def _events(self, url: Url, hrefs: Sequence[str]) -> Iterator[str]:
        """Give the text of each event, in order.

        What is missing would look as if it were cancelled, so it is a fault, also when it was deleted just now: the next
        time it is not asked for.
        """
        for first in range(0, len(hrefs), AT_ONCE):
            asked = hrefs[first : first + AT_ONCE]
            wanted = "".join(f"<href>{escape(quote(each))}</href>" for each in asked)
            answered = self._report(url, THESE_EVENTS.format(wanted), depth=None)
            texts = {each.href: each.calendar_data for each in answered}
            for href in asked:
                text = texts.get(href)
                if not text:
                    what = Phrase("problem.not_all_events")
                    raise self._door.fault(what=what, mend=WAIT, retry=True)
                yield text

    def _report(self, url: Url, query: str, *, depth: int | None) -> list[CalendarQueryResult]:
        return self.report(str(url), query, depth).parse_calendar_query()

    # Where the calendar is

    def _calendar(self) -> tuple[Url, str]:
        """Give where the calendar is, and the version of it; an empty version: the server does not tell."""
        url = self._door.address.url
        here = self._begin(url)
        if _holds_calendar(here):
            if not _holds_events(here):
                raise self._door.fault(what=Phrase("problem.no_events_kept"), mend=COPY_OWN)
            return url, _version(here)
        homes = self._homes(here)
        found = [each for home in homes for each in self._look(home, depth=1) if _holds_events(each)]
        if not found:
            raise self._door.fault(what=Phrase("problem.account_empty"), mend=COPY_OWN)
        if len(found) > 1:
            what = Phrase("problem.account_several", {"määrä": len(found)})
            raise self._door.fault(what=what, mend=COPY_OWN)
        return self._there(quote(found[0].href)), _version(found[0])

    def _begin(self, url: Url) -> PropfindResult:
        """Look at the address; of a bare host, where RFC 6764 says that one begins."""
        if url.target == "/":
            try:
                return self._look(self._there("/.well-known/caldav"))[0]
            except FetchFault as fault:
                if fault.retry:
                    raise
        return self._look(url)[0]

    def _homes(self, here: PropfindResult) -> list[Url]:
        """Give where the account keeps its calendars."""
        homes = here.properties.get(f"{_CALDAV}calendar-home-set")
        principal = here.properties.get(f"{_DAV}current-user-principal")
        if not homes and isinstance(principal, str):
            homes = self._look(self._there(principal))[0].properties.get(f"{_CALDAV}calendar-home-set")
        written = [homes] if isinstance(homes, str) else homes or []
        return [self._there(each) for each in written]

    def _look(self, url: Url, depth: int = 0) -> list[PropfindResult]:
        """Ask what there is at a place, and with a depth of 1 what is in it."""
        found = self.propfind(str(url), WHAT_IS_THERE, depth).parse_propfind()
        if not found:
            raise self._door.fault(what=Phrase("problem.nothing_there"), mend=COPY_OWN)
        return found

    def _there(self, href: str) -> Url:
        """Give the place that the server names; it is on the same host."""
        home = self._door.address.url
        try:
            there = read_url(urljoin(str(home), href))
        except UnreadableAddressError:
            raise self._door.fault(what=Phrase("problem.names_nowhere"), mend=COPY_OWN) from None
        if there.origin != home.origin:
            what = Phrase("problem.another_host", {"palvelin": there.host})
            raise self._door.fault(what=what, mend=Phrase("problem.mend.that_host"))
        return there

    # The one way out

    def request(
        self,
        url: str,
        method: str = "GET",
        body: str = "",
        headers: Mapping[str, str] | None = None,
        rate_limit_time_slept: float = 0,  # noqa: ARG002 - nothing sleeps here
    ) -> DAVResponse:
        """Ask through the door; what comes is a multistatus and nothing else."""
        answer = self._door.ask(
            self._there(url),
            method=method,
            headers={**(headers or {}), "Content-Type": "application/xml; charset=utf-8"},
            body=body.encode(),
        )
        response = DAVResponse(_Heard(answer), self)
        if (
            answer.status != HTTPStatus.MULTI_STATUS
            or response.tree is None
            or response.tree.tag != MULTISTATUS
        ):
            raise caldav_errors.ResponseError
        return response


class _Heard:
    """An answer as the library wants to have it."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = {"Content-Type": "application/xml"}  # nothing else is taken for an answer
        self.content = answer.body
        self.reason = ""


def _holds_calendar(place: PropfindResult) -> bool:
    kinds = place.properties.get(f"{_DAV}resourcetype")
    return isinstance(kinds, list) and f"{_CALDAV}calendar" in kinds


def _holds_events(place: PropfindResult) -> bool:
    components = place.properties.get(f"{_CALDAV}supported-calendar-component-set")
    return _holds_calendar(place) and (not components or "VEVENT" in components)


def _state(url: Url, version: str, days: tuple[date, date]) -> str:
    """Mark what was fetched: of which calendar, in which version, for which days."""
    return hashlib.sha256(f"{url} {version} {days}".encode()).hexdigest()


def _version(place: PropfindResult) -> str:
    version = place.properties.get(_CTAG) or place.properties.get(f"{_DAV}sync-token")
    return version if isinstance(version, str) else ""
