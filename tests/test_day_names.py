"""The short names in the catalogues are those that the Unicode consortium knows."""

import pytest
from babel.dates import get_day_names, get_month_names

from bot.i18n import LANGUAGES, read_catalogues

CATALOGUES = read_catalogues()


@pytest.mark.parametrize("language", LANGUAGES)
def test_days_and_months_are_called_as_in_cldr(language):
    width = "abbreviated" if language == "en" else "short"
    known = {f"weekday.{n}": name for n, name in get_day_names(width, locale=language).items()}
    known |= {f"month.{n}": name for n, name in get_month_names("abbreviated", locale=language).items()}

    assert {key: CATALOGUES[language][key][0] for key in known} == {
        key: name.rstrip(".") for key, name in known.items()
    }
