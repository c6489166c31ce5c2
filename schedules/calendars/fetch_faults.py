"""What may come between us and a calendar, in words: what it is, how to mend it, whether waiting helps."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bot.errors import VerttiError
from schedules.calendars.reading import Problem

LONGEST_WAIT = timedelta(days=1)
COPY_ANEW = "Copy the calendar's address again from where it is kept."
WAIT = "Nothing needs to be done unless it lasts."


class FetchFault(VerttiError):  # noqa: N818 - it is told as one of the faults of the set-up
    """A calendar could not be fetched; what was read before still holds.

    ``problem`` says it to organizers.  ``retry``: it may be over in a while; else a person has to mend it.
    ``after`` is how long the host wants to be left alone; None: it did not say.
    """

    def __init__(
        self, label: str, what: str, mend: str, *, retry: bool = False, after: timedelta | None = None
    ) -> None:
        super().__init__(what)
        self.problem = Problem(label, what, None, mend)
        self.retry = retry
        self.after = after


def refused(
    status: int, headers: Mapping[str, str], *, label: str, with_password: bool, now: datetime
) -> FetchFault:
    """Word a status that brings no calendar.

    Args:
        status: what the host answered.
        headers: of the answer, their names in small letters.
        label: what the address is called.
        with_password: was the host told a user and a password?
        now: for a Retry-After that names an instant.
    """
    after = wait_asked(headers.get("retry-after", ""), now)
    if status == HTTPStatus.UNAUTHORIZED:
        return _unauthorized(label, headers.get("www-authenticate", ""), with_password=with_password)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return FetchFault(
            label, "the host says that it is asked too often (429)", WAIT, retry=True, after=after
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FetchFault(label, f"the host has trouble of its own ({status})", WAIT, retry=True, after=after)
    what, mend = _FOR_GOOD.get(status, (f"the host answers in an unexpected way ({status})", COPY_ANEW))
    return FetchFault(label, what, mend)


_FOR_GOOD: dict[int, tuple[str, str]] = {
    HTTPStatus.FORBIDDEN: (
        "the host does not give it away (403)",
        "See whether the calendar is still shared, and share it again.",
    ),
    HTTPStatus.NOT_FOUND: ("there is no calendar at this address (404)", COPY_ANEW),
    HTTPStatus.GONE: (
        "it was taken away for good (410)",
        "Share the calendar again, or take the address out of VERTTI_CALENDARS.",
    ),
}


def _unauthorized(label: str, challenge: str, *, with_password: bool) -> FetchFault:
    if not with_password:
        what = "the host asks for a user and a password (401)"
        mend = "Copy the calendar's public address, or write user and app password into it: caldavs://USER:PASSWORD@HOST/..."
    elif challenge and "basic" not in challenge.lower():
        what = "the host asks for the password in a way that Vertti does not speak (401)"
        mend = "Have its administrator allow Basic authentication for app passwords."
    else:
        what = "the host does not take the user and the password (401)"
        mend = "Make a new app password there, and write it into the address; signs such as / or @ in it as %2F or %40."
    return FetchFault(label, what, mend)


def wait_asked(written: str, now: datetime) -> timedelta | None:
    """Read a Retry-After: seconds, or an instant; at most a day.  None: there is none that can be read."""
    try:
        seconds = (
            float(int(written)) if written.strip().isdecimal() else (_instant(written) - now).total_seconds()
        )
        return min(max(timedelta(seconds=seconds), timedelta()), LONGEST_WAIT)
    except OverflowError:
        return LONGEST_WAIT
    except ValueError:
        return None


def _instant(written: str) -> datetime:
    instant = parsedate_to_datetime(written)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
