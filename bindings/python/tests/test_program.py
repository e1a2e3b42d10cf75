"""The program comes with the package."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

import recon378 as rc


def _program() -> str:
    found = shutil.which("recon378", path=sysconfig.get_path("scripts"))
    assert found is not None
    return found


@pytest.mark.parametrize("command", [[sys.executable, "-m", "recon378"], "console script"])
def test_the_program_runs(command: object, tmp_path: Path) -> None:
    words = command if isinstance(command, list) else [_program()]
    (tmp_path / "bank.csv").write_text("reference,amount\na,1.00\nb,2.00\n")
    (tmp_path / "ledger.csv").write_text("reference,amount\na,1.00\n")
    ended = subprocess.run(
        [*words, "run", "bank.csv", "ledger.csv", "--on", "reference,amount", "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["totals"]["matched"] == 1
    refused = subprocess.run([*words, "run", "no.csv", "ledger.csv", "--on", "a"], cwd=tmp_path, capture_output=True)
    assert refused.returncode != 0 and b"no.csv" in refused.stderr


def test_the_program_has_the_version_of_the_package() -> None:
    told = subprocess.run([sys.executable, "-m", "recon378", "--version"], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["recon378", rc.__version__]
