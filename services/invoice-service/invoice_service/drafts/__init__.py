"""An invoice to be: from a deal or quote to lines, totals, a review and the exact request."""
