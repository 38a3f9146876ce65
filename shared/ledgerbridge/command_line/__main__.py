"""`python -m ledgerbridge.command_line`, the same as `ledgerbridge`."""

from ledgerbridge.command_line import main

main()
