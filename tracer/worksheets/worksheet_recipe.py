"""What a worksheet is made from: its recipe, in the front matter of worksheet and key.

One that names no notation is in code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from tracer.errors import ScenarioError, TracerError, nearest, printable
from tracer.narrative.derivation_options import Style
from tracer.option_limits import (
    LEAST_DIGITS,
    MOST_DIGITS,
    NOTATIONS,
)
from tracer.program.scenario import bundled
from tracer.sentences import say

VERSION: Final = 1
MOST_ASKED: Final = 50  # the largest number of iterations of a worksheet
_SETTING: Final = re.compile(
    r"(?:(?:data|parameters|constants|training)\.)?\w{1,60}"
    r"=(?:[-+0-9.,eE \[\]]{1,4000}|[A-Za-z_]{1,40})"
)


class Recipe(NamedTuple):
    """What a worksheet is made from; it stands in the front matter of worksheet and key.

    `scenario` is a bundled name or a path; `settings` hold the numbers. `blanks` says which lines
    are blank, by their labels; where it is empty, the seed chooses them. `notation` is how the
    lines are written.
    """

    scenario: str
    seed: int
    share: float
    iterations: int
    digits: int
    settings: tuple[str, ...] = ()
    variant: str = ""
    focus: str = ""
    blanks: tuple[tuple[str, str], ...] = ()
    notation: Style = "code"


def front_matter(recipe: Recipe, blanks: Mapping[str, str] | None = None) -> str:
    """Return what a worksheet was made from, as its first lines.

    `blanks`, what is blank of the lines by their labels, stand in the key alone.
    """
    key = blanks is not None
    scenario = recipe.scenario
    if not key and scenario not in bundled():
        scenario = Path(scenario).name  # a student's file names no path
    fields: dict[str, Any] = {
        "worksheet-key" if key else "worksheet": VERSION,
        "scenario": scenario,
        "variant": recipe.variant,
        "focus": recipe.focus,
        "seed": recipe.seed,
        "blank": recipe.share,
        "iterations": recipe.iterations,
        "digits": recipe.digits,
        "set": list(recipe.settings),
        "notation": "" if recipe.notation == "code" else recipe.notation,
    }
    if blanks is not None:
        fields["blanks"] = dict(blanks)
    lines = [
        f"{name}: {json.dumps(value, ensure_ascii=False)}\n"
        for name, value in fields.items()
        if value not in ("", [])
    ]
    return f"---\n{''.join(lines)}---\n\n"


def read_recipe(
    lines: Sequence[str], *, key: bool, path: str = "", scenario: str | None = None
) -> Recipe | None:
    """Return what the first lines of a worksheet (or of a key) say; None where it is none.

    A worksheet may be anyone's file: it names bundled scenarios and short numbers only. A key is
    its owner's, and names any scenario; a path is meant from the key's folder. A `scenario` that
    the user names stands in the place of that of the file. Raises TracerError where what is said
    cannot be meant.
    """
    recipe = stated_recipe(lines, key=key, path=path)
    if recipe is None:
        return None
    if scenario is not None:
        recipe = recipe._replace(scenario=scenario)
    elif key:
        return recipe._replace(scenario=_from_folder(recipe.scenario, path))
    check_harmless(recipe, path, scenario)
    return recipe


def stated_recipe(lines: Sequence[str], *, key: bool, path: str) -> Recipe | None:
    """Return what the first lines of a file say that it is, to be compared and not to be opened.

    None where they are not those of a worksheet (or of a key). Raises TracerError as `read_recipe`.
    """
    fields = _front_matter_fields(lines)
    if ("worksheet-key" if key else "worksheet") not in fields:
        return None
    try:
        return _make_recipe(fields)
    except (KeyError, TypeError, ValueError):
        raise not_a_worksheet(path) from None


def not_a_worksheet(path: str) -> TracerError:
    """Return the error of a file that begins as a worksheet does, and goes on otherwise."""
    return TracerError(
        say("the front matter is not that of a worksheet"),
        where=printable(path),
        expected=say("the lines between --- and --- as tracer wrote them"),
    )


def _front_matter_fields(lines: Sequence[str]) -> Mapping[str, Any]:
    """Return the fields of a front matter whose values are JSON; none where there is none."""
    if not lines or lines[0].rstrip() != "---":
        return {}
    fields: dict[str, Any] = {}
    for line in lines[1:60]:
        if line.rstrip() == "---":
            return fields
        name, _, value = line.partition(":")
        try:
            fields[name.strip()] = json.loads(value)
        except (ValueError, RecursionError):
            fields[name.strip()] = value.strip()
    return {}


def _make_recipe(fields: Mapping[str, Any]) -> Recipe:
    """Return the fields as a recipe. Raises KeyError, TypeError, ValueError where they are none."""
    settings, blanks = fields.get("set", []), fields.get("blanks", {})
    if not isinstance(settings, list) or not isinstance(blanks, dict):
        raise TypeError
    recipe = Recipe(
        scenario=str(fields["scenario"]),
        seed=int(fields["seed"]),
        share=float(fields["blank"]),
        iterations=int(fields["iterations"]),
        digits=int(fields["digits"]),
        settings=tuple(map(str, settings)),
        variant=str(fields.get("variant", "")),
        focus=str(fields.get("focus", "")),
        blanks=tuple((str(label), str(kind)) for label, kind in blanks.items()),
        notation=cast("Style", fields.get("notation", "code")),
    )
    is_possible = (
        1 <= recipe.iterations <= MOST_ASKED
        and LEAST_DIGITS <= recipe.digits <= MOST_DIGITS
        and 0 <= recipe.share <= 1
        and recipe.notation in NOTATIONS
        and all(kind in ("w", "r", "wr") for _, kind in recipe.blanks)
    )
    if not is_possible:
        raise ValueError
    return recipe


def check_harmless(recipe: Recipe, path: str, scenario: str | None = None) -> None:
    """Raise TracerError where a recipe, which may be anyone's, names a file or sets no numbers.

    A `scenario` that the user names may be a file.
    """
    names = bundled()
    if recipe.scenario not in (*names, scenario):
        raise ScenarioError(
            say("a worksheet may name a bundled scenario only"),
            where=printable(path),
            found=printable(recipe.scenario[:60]),
            expected=nearest(recipe.scenario, names)
            or say("that file: --scenario FILE, or its key: tracer mark FOLDER --key KEY"),
        )
    for setting in recipe.settings:
        if not _SETTING.fullmatch(setting):
            raise TracerError(
                say("a worksheet may set numbers only"),
                where=printable(path),
                found=printable(setting[:60]),
                expected=say("a name and numbers, such as data.x=[2, 3]"),
            )


def _from_folder(scenario: str, path: str) -> str:
    """Return a key's scenario: a bundled name, or a path from the folder of the key."""
    if scenario in bundled() or Path(scenario).is_absolute() or not path:
        return scenario
    return str(Path(path).parent / scenario)
