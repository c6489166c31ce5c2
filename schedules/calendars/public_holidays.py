"""The days on which a group does not meet because nobody works."""

from collections.abc import Mapping
from datetime import date
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

from holidays.registry import COUNTRIES


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
