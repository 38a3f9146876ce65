"""The fixtures that all tests share."""

pytest_plugins = ["ledgerbridge.testing.plugin", "ledgerbridge.testing.statements", "tests.house.plugin"]
