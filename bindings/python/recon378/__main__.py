"""The program `recon378`, as `python -m recon378` and as a console script."""

from __future__ import annotations

import sys

from recon378 import _recon378


def main() -> int:
    """Runs the program with this process's arguments and returns its exit code."""
    return _recon378.program(["recon378", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
