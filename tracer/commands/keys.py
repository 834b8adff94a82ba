"""`tracer keys`: every key of the interface with its id, as it is bound now."""

from __future__ import annotations

import argparse
from functools import partial

from tracer.commands.arguments import RESULT_FORMAT
from tracer.commands.output import print_result, translation, warn
from tracer.sentences import plain_text, say
from tracer.text_width import column_lines
from tracer.ui.parts.key_bindings import key_text
from tracer.ui.settings.settings_file import Settings, bound_keys

EXAMPLES = """\
examples:
  tracer keys
  tracer keys --format json

In the settings file (`tracer keys` says where it is) you can bind a key to something else:

  theme = "light"

  [keys]
  "walk.next" = "n, f9"
  "walk.go_to" = "f"
"""


ARGUMENTS = (RESULT_FORMAT,)


def run(options: argparse.Namespace) -> None:
    """Print the bindings."""
    settings = Settings()
    translate = translation(options)

    words = partial(plain_text, translate=translate)
    rows = list(bound_keys(settings.keys))
    problems = [problem.message_in(translate) for problem in settings.problems]
    keys = [
        {
            "id": item.key.id,
            "keys": item.keys.split(","),
            "default": item.key.keys.split(","),
            "words": words(item.key.words),
            "where": words(item.place),
        }
        for item in rows
    ]
    cells = [
        [
            " ".join(key_text(each) for each in item.keys.split(",")),
            item.key.id + (" *" if item.changed else ""),
            words(item.place),
            words(item.key.words),
        ]
        for item in rows
    ]
    note = say("Settings: {path}. A * marks the keys that they bind.", path=str(settings.path))
    print_result(
        options,
        lambda: {"version": 1, "settings": str(settings.path), "problems": problems, "keys": keys},
        lambda: (*map(str.rstrip, column_lines(cells)), "", words(note)),
    )
    for problem in problems if options.format == "text" else ():
        warn("tracer: " + problem, options)
