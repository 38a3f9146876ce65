"""An invoice as we know it: facts, stage, payments, links, and the one place that records what changed."""
