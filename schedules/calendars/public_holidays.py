"""The days on which a group does not meet because nobody works."""

from collections.abc import Mapping
from datetime import date

import holidays


def public_holidays(country: str, category: str) -> Mapping[date, str]:
    """Give the holidays of a country, to be asked day by day, with their names in Finnish.

    Raises:
        LookupError: the country or its category is unknown.
    """
    try:
        days: Mapping[date, str] = holidays.country_holidays(
            country,
            categories=(category,),
            language="fi",  # never left to the locale of the process (DOMAIN.md, I 5)
        )
    except (NotImplementedError, ValueError) as error:
        message = "unknown country or category of holidays"
        raise LookupError(message) from error
    return days
