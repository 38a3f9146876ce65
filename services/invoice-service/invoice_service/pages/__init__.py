"""What people see: lists of invoices, one with its history, a deal's plain page, invoices to add."""
