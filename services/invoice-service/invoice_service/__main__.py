"""`python -m invoice_service`."""

from invoice_service.app import main

if __name__ == "__main__":
    main()
