"""`tracer new`: a commented scenario to start from, which runs as it stands."""

from __future__ import annotations

import argparse
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from tracer.atomic_write import write_file
from tracer.bounded_read import is_folder
from tracer.commands.arguments import RESULT_FORMAT, argument
from tracer.commands.output import language_of, print_json, remark, write_errors
from tracer.errors import TracerError, printable
from tracer.narrative.catalogue import catalogue
from tracer.program.schema import SECTIONS, TRAINING
from tracer.sentences import Text, Translate, plain_text, say

EXAMPLES = """\
examples:
  tracer new my_network.toml         a network of two layers, its settings explained
  tracer derive my_network.toml      its derivation, before you change anything
"""

TEMPLATE = '''\
# {about}
#
#   tracer show {name}      {show}
#   tracer derive {name}    {derive}
#   tracer run {name}       {run}
#
# {change}

title = "{title}"
description = "{description}"

[data]                  # {data}
X = [[0.5, -1], [1, 0.25], [-0.75, 0.5]]
y = [[1], [0], [1]]

[parameters]            # {parameters}
W1 = [[0.4, -0.3], [0.1, 0.6]]
b1 = [0, 0.1]
W2 = [[0.5], [-0.2]]
b2 = [0.05]

[network]               # {network}
equations = """
z1 = X @ W1 + b1
h = sigmoid(z1)
y_pred = h @ W2 + b2
loss = mse(y_pred, y)
"""
loss = "loss"

[notation]              # {notation}
y_pred = "ŷ"

[training]              # {optimizer}
optimizer = "sgd"
learning_rate = 0.5
iterations = 5
{further}
'''

FURTHER = ("batch_size", "sample", "stop_when")  # keys of [training] that the file has as comments
COMMENTS: Mapping[str, Text] = {
    "about": say(
        "A scenario for tracer: the numbers of a network, its equations, and how it is trained."
    ),
    "show": say("what is in it"),
    "derive": say("every step, worked out"),
    "run": say("the loss of each iteration"),
    "change": say(
        "Change anything: an unknown key or a wrong shape is an error that says where it is."
    ),
    "title": say("A network of my own"),
    "description": say("Two inputs, a hidden layer of two sigmoids, one output."),
    "network": say("one equation on each line; `tracer list --operations` lists the operations"),
    "optimizer": TRAINING["optimizer"].type.expected(),
    "parameters": say(
        'what training changes; {{shape = [2, 2], init = "he", seed = 1}} draws random values'
    ),
    **{name: SECTIONS[name].words for name in ("data", "notation")},
}


def scenario_template(name: str, translate: Translate) -> str:
    """Return a scenario that is to have this name, its comments in a language."""
    comments = {key: plain_text(words, translate) for key, words in COMMENTS.items()}
    keys = [TRAINING[key] for key in FURTHER]
    further = [f"# {key.written_example:<21} # {plain_text(key.words, translate)}" for key in keys]
    return TEMPLATE.format(name=name, further="\n".join(further), **comments)


ARGUMENTS = (
    argument("file", metavar="FILE", help="the file to write, ending in .toml", completion="file"),
    RESULT_FORMAT,
)


def run(options: argparse.Namespace) -> None:
    """Write the file; one that is there already stays as it is."""
    file = options.file
    if not file.endswith(".toml"):
        raise TracerError(
            say("a scenario's file ends in .toml"),
            found=file,
            expected=str(
                Path(file, "network.toml") if is_folder(file) else Path(file).with_suffix(".toml")
            ),
        )
    if os.path.lexists(file):
        raise TracerError(
            say("the file already exists and is left unchanged"),
            where=file,
            expected=say("a new name"),
        )
    name = shlex.quote(f"./{file}" if file.startswith("-") else file)  # as a shell takes it
    text = scenario_template(printable(name), catalogue(language_of(options)))
    with write_errors(file):
        write_file([text], Path(file), overwrite=False)
    if options.format == "json":
        print_json({"version": 1, "written": file})
    remark(say("tracer: wrote {file}; next: tracer derive {file}", file=name), options)
