import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SetupError
from bot.store.vault import BUTTON_BYTES, Vault, code_hash, open_vault, text_hash

VAULT = Vault(bytes(range(32)))
OTHER = Vault(bytes(32))


def test_what_is_sealed_is_opened_by_the_same_key_alone():
    sealed = VAULT.seal(b"4711")

    assert VAULT.open(sealed) == b"4711"
    assert b"4711" not in sealed
    with pytest.raises(SetupError):
        OTHER.open(sealed)


def test_the_same_is_never_sealed_the_same_way_twice():
    assert VAULT.seal(b"4711") != VAULT.seal(b"4711")


def test_an_address_is_found_again_by_whoever_has_the_key():
    assert VAULT.lookup("telegram", "4711") == VAULT.lookup("telegram", "4711")
    assert (
        len({VAULT.lookup(*each) for each in (("telegram", "4711"), ("web", "4711"), ("telegram", "47"))})
        == 3
    )
    assert VAULT.lookup("telegram", "4711") != OTHER.lookup("telegram", "4711")


arguments = st.lists(st.text(st.sampled_from("abcåäö-_.0"), max_size=6), max_size=3).map(tuple)


@given(st.integers(1, 2**40), arguments)
def test_a_button_comes_back_as_it_was_and_fits_into_telegrams_64_bytes(reader, args):
    data = VAULT.seal_button(reader, "vote", args)

    assert VAULT.open_button(reader, data) == ("vote", args)
    assert len(data.encode()) <= 64


@pytest.mark.parametrize("forged", [
    "", "x", "vote|1|ei", "A" * 11 + "vote|1|ei", "\ud800", "ääkköset", "A" * 4000, "\0" * 64,
])  # fmt: skip
def test_a_forged_button_opens_nothing(forged):
    assert VAULT.open_button(7, forged) is None


def test_a_button_changed_or_shown_to_somebody_else_opens_nothing():
    data = VAULT.seal_button(7, "vote", ("1", "kylla"))

    assert VAULT.open_button(8, data) is None
    assert OTHER.open_button(7, data) is None
    assert VAULT.open_button(7, data.replace("kylla", "ei")) is None
    assert VAULT.open_button(7, data[:-1]) is None
    for at in range(11):
        changed = "A" if data[at] != "A" else "B"
        assert VAULT.open_button(7, data[:at] + changed + data[at + 1 :]) is None


@pytest.mark.parametrize("args", [("x" * BUTTON_BYTES,), ("a|b",), ("ä" * 25,)])
def test_a_button_that_does_not_fit_is_a_programmers_fault(args):
    with pytest.raises(ValueError, match="vote"):
        VAULT.seal_button(7, "vote", args)


def test_a_tag_for_the_log_is_short_and_the_same():
    assert VAULT.tag("4711") == VAULT.tag("4711")
    assert len(VAULT.tag("4711")) == 8
    assert VAULT.tag("4711") != OTHER.tag("4711")


def test_each_purpose_has_a_secret_of_its_own():
    assert VAULT.secret("cookies") == VAULT.secret("cookies")
    assert VAULT.secret("cookies") != VAULT.secret("webhook")


# ---- the key file --------------------------------------------------------------------------------------------


def test_the_key_is_made_once_for_this_user_alone(tmp_path):
    path = tmp_path / "vertti.key"

    first, second = open_vault(path), open_vault(path)

    assert second.open(first.seal(b"4711")) == b"4711"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(path.read_bytes()) == 32


def test_a_key_that_others_may_read_is_refused(tmp_path):
    path = tmp_path / "vertti.key"
    open_vault(path)
    path.chmod(0o640)

    with pytest.raises(SetupError) as found:
        open_vault(path)

    assert "chmod 600" in found.value.faults[0].mend


def test_a_file_that_is_no_key_is_refused(tmp_path):
    path = tmp_path / "vertti.key"
    path.touch(mode=0o600)
    path.write_bytes(b"short")

    with pytest.raises(SetupError):
        open_vault(path)


def test_a_code_is_known_by_its_hash_however_it_is_typed():
    assert code_hash(" abcd23 ") == code_hash("ABCD23")
    assert code_hash("ABCD23") != code_hash("ABCD24")


def test_a_text_is_known_by_its_hash_letter_for_letter():
    assert text_hash("Hei!") == text_hash("Hei!")
    assert len({text_hash(each) for each in ("Hei!", "hei!", "Hei! ", "\ud800")}) == 4
