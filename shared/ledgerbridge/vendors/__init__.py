"""The vendors' APIs: one seam (`seam`), a client for each, their OAuth and their webhook signatures."""
