"""Deals: which invoice their five properties follow, writing them, and the plain page of a deal."""
