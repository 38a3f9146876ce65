import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledgerbridge.accounts.secrets import Place, Sealer, UnreadableSecretError

OLD, NEW = bytes(32), bytes(range(32))
HERE = Place("grants", "access_token", "7")


@given(st.text())
def test_what_is_sealed_opens_in_its_place(text: str) -> None:
    assert Sealer({"k": OLD}).open(Sealer({"k": OLD}).seal(text, HERE), HERE) == text


@pytest.mark.parametrize(
    "elsewhere",
    [Place("grants", "access_token", "8"), Place("grants", "refresh_token", "7"), Place("grant", "saccess_token", "7")],
)
def test_a_sealed_value_opens_nowhere_else(elsewhere: Place) -> None:
    sealer = Sealer({"k": OLD})
    with pytest.raises(UnreadableSecretError, match="moved, altered"):
        sealer.open(sealer.seal("secret", HERE), elsewhere)


def test_every_altered_byte_is_noticed() -> None:
    sealer = Sealer({"k": OLD})
    sealed = sealer.seal("secret", HERE)
    for at in range(len(sealed)):
        altered = sealed[:at] + bytes((sealed[at] ^ 1,)) + sealed[at + 1 :]
        with pytest.raises(UnreadableSecretError):
            sealer.open(altered, HERE)
    for length in range(len(sealed)):
        with pytest.raises(UnreadableSecretError):
            sealer.open(sealed[:length], HERE)


def test_the_first_key_seals_and_all_open() -> None:
    before = Sealer({"old": OLD})
    after = Sealer({"new": NEW, "old": OLD})
    sealed = before.seal("secret", HERE)
    assert after.open(sealed, HERE) == "secret"
    assert not after.is_current(sealed, HERE)
    assert after.is_current(after.seal("secret", HERE), HERE)
    with pytest.raises(UnreadableSecretError, match="is not configured"):
        before.open(after.seal("secret", HERE), HERE)


def test_the_setting_names_keys_and_shows_none() -> None:
    new, old = (base64.b64encode(key).decode() for key in (NEW, OLD))
    sealer = Sealer.from_setting(f"new:{new}, old:{old}")
    assert repr(sealer) == "Sealer(['new', 'old'])"
    assert Sealer.from_setting(new).open(Sealer.from_setting(new).seal("x", HERE), HERE) == "x"
    urlsafe = base64.urlsafe_b64encode(bytes([251] * 32)).decode()
    assert "-" in urlsafe
    assert repr(Sealer.from_setting(urlsafe)) == "Sealer(['first'])"


@pytest.mark.parametrize(
    "setting", ["", "a:c2hvcnQ=", "a:%%canary%%", "a:" + "A" * 43 + "=,a:" + "A" * 43 + "=", "a:canarycanarycanary!"]
)
def test_a_wrong_setting_is_refused_without_showing_it(setting: str) -> None:
    with pytest.raises(ValueError, match="secret key") as refused:
        Sealer.from_setting(setting)
    assert "canary" not in str(refused.value)
