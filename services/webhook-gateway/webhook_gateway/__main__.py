"""`python -m webhook_gateway`."""

from webhook_gateway.app import main

if __name__ == "__main__":
    main()
