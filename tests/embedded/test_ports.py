"""Ports that are chosen: free ones, different, and out of the reach of outgoing connections."""

import pytest
from ledgerbridge.embedded import ports
from ledgerbridge.embedded.errors import CannotStartError


def test_chosen_ports_are_free_and_different_and_never_those_of_outgoing_connections() -> None:
    found = ports.free_ports(50)
    assert len(set(found)) == 50
    assert all(ports.is_free(port) for port in found)
    assert max(found) < 32_768


def test_where_none_is_free_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "OURS", range(20_000, 20_003))
    with pytest.raises(CannotStartError, match="of the ports 20000 to 20002 no 4 are free"):
        ports.free_ports(4)
