"""The table of slips located: each case in each form, and whether the right code passes."""

from __future__ import annotations

import ast
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.debug.backward_passes import CASES, FORMS, SUFFIXES, Case, Form, written
from tracer.check.model.finding import Finding
from tracer.debug.backward_report import BackwardReport
from tracer.debug.debugger import debug_file
from tracer.document_check import check_text


class Located(NamedTuple):
    """What came of one case in one form."""

    case: str
    form: str
    is_located: bool
    is_corrected: bool
    passes: bool  # the right code
    report: str


def located(case: Case, form: Form, folder: Path) -> Located:
    """Check the wrong and the right code of a case."""
    reports = {}
    for is_wrong in (True, False):
        text, line, right = written(case, form, is_wrong=is_wrong)
        path = folder / f"{case.name.replace(' ', '_')}_{is_wrong}{SUFFIXES[form]}"
        path.write_text(text, "utf-8")
        reports[is_wrong] = debug_file(str(path))
        if is_wrong:
            wanted = line, right
    found = reports[True]
    is_located = not found.passed and _plain(found.text) == _plain(wanted[0])
    is_corrected = is_located and found.correction is not None and _holds(case, form, found, folder)
    return Located(
        case.name, form, is_located, is_corrected, reports[False].passed,
        str(found if not is_corrected else "")
        + ("" if reports[False].passed else f"\nRIGHT: {reports[False]}"),
    )  # fmt: skip


def located_unrun(case: Case, form: Form) -> Located:
    """Check the wrong and the right code of a case as documents, which are read and not run."""
    kind = SUFFIXES[form][1:]
    text, line, _ = written(case, form, is_wrong=True)
    slips = _slips(text, kind)
    found = [item for item in slips if _plain(item.written or "") == _plain(line)]
    is_corrected = bool(found) and (bool(found[0].replacements) or found[0].kind == "stale_value")
    blamed = _slips(written(case, form, is_wrong=False)[0], kind)
    report = "\n".join(f"{item.text}: {item.message}" for item in (*slips, *blamed))
    return Located(case.name, form, bool(found), is_corrected, not blamed, report)


def _slips(text: str, kind: str) -> list[Finding]:
    [report] = check_text(text, kind).files
    return [item for item in report.findings if item.verdict == "slip"]


def _holds(case: Case, form: Form, found: BackwardReport, folder: Path) -> bool:
    """Tell whether the code passes with the correction in the place of the wrong line."""
    text, _, _ = written(case, form, is_wrong=True)
    if form == "notebook":
        text = "\n".join(cell["source"].rstrip("\n") for cell in json.loads(text)["cells"])
    lines = text.splitlines()
    assert found.line is not None
    assert found.correction is not None
    old = lines[found.line - 1]
    new = old[: len(old) - len(old.lstrip())] + found.correction.text
    if found.correction.below is None:
        lines[found.line - 1] = new
    else:
        lines.insert(found.correction.below, new)
        del lines[found.line - 1]
    path = folder / "corrected.py"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return debug_file(str(path)).passed


def _plain(line: str) -> str:
    try:
        return ast.unparse(ast.parse(line))
    except SyntaxError:
        return line


def unrun_rows() -> Iterator[Located]:
    """Yield the whole table of what is found in code that is not run."""
    for case in CASES:
        for form in FORMS:
            yield located_unrun(case, form)


def rows() -> Iterator[Located]:
    """Yield the whole table."""
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            for form in FORMS:
                yield located(case, form, Path(folder))
