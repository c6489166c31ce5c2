"""Fetches what a Linked Events API lists, page by page."""

import re
from typing import Any, Final
from urllib.parse import parse_qs, quote, urljoin

import orjson

from bot.messages import Phrase
from schedules.calendars.addresses import UnreadableAddressError, Url, read_url
from schedules.calendars.fetch_faults import COPY_ANEW
from schedules.calendars.guarded_http import Door
from schedules.calendars.reading import Window

MAX_PAGES: Final = 100
PAGE_SIZE: Final = 100  # the most that the API gives at once

# What leads to the next page stands before the events or after them, so they need not be read here: that takes all of
# Python's time, and is done in a process of its own.
_META = re.compile(rb'"meta"\s*:\s*(\{[^{}]*\})')
_EDGE: Final = 4096  # bytes at either end of a page


def fetch_pages(door: Door, window: Window) -> bytes:
    """Give all pages as one JSON list; what the address itself asks for stays.

    Raises:
        FetchFault: a page cannot be had.  A part of a list is never given: what is missing would look cancelled.
    """
    url = _asked_for(door.address.url, window)
    pages: list[bytes] = []
    while len(pages) < MAX_PAGES:
        page = door.get(url, accept="application/json").body
        pages.append(page)
        following = _next(door, page)
        if following is None:
            return b"[%s]" % b",".join(pages)
        url = _on_same_host(door, url, following)
    raise door.fault(
        what=Phrase("problem.too_many_pages", {"raja": MAX_PAGES}),
        mend=Phrase("problem.mend.narrow"),
    )


def _asked_for(url: Url, window: Window) -> Url:
    """Add which days are wanted, unless the address says so, and whatever makes a page complete."""
    path, _, query = url.target.partition("?")
    given = parse_qs(query, keep_blank_values=True)
    first, end = window
    wanted = {"page_size": str(PAGE_SIZE), "include": "location"}
    if not given.keys() & {"start", "end", "days"}:
        wanted |= {"start": first.date().isoformat(), "end": end.date().isoformat()}
    added = [f"{name}={quote(value)}" for name, value in wanted.items() if name not in given]
    return Url(url.scheme, url.host, url.port, f"{path}?{'&'.join(filter(None, (query, *added)))}")


def _next(door: Door, page: bytes) -> str | None:
    """Give where the next page is; None: this is the last one."""
    found = _META.search(page, 0, _EDGE) or _META.search(page, max(0, len(page) - _EDGE))
    try:
        meta: Any = orjson.loads(found[1]) if found else None
    except orjson.JSONDecodeError:
        meta = None
    following = meta.get("next") if isinstance(meta, dict) else 0
    if not isinstance(following, str | None):
        what = Phrase("problem.no_list")
        raise door.fault(what=what, mend=Phrase("problem.mend.events_path"))
    return following or None


def _on_same_host(door: Door, url: Url, following: str) -> Url:
    """Go on the way we came: behind a proxy, hosts often believe that they speak plain http."""
    try:
        there = read_url(urljoin(str(url), following))
    except (UnreadableAddressError, ValueError):
        there = None
    if there is None or there.host != url.host:
        raise door.fault(what=Phrase("problem.next_page_away"), mend=COPY_ANEW)
    return Url(url.scheme, url.host, url.port, there.target)
