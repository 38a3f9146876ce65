"""Imported first by every service's `__main__`: spares it what libraries load only because it is installed.

structlog and httpx load rich and pygments, which the command line needs, for colours and for a command of httpx: 4 MB
in every service (`python -m bench memory`).
"""

import sys

for name in ("rich", "pygments"):
    sys.modules.setdefault(name, None)  # type: ignore[arg-type]
