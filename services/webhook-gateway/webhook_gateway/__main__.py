"""`python -m webhook_gateway`."""

import ledgerbridge.service_imports  # noqa: F401 - before all others

from webhook_gateway.app import main

if __name__ == "__main__":
    main()
