"""A process that idles for months holds only what it uses."""

import subprocess
import sys

import pytest

from bot.lean import without

UNUSED = (
    *("rich", "pygments", "twisted"),  # what structlog and httpx take when it is there
    *("typst", "segno"),  # posters
    *(
        "caldav",
        "lxml",
        "niquests",
        "icalendar",
        "recurring_ical_events",
    ),  # calendars, when one is fetched or read
    *("alembic", "sqlmodel", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql"),
)


def test_a_running_vertti_has_loaded_nothing_that_it_may_never_need():
    everything = "bot.cli, bot.app, bot.transports.telegram, bot.transports.matrix, bot.transports.web"
    looked = f"import sys, {everything}; print(sorted(set({UNUSED}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_a_library_left_out_of_one_import_is_there_for_the_next():
    sys.modules.pop("colorsys", None)
    with without("colorsys"), pytest.raises(ModuleNotFoundError):
        import colorsys  # noqa: PLC0415
    import colorsys  # noqa: PLC0415

    assert colorsys.rgb_to_hls(0, 0, 0) == (0, 0, 0)
