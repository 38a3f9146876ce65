"""What the wizard builds: from a deal or quote to lines, taxes, totals and a review (S-15 to S-38)."""
