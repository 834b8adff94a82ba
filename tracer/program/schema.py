"""The keys of a scenario file, a row each: the one place that says what there is.

The reader, `--set`, the interface's play, `tracer new`, completion and the tables of the documents
are made of these rows. What a row cannot say (drawn values, files, keys that depend on each other)
is checked by the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.frozen import replace
from tracer.program.draws import GENERATORS, MAX_SEED
from tracer.program.key_types import (
    ChoiceType,
    FlagType,
    Key,
    KeyType,
    NamesType,
    NumberType,
    Section,
    TableType,
    TextType,
    WholeType,
)
from tracer.program.optimizers import OPTIMIZERS
from tracer.sentences import say

__all__ = [
    "EVALUATION",
    "GIVEN_TABLES",
    "LANGUAGE",
    "MAX_COUNT",
    "MAX_VARIANTS",
    "NETWORK",
    "PLOT",
    "PREDICTION",
    "RANDOM",
    "SECTIONS",
    "SETTINGS",
    "SIGN",
    "TABLES",
    "TOP",
    "TRAINING",
    "TRAINING_KEYS",
    "UPDATE",
    "belongs_to_rule",
    "canonical",
]

MAX_COUNT: Final = 1_000_000_000  # of iterations, epochs and samples
MAX_VARIANTS: Final = 32
_LINE: Final = TextType(longest=200)  # a title or a sign
_EQUATIONS: Final = TextType(
    blank=say("there are no equations"),
    example=say('equations = "…", one equation on each line'),
)
_COUNT: Final = WholeType(1, MAX_COUNT)
_OTHER_DATA: Final = Key(
    "data", TableType(), say("other numbers for names of `[data]`"), say("those of `[data]`")
)

GIVEN_TABLES: Final = ("data", "parameters", "constants")
SIGN: Final = replace(_LINE, blank=say("the sign is empty"), example=say('a sign such as "ŷ"'))

SETTINGS: Final[Mapping[str, Key]] = {
    name: key for optimizer in OPTIMIZERS.values() for name, key in optimizer.taken.items()
}
"""The numbers that some optimizer takes; its own entry has its default."""

TRAINING: Final = Section(
    "[training]",
    say("how the parameters are updated; without this table the scenario only computes"),
    (
        Key(
            "optimizer",
            ChoiceType(tuple(OPTIMIZERS)),
            say("the rule by which parameters are updated"),
            '"sgd"',
            '"adam"',
        ),
        Key(
            "learning_rate",
            NumberType(0),
            say("how far a step goes"),
            say("required"),
            "0.1",
        ),
        Key("update", TableType(), say("an update rule of your own")),
        Key("iterations", _COUNT, say("how many updates"), say("required"), "10"),
        Key("epochs", _COUNT, say("how many times through all samples"), "", "20"),
        Key(
            "sample",
            WholeType(0, MAX_COUNT),
            say("the one sample that updates see, from 0; its axis is dropped"),
            say("all"),
            "0",
        ),
        Key(
            "samples",
            WholeType(0, MAX_COUNT, many=True),
            say("the samples that updates see, from 0"),
            say("all"),
            "[0, 2]",
        ),
        Key("batch_size", _COUNT, say("how many samples an update sees"), say("all"), "2"),
        Key(
            "shuffle",
            FlagType(),
            say("whether samples are mixed before each epoch; needs `batch_size` and `seed`"),
            "false",
            "true",
        ),
        Key("seed", WholeType(0, MAX_SEED), say("the seed of `shuffle`"), "", "1"),
        Key(
            "stop_when",
            TextType(longest=1_000),
            say("a comparison of single numbers; training ends once it holds"),
            say("never"),
            '"loss < 1e-6"',
        ),
        Key(
            "trainable",
            NamesType(),
            say("the parameters that are updated; the others keep their values"),
            say("all"),
            '["w"]',
        ),
    ),
    alternatives=(("iterations", "epochs"), ("sample", "samples", "batch_size")),
    needs=(("iterations", "epochs"),),
)

TRAINING_KEYS: Final = (*TRAINING, *SETTINGS)

TOP: Final = Section(
    "",
    say("the file"),
    (
        Key("title", _LINE, say("what it is called"), '""', '"One weight"'),
        Key("description", TextType(), say("a paragraph"), '""', '"A step, worked out."'),
        Key(
            "dtype",
            ChoiceType(("float64", "float32")),
            say("the precision of the whole run"),
            '"float64"',
            '"float32"',
        ),
        TRAINING["trainable"],
    ),
)

NETWORK: Final = Section(
    "[network]",
    say("what is computed"),
    (
        Key(
            "equations",
            _EQUATIONS,
            say("the forward pass and the loss, one equation on each line"),
            say("required"),
            '"loss = (w - 1)**2"',
        ),
        Key("loss", _LINE, say("the name of the loss"), say("the last equation"), '"loss"'),
    ),
    needs=(("equations",),),
)

UPDATE: Final = Section(
    "[training.update]",
    say("an update rule of your own, in the place of an optimizer"),
    (
        Key(
            "equations",
            _EQUATIONS,
            say("how each parameter, and what the rule remembers, is updated"),
            say("required"),
            '"parameter\' = parameter - learning_rate * g"',
        ),
        Key(
            "state",
            TableType(),
            say("first values of what the rule remembers"),
            say("0 for each"),
            "{v = 1}",
        ),
    ),
    needs=(("equations",),),
)

EVALUATION: Final = Section(
    "[evaluation]",
    say("what is measured, on other data"),
    (
        Key(
            "metrics",
            NamesType(),
            say("`accuracy`, or equations that are single numbers"),
            say("required"),
            '["accuracy"]',
        ),
        _OTHER_DATA,
    ),
    needs=(("metrics",),),
)

PREDICTION: Final = Section(
    "[prediction]",
    say("what the trained network is asked for"),
    (
        Key("outputs", NamesType(), say("the quantities"), say("required"), '["y_pred"]'),
        _OTHER_DATA,
    ),
    needs=(("outputs",),),
)

RANDOM: Final = Section(
    "[random]",
    say("one stream for all drawn values"),
    (
        Key(
            "generator",
            ChoiceType(GENERATORS),
            say("which generator of NumPy draws"),
            f'"{GENERATORS[0]}"',
            f'"{GENERATORS[0]}"',
        ),
        Key("seed", WholeType(0, MAX_SEED), say("where it starts"), say("required"), "42"),
    ),
    needs=(("seed",),),
)

PLOT: Final = Section(
    "[plot]",
    say("curves that the derivation ends with: vectors of one length, drawn over one of them"),
    (
        Key("over", _LINE, say("what the others are drawn over"), say("required"), '"x"'),
        Key("quantities", NamesType(), say("a curve each"), say("required"), '["y"]'),
    ),
    needs=(("over",), ("quantities",)),
)

LANGUAGE: Final = Section(
    "[languages.zh]",
    say("the same in another language, named by its code"),
    (TOP["title"], TOP["description"]),
)

SECTIONS: Final[Mapping[str, Section]] = {
    "data": Section(
        "[data]", say("inputs and targets; the first axis of an array counts the samples")
    ),
    "parameters": Section("[parameters]", say("the first values of what is trained")),
    "constants": Section("[constants]", say("masks, sizes: never trained, and without samples")),
    "network": NETWORK,
    "notation": Section("[notation]", say("how readers see a name")),
    "training": TRAINING,
    "evaluation": EVALUATION,
    "prediction": PREDICTION,
    "plot": PLOT,
    "random": RANDOM,
    "languages": LANGUAGE,
}
"""Each table by its name; a file chooses the keys of one that has no rows here."""

TABLES: Final[Mapping[str, KeyType | None]] = {
    **{name: TableType() for name in SECTIONS},
    "variants": None,  # a list of tables
}
"""What may stand at the top of a file beside the keys of `TOP`."""


def belongs_to_rule(key: str) -> bool:
    """Tell whether a key of [training] says by which rule parameters are updated."""
    return key in ("optimizer", "update") or key not in TRAINING


def canonical(name: str) -> str:
    """Return a name as equations know it: θ is theta, ŷ is y_hat, w₁ is w1."""
    if name.isascii():
        return name
    from tracer.expression.names import unicode_parts  # only where somebody writes such a name

    parts = unicode_parts(name)
    return parts.plain() if parts.base else name  # a subscript alone is no name
