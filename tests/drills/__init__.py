"""Failure drills: break the running product on purpose, many times, and count what is lost.

    python -m tests.drills [--short] [NAME …]

Each drill is a module with `drill(house, scale) -> list[Row]`. All share one house whose simulated vendors are a
process apart: QuickBooks and HubSpot live on while supervisor, broker, database and services die.
"""
