"""`python -m invoice_service`."""

import ledgerbridge.service_imports  # noqa: F401 - before all others

from invoice_service.app import main

if __name__ == "__main__":
    main()
