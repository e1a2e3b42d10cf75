"""The package as such: what it exports, how it is typed, what its documentation says."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import recon378
from recon378 import _recon378

PACKAGE = ROOT / "bindings/python"
MODULES = [f"recon378.{name}" for _, name, _ in pkgutil.iter_modules(recon378.__path__) if name != "__main__"]
PAGES = [
    ROOT / "README.md",
    PACKAGE / "README.md", ROOT / "docs/guide/python.md", ROOT / "docs/guide/from-pandas-and-sql.md",
    ROOT / "docs/guide/compare.md",
    ROOT / "docs/guide/decisions.md",
    ROOT / "docs/guide/month-end.md",
    ROOT / "docs/guide/explain.md",
    ROOT / "docs/guide/remittance.md",
    ROOT / "docs/guide/duplicates.md",
    ROOT / "docs/guide/diff.md",
]


def test_every_name_is_exported() -> None:
    for name in recon378.__all__:
        assert getattr(recon378, name) is not None
        assert name in dir(recon378)


def test_every_public_class_is_reachable_from_the_package() -> None:
    reachable = {getattr(recon378, name) for name in recon378.__all__ if inspect.isclass(getattr(recon378, name))}
    reachable |= {kind for kind in vars(recon378.spec).values() if inspect.isclass(kind)}
    reachable |= {kind for kind in vars(recon378.figures).values() if inspect.isclass(kind)}
    for module in map(importlib.import_module, MODULES):
        for name, kind in vars(module).items():
            ours = inspect.isclass(kind) and kind.__module__ == module.__name__ and not name.startswith("_")
            if ours and module is not _recon378 and name not in ("Node", "Document", "ArrowStream", "ArrowArray"):
                assert kind in reachable, f"{module.__name__}.{name}"


def test_every_native_class_is_wrapped() -> None:
    native = {name for name, kind in vars(_recon378).items() if inspect.isclass(kind)}
    # A run has no wrapper: it lives as long as the call that makes it.
    assert native - {"Run"} <= set(recon378.__all__)


def test_every_public_thing_has_a_docstring() -> None:
    for name in recon378.__all__:
        thing = getattr(recon378, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), name


def test_importing_brings_no_frame_library_along() -> None:
    heavy = ("pandas", "polars", "pyarrow", "numpy", "duckdb", "asyncio", "tqdm")
    code = f"import sys, recon378; print([name for name in {heavy!r} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "[]\n"


@pytest.mark.parametrize("module", ["recon378", *MODULES])
def test_examples_of_docstrings_hold(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module), optionflags=doctest.ELLIPSIS).failed == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name + "/" + page.name)
def test_examples_of_pages_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    examples = re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert examples
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for example in examples:
        exec(compile(example, str(page), "exec"), names)


def _checked(*arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, *arguments], cwd=PACKAGE, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_types_are_strict() -> None:
    _checked("-m", "mypy")
    _checked("-m", "mypy", "--strict", "tests")


def test_stubs_say_what_is_there() -> None:
    _checked("-m", "mypy.stubtest", "recon378._recon378", "--mypy-config-file", "pyproject.toml")


def test_the_notebook_runs_and_says_what_it_said() -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    path = PACKAGE / "examples/tutorial.ipynb"
    notebook = nbformat.read(path, as_version=4)
    written = [_outputs(cell) for cell in notebook.cells if cell.cell_type == "code"]
    nbclient.NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert [_outputs(cell) for cell in notebook.cells if cell.cell_type == "code"] == written


def _outputs(cell: object) -> list[object]:
    texts = []
    for output in getattr(cell, "outputs"):
        data = output.get("data") or {"text/plain": output.get("text")}
        texts.append(data.get("text/plain"))
    return texts
