"""Where the recorded exchanges and published schemas lie: a folder outside the repository.

`LEDGERBRIDGE_SANDBOX_SPECS` names it; by default it is `shared/specs` beside the repository.
"""

import os
from pathlib import Path

import pytest

VARIABLE = "LEDGERBRIDGE_SANDBOX_SPECS"
ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get(VARIABLE) or ROOT.parent / "shared" / "specs")
SAMPLES = FOLDER / "quickbooks" / "samples"
SCHEMAS = FOLDER / "quickbooks" / "xsd" / "php-sdk"
AT_HAND = SAMPLES.is_dir() and SCHEMAS.is_dir()
needed = pytest.mark.skipif(
    not AT_HAND, reason=f"the recorded exchanges are not at hand ({VARIABLE} names their folder)"
)
