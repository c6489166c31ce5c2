import pytest

from handlers.masking import masked


@pytest.mark.parametrize(
    "secret",
    [
        "010190-123A",
        "010100A123B",
        "010100y123b",
        "311299+999X",
        "010190 -123A",
        "040 123 4567",
        "0401234567",
        "+358 40 123 4567",
        "+358401234567",
        "014-266 0000",
        "(014) 266 0000",
        "anna.virtanen@example.org",
        "a+b@posti.example.fi",
        "FI21 1234 5600 0007 85",
    ],
)
def test_what_points_at_somebody_is_masked(secret):
    assert secret not in masked(f"Olen {secret}, soittakaa")
    assert masked(f"Olen {secret}, soittakaa").endswith(", soittakaa")


@pytest.mark.parametrize(
    "harmless",
    [
        "Milloin ryhmä on 26.11. klo 13–15?",
        "Onko 24.12.2026 auki?",
        "Mahtuuko sinne 120 ihmistä?",
        "Missä on Esimerkkikatu 1 B 23?",
        "Postinumero 40100",
    ],
)
def test_dates_hours_and_small_numbers_stay(harmless):
    assert masked(harmless) == harmless
