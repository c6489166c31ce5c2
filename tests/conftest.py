"""What all tests share."""

import os

import pytest

from bot import logs


@pytest.fixture(autouse=True, scope="session")
def _strict_logs():
    """A log line with a field that nobody has thought about fails the test."""
    logs.set_up(level="DEBUG", strict=True)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    """Tests see neither the machine's environment nor a .env beside them."""
    for name in list(os.environ):
        if name.startswith("VERTTI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
