"""[training]: how parameters are updated, by which settings, how often and on which samples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from tracer.errors import nearest
from tracer.expression.names import canonical_name
from tracer.frozen import Frozen
from tracer.program.document import TomlTable, near_or_all, one_of, quote_text
from tracer.program.given import Given, Written
from tracer.program.key_types import KeyType, NumberType
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.schema import SETTINGS, TRAINING, UPDATE
from tracer.program.value_sources import read_numbers
from tracer.sentences import say


class Training(Frozen):
    """How the parameters are updated, and how often.

    `optimizer` is "" where `update` holds equations of the scenario's own. `settings` holds the
    numbers that the file gives, and no defaults; `state` the first values that it gives for what
    its own rule remembers.
    """

    optimizer: str
    learning_rate: Given | None
    settings: Mapping[str, Written]
    update: str | None
    state: Mapping[str, Given]
    iterations: int | None
    epochs: int | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    sample: int | None
    samples: tuple[int, ...] | None
    stop_when: str | None


def read_training(table: TomlTable, names: Mapping[str, str]) -> Training:
    """Return what [training] says; `names` gives the table of each name of the scenario."""
    rule = table.table("update")
    if rule is None:
        optimizer = TRAINING.value(table, "optimizer")
        update, state = None, {}
        numbers = _optimizer_numbers(table, optimizer)
    else:
        if "optimizer" in table:
            what = say("[training.update] replaces the optimizer")
            raise table.error("optimizer", what)
        optimizer = ""
        written = UPDATE.read(rule)
        update = written["equations"]
        table_of_state: TomlTable | None = written["state"]
        state = _first_values(table_of_state, update, names) if table_of_state is not None else {}
        numbers = _rule_numbers(table, update, names)
    written_keys = TRAINING.read(table, numbers)
    rate = written_keys["learning_rate"]
    if rate is None and (update is None or "learning_rate" in _names_in(update)):
        raise TRAINING.missing(table, "learning_rate")
    _check_choice(table, written_keys)
    return Training(
        optimizer=optimizer,
        learning_rate=None if rate is None else Given.of(rate),
        settings=MappingProxyType(
            {key: written_keys[key] for key in numbers if key in table and key != "learning_rate"}
        ),
        update=update,
        state=MappingProxyType(state),
        shuffle=written_keys["shuffle"],
        **{
            key: written_keys[key]
            for key in ("iterations", "epochs", "batch_size", "seed", "sample", "samples")
        },
        stop_when=written_keys["stop_when"],
    )


def _optimizer_numbers(table: TomlTable, optimizer: str) -> dict[str, KeyType]:
    """Return the types of the numbers that an optimizer takes, once no other one's is there."""
    taken = OPTIMIZERS[optimizer].taken
    for key in SETTINGS:
        if key in table and key not in taken:
            takers = [name for name, other in OPTIMIZERS.items() if key in other.taken]
            raise table.error(
                key,
                say(
                    "{optimizer} takes no {key}; {takers} does",
                    optimizer=optimizer,
                    key=key,
                    takers=one_of(takers),
                ),
                expected=one_of(("learning_rate", *taken)),
            )
    return {name: key.type for name, key in taken.items()}


def _rule_numbers(table: TomlTable, update: str, names: Mapping[str, str]) -> dict[str, KeyType]:
    """Return the types of the numbers that a rule of the scenario's own names."""
    named = _names_in(update) - {"g", "t", "parameter"}
    for key in table:
        if key in TRAINING and key != "learning_rate":
            continue
        if key not in named:
            what = say(
                "unknown key {key}, which the update rule does not name either", key=quote_text(key)
            )
            near = nearest(key, TRAINING)
            if key == "learning_rate":
                what, near = say("the update rule does not name learning_rate"), ""
            raise table.error(key, what, expected=near)
        if key in names:
            raise table.error(
                key, say("{key} is also in [{names}]", key=quote_text(key), names=names[key])
            )
    return {key: NumberType() for key in table if key == "learning_rate" or key not in TRAINING}


def _first_values(table: TomlTable, update: str, names: Mapping[str, str]) -> dict[str, Given]:
    """Return the values that what a rule remembers starts from, where they are not 0."""
    states = {canonical_name(name) for name in re.findall(r"([^\W\d]\w*)['\u2032]", update)}
    states -= {"parameter", *names}
    values: dict[str, Given] = {}
    for key in table:
        name = canonical_name(key)
        if name not in states:
            raise table.error(
                key,
                say("the update rule has no state {key}", key=quote_text(key)),
                expected=near_or_all(name, sorted(states)),
            )
        numbers = say("a number or lists of numbers")
        values[name] = read_numbers(table.document, (*table.path, key), table.content[key], numbers)
    return values


def _check_choice(table: TomlTable, values: Mapping[str, Any]) -> None:
    """Raise ScenarioError where keys that say what an update sees, and when to end, do not fit."""
    samples, text = values["samples"], values["stop_when"]
    sides = re.split(r"<=|>=|<|>", "a < b" if text is None else text)
    rules = (
        (
            samples is not None and (not samples or len(set(samples)) < len(samples)),
            "samples",
            say("the list is empty or names a sample twice"),
            say("such as [0, 2]"),
        ),
        (
            values["shuffle"] and "batch_size" not in table,
            "shuffle",
            say("shuffle needs batch_size"),
            say("for example batch_size = 2"),
        ),
        (
            values["shuffle"] and "seed" not in table,
            "shuffle",
            say("shuffle needs seed"),
            say("for example seed = 1"),
        ),
        (
            "seed" in table and "shuffle" not in table,
            "seed",
            say("this seed is for shuffle, which is not there"),
            say("a seed in each drawn value, or [random]"),
        ),
        (
            len(sides) != 2 or not all(map(str.strip, sides)) or "=" in "".join(sides),
            "stop_when",
            say("this is not a comparison"),
            say('two expressions with <, <=, > or >= between, such as "loss < 1e-6"'),
        ),
    )
    for is_broken, key, what, expected in rules:
        if is_broken:
            shown = quote_text(text) if key == "stop_when" else ""
            raise table.error(key, what, found=shown, expected=expected)


def _names_in(equations: str) -> set[str]:
    """Return the names that stand in equations, outside their comments."""
    return set(re.findall(r"[^\W\d]\w*", re.sub(r"#.*", "", equations)))
