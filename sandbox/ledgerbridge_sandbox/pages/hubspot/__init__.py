"""HubSpot's pages, as a salesperson sees an account."""
