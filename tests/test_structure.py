"""The modules of the package import one way."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "classifier"
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}

FOLDERS = (
    "text",
    "page",
    "boundaries",
    "genres",
    "scans",
    "rendering",
    "batches",
    "stories",
    "composing",
    "labelled",
    "training",
    "commands",
)
"""As docs/design.md lists them: a folder imports from those before it."""


def imported(path: Path) -> set[str]:
    """Return the modules of the package that a module imports, at its top or later."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE.name:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in MODULES else str(node.module) for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name in MODULES}
    return found


IMPORTS = {name: imported(path) - {name} for name, path in MODULES.items()}


def test_no_module_imports_itself_in_a_circle() -> None:
    order = list(TopologicalSorter(IMPORTS).static_order())  # raises CycleError with the circle
    assert order.index("classifier.errors") < order.index("classifier.model") < order.index("classifier.__main__")


def test_a_folder_imports_from_those_before_it_only() -> None:
    def folder(module: str) -> str:
        parts = module.split(".")
        return parts[1] if len(parts) > 1 and (PACKAGE / parts[1]).is_dir() else ""

    assert {folder(name) for name in MODULES} == {"", *FOLDERS}
    upward = [
        f"{name} imports {other}"
        for name, others in IMPORTS.items()
        for other in others
        if folder(name) and folder(other) and FOLDERS.index(folder(other)) > FOLDERS.index(folder(name))
    ]
    assert not upward


def test_modules_of_the_inside_are_in_folders_that_say_what_they_are() -> None:
    alone = [path.stem for path in PACKAGE.glob("*.py")]
    assert len(alone) < 20, "a module of a subject belongs in the subject's folder"
    for name in FOLDERS:
        assert (ast.get_docstring(ast.parse((PACKAGE / name / "__init__.py").read_text("utf-8"))) or "").endswith(".")
