"""`tracer worksheet`: a worksheet with blanks from any scenario, and its key."""

from __future__ import annotations

import argparse
import os.path
from functools import partial
from pathlib import Path

from tracer.commands.arguments import (
    NOTATION,
    argument,
    digits_argument,
    read_share,
    scenario_arguments,
    whole_number,
)
from tracer.commands.output import (
    check_output,
    format_of,
    json_pieces,
    make_folder,
    remark,
    translation,
    write_files,
    write_pieces,
)
from tracer.commands.progress import Progress
from tracer.commands.requested_run import all_settings
from tracer.errors import TracerError
from tracer.program.scenario import bundled
from tracer.sentences import Translate, say
from tracer.worksheets.worksheet_making import (
    LARGEST_SEED,
    MOST_ASKED,
    Worksheet,
    make_worksheet,
    remark_texts,
    worksheet_text,
)

MOST_VARIANTS = 1000
ENDINGS = {".md": "markdown", ".markdown": "markdown", ".txt": "markdown", ".json": "json"}

EXAMPLES = """\
examples:
  tracer worksheet one_weight                     print a worksheet
  tracer worksheet one_weight --answers           its key
  tracer worksheet mlp_2_2_2 -o sheet.md          sheet.md and sheet.key.md
  tracer worksheet one_weight --variants 30 -o class/
  tracer worksheet digit_mlp --focus 'W1[0, 0]' --blank 1

The same seed gives the same worksheet, in later versions too. A filled one is marked by
`tracer check sheet.md`, a class by `tracer mark FOLDER --key sheet.key.md`.
"""


ARGUMENTS = (
    *scenario_arguments(),
    argument(
        "--blank",
        type=partial(read_share, "--blank"),
        default=0.6,
        metavar="SHARE",
        help="the share of lines with a blank, from 0 to 1 (default 0.6; at least one line)",
    ),
    argument(
        "--seed",
        type=whole_number(0, LARGEST_SEED, say("{text} is no whole number from 0 up")),
        default=7,
        metavar="N",
        help="chooses the numbers and the blanks (default 7)",
    ),
    argument(
        "--variants",
        type=whole_number(
            1, MOST_VARIANTS, say("{text} is not a whole number from {low} to {high}")
        ),
        metavar="N",
        help="write N worksheets, with the seeds from --seed on, into the folder -o",
    ),
    argument("--answers", action="store_true", help="print the key instead"),
    digits_argument(default=None, words="6; 4 where there are functions such as exp"),
    NOTATION,
    argument(
        "--focus",
        default="",
        metavar="ENTRY",
        help="only the lines of one entry, such as 'W1[2, 1]' (indices count from 0), for a "
        "large network",
    ),
    argument(
        "--format",
        choices=("markdown", "json"),
        help="default markdown, or from the extension of -o",
    ),
    argument(
        "-o",
        "--output",
        metavar="FILE|FOLDER",
        help="write the worksheet to a file, and its key beside it; with --variants, to a folder",
        completion="file",
    ),
)


def run(options: argparse.Namespace) -> None:
    """Print or write a worksheet, or many of them."""
    translate = translation(options)
    if options.variants is not None:
        _write_many(options, translate)
        return
    kind = format_of(options, ENDINGS)
    sheet = _make_sheet(options, options.seed)
    check_output(options, sheet.trace.scenario.path)
    if kind == "json":
        recipe = sheet.recipe
        data = {
            "version": 1,
            "scenario": recipe.scenario,
            "variant": recipe.variant or None,
            "focus": recipe.focus or None,
            "seed": recipe.seed,
            "blank": recipe.share,
            "iterations": recipe.iterations,
            "digits": recipe.digits,
            "notation": recipe.notation,
            "set": list(recipe.settings),
            "remarks": list(remark_texts(sheet, translate)),
            "lines": [
                {
                    "label": line.label,
                    "iteration": line.iteration,
                    "phase": line.phase,
                    "name": line.name,
                    "blanks": line.blanks,
                    "text": line.text(answers=False),
                    "answer": line.text(answers=True),
                }
                for line in sheet.lines
            ],
        }
        write_pieces(json_pieces(data), options)
    elif options.output is None:
        write_pieces([worksheet_text(sheet, translate, answers=options.answers)], options)
    else:
        place = Path(options.output)
        _write_pair(sheet, place, place.parent / f"{place.stem}.key.md", options, translate)
    for words_of_remark in remark_texts(sheet, translate):
        remark("tracer: " + words_of_remark, options)


def _make_sheet(options: argparse.Namespace, seed: int) -> Worksheet:
    return make_worksheet(
        options.scenario,
        seed=seed,
        share=options.blank,
        iterations=None if options.iterations is None else _iteration_count(options.iterations),
        digits=options.digits,
        settings=all_settings(options, "learning_rate"),
        variant=options.variant or "",
        focus=options.focus,
        notation=options.notation,
    )


def _iteration_count(text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    if not 1 <= count <= MOST_ASKED:
        raise TracerError(
            say("--iterations is out of range for a worksheet"),
            found=text,
            expected=say("a number from 1 to {most}", most=MOST_ASKED),
        )
    return count


def _write_many(options: argparse.Namespace, translate: Translate) -> None:
    """Write so many worksheets and keys into a folder, each file when it is whole."""
    if options.output is None or options.answers or options.format == "json":
        raise TracerError(
            say("--variants writes worksheets and keys"), expected=say("-o FOLDER as well")
        )
    folder = Path(options.output)
    keys = folder / "keys"
    make_folder(keys)
    name = Path(options.scenario).stem
    quiet = argparse.Namespace(**{**vars(options), "quiet": True})
    with Progress(
        say("{count} {count:worksheet|worksheets}", count=options.variants), options
    ) as progress:
        for place in range(options.variants):
            sheet = _make_sheet(options, options.seed + place)
            own = f"{name}-{options.seed + place:02}"
            _write_pair(sheet, folder / f"{own}.md", keys / f"{own}.key.md", quiet, translate)
            progress.counts = [say("{done} of {count}", done=place + 1, count=options.variants)]
    remark(
        say(
            "tracer: wrote {count} worksheets to {folder}, keys to {keys}",
            count=options.variants,
            folder=str(folder),
            keys=str(keys),
        ),
        options,
    )


def _write_pair(
    sheet: Worksheet, place: Path, key: Path, options: argparse.Namespace, translate: Translate
) -> None:
    """Write a worksheet and its key; the key names a scenario file as seen from its folder."""
    scenario = sheet.recipe.scenario
    if scenario not in bundled():
        try:
            scenario = os.path.relpath(scenario, key.parent)
        except ValueError:  # another drive
            scenario = str(Path(scenario).absolute())
    keyed = sheet._replace(recipe=sheet.recipe._replace(scenario=scenario))
    texts = {
        place: [worksheet_text(sheet, translate, answers=False)],
        key: [worksheet_text(keyed, translate, answers=True)],
    }
    write_files(texts.items(), options)
