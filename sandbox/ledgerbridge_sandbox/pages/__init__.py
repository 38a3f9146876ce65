"""Pages for people: the accounts and companies as their users see them, on the control port under /pages."""
