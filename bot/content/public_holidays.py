"""The days on which nobody works: groups do not meet, and no phone is answered."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

from holidays.registry import COUNTRIES

from bot.core.recurrence import DAY


def public_holidays(country: str, category: str) -> Mapping[date, str]:
    """Give the holidays of a country, to be asked day by day, with their names in Finnish.

    Raises:
        LookupError: the country or its category is unknown.
    """
    message = "unknown country or category of holidays"
    found = next(((module, names[0]) for module, names in COUNTRIES.items() if country in names[1:]), None)
    if found is None:
        raise LookupError(message)
    try:
        days: Mapping[date, str] = _load(*found)(
            categories=(category,),
            language="fi",  # never left to the locale of the process (DOMAIN.md, I 5)
        )
    except ValueError as error:
        raise LookupError(message) from error
    return days


@cache
def finnish_holidays(year: int) -> frozenset[date]:
    """Give the public holidays of a year in Finland; worked out once, for any thread to ask."""
    days, first = public_holidays("FI", "public"), date(year, 1, 1)
    return frozenset(day for number in range(366) if (day := first + number * DAY) in days)


@cache
def _load(module: str, name: str) -> type:
    """Load the class of one country.

    The library's own way to it loads all 250 countries and keeps 8 MiB of them (measured, 0.109).
    """
    package = find_spec("holidays.countries")
    assert package is not None
    assert package.origin is not None
    spec = spec_from_file_location(
        f"holidays.countries.{module}", Path(package.origin).with_name(f"{module}.py")
    )
    assert spec is not None
    assert spec.loader is not None
    loaded = module_from_spec(spec)
    spec.loader.exec_module(loaded)
    country: type = getattr(loaded, name)
    return country
