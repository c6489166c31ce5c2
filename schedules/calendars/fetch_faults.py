"""What may come between us and a calendar, in words: what it is, how to mend it, whether waiting helps."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bot.errors import VerttiError
from bot.messages import Phrase
from schedules.calendars.reading import Problem

LONGEST_WAIT = timedelta(days=1)
COPY_ANEW = Phrase("problem.mend.copy_anew")
WAIT = Phrase("problem.mend.wait")


class FetchFault(VerttiError):  # noqa: N818 - it is told as one of the faults of the set-up
    """A calendar could not be fetched; what was read before still holds.

    ``problem`` says it to organizers.  ``retry``: it may be over in a while; else a person has to mend it.
    ``after`` is how long the host wants to be left alone; None: it did not say.
    """

    def __init__(
        self, label: str, what: Phrase, mend: Phrase, *, retry: bool = False, after: timedelta | None = None
    ) -> None:
        super().__init__(what.key)
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
        return FetchFault(label, Phrase("problem.asked_too_often"), WAIT, retry=True, after=after)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return FetchFault(
            label, Phrase("problem.host_trouble", {"tila": status}), WAIT, retry=True, after=after
        )
    what, mend = _FOR_GOOD.get(status, (Phrase("problem.unexpected", {"tila": status}), COPY_ANEW))
    return FetchFault(label, what, mend)


_FOR_GOOD: dict[int, tuple[Phrase, Phrase]] = {
    HTTPStatus.FORBIDDEN: (
        Phrase("problem.not_given"),
        Phrase("problem.mend.share_again"),
    ),
    HTTPStatus.NOT_FOUND: (Phrase("problem.not_found"), COPY_ANEW),
    HTTPStatus.GONE: (
        Phrase("problem.taken_away"),
        Phrase("problem.mend.share_or_drop"),
    ),
}


def _unauthorized(label: str, challenge: str, *, with_password: bool) -> FetchFault:
    if not with_password:
        what = Phrase("problem.asks_password")
        mend = Phrase("problem.mend.public_or_password")
    elif challenge and "basic" not in challenge.lower():
        what = Phrase("problem.other_sign_in")
        mend = Phrase("problem.mend.basic")
    else:
        what = Phrase("problem.password_refused")
        mend = Phrase("problem.mend.new_password")
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
