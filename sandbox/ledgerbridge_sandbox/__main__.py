"""`python -m ledgerbridge_sandbox`."""

from ledgerbridge_sandbox.app import main

main()
