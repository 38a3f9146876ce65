"""The vendors' APIs: one HTTP seam (`http`), a client for each, their OAuth and their webhook signatures."""
