"""Failure drills: what the product promises when something breaks, each with its numbers.

A short round of each is a test marked `drill`; `make drills` runs the long rounds and writes `build/drills.json`.
"""
