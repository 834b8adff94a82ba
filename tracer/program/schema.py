"""The keys of a scenario file, a row each: the one place that says what there is.

The reader, `--set`, the interface's play, `tracer new`, completion and the tables of the documents
are made of these rows. What a row cannot say (drawn values, files, keys that depend on each other)
is checked by the reader.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tracer.frozen import replace
from tracer.program.document import (
    ChoiceType,
    FlagType,
    KeyType,
    NamesType,
    NumberType,
    ScenarioKey,
    ScenarioSection,
    TableType,
    TextType,
    WholeType,
)
from tracer.program.optimizers import OPTIMIZERS
from tracer.program.value_sources import GENERATORS, MAX_SEED
from tracer.sentences import say

MAX_COUNT: Final = 1_000_000_000  # the largest number of samples
MAX_STEPS: Final = 10_000_000  # the largest number of updates in a run
MAX_VARIANTS: Final = 32
_LINE: Final = TextType(longest=200)  # a title or a sign
_EQUATIONS: Final = TextType(
    blank=say("there are no equations"),
    example=say('equations = "…", one equation on each line'),
)
_COUNT: Final = WholeType(1, MAX_COUNT)
_STEPS: Final = WholeType(1, MAX_STEPS)
_OTHER_DATA: Final = ScenarioKey(
    "data", TableType(), say("other numbers for names of `[data]`"), say("those of `[data]`")
)

GIVEN_TABLES: Final = ("data", "parameters", "constants")
SIGN: Final = replace(_LINE, blank=say("the sign is empty"), example=say('a sign such as "ŷ"'))

SETTINGS: Final[Mapping[str, ScenarioKey]] = {
    name: key
    for optimizer in OPTIMIZERS.values()
    for name, key in optimizer.accepted_settings.items()
}
"""The numbers that some optimizer takes; its own entry has its default."""

TRAINING: Final = ScenarioSection(
    "[training]",
    say("how the parameters are updated; without this table the scenario only computes"),
    (
        ScenarioKey(
            "optimizer",
            ChoiceType(tuple(OPTIMIZERS)),
            say("the rule by which parameters are updated"),
            '"sgd"',
            '"adam"',
        ),
        ScenarioKey(
            "learning_rate",
            NumberType(0),
            say("how far a step goes"),
            say("required"),
            "0.1",
        ),
        ScenarioKey("update", TableType(), say("an update rule of your own")),
        ScenarioKey("iterations", _STEPS, say("how many updates"), say("required"), "10"),
        ScenarioKey("epochs", _STEPS, say("how many passes through all samples"), "", "20"),
        ScenarioKey(
            "sample",
            WholeType(0, MAX_COUNT),
            say("the one sample that updates use, counted from 0; its axis is dropped"),
            say("all"),
            "0",
        ),
        ScenarioKey(
            "samples",
            WholeType(0, MAX_COUNT, many=True),
            say("the samples that updates use, counted from 0"),
            say("all"),
            "[0, 2]",
        ),
        ScenarioKey("batch_size", _COUNT, say("how many samples an update uses"), say("all"), "2"),
        ScenarioKey(
            "shuffle",
            FlagType(),
            say("whether to shuffle the samples before each epoch; needs `batch_size` and `seed`"),
            "false",
            "true",
        ),
        ScenarioKey("seed", WholeType(0, MAX_SEED), say("the seed of `shuffle`"), "", "1"),
        ScenarioKey(
            "stop_when",
            TextType(longest=1_000),
            say("a comparison of single numbers; training ends once it holds"),
            say("never"),
            '"loss < 1e-6"',
        ),
        ScenarioKey(
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

TOP: Final = ScenarioSection(
    "",
    say("the file"),
    (
        ScenarioKey("title", _LINE, say("what it is called"), '""', '"One weight"'),
        ScenarioKey("description", TextType(), say("a paragraph"), '""', '"A step, worked out."'),
        ScenarioKey(
            "dtype",
            ChoiceType(("float64", "float32")),
            say("the precision of the whole run"),
            '"float64"',
            '"float32"',
        ),
        TRAINING["trainable"],
    ),
)

NETWORK: Final = ScenarioSection(
    "[network]",
    say("what is computed"),
    (
        ScenarioKey(
            "equations",
            _EQUATIONS,
            say("the forward pass and the loss, one equation on each line"),
            say("required"),
            '"loss = (w - 1)**2"',
        ),
        ScenarioKey("loss", _LINE, say("the name of the loss"), say("the last equation"), '"loss"'),
    ),
    needs=(("equations",),),
)

UPDATE: Final = ScenarioSection(
    "[training.update]",
    say("an update rule of your own, instead of an optimizer"),
    (
        ScenarioKey(
            "equations",
            _EQUATIONS,
            say("how each parameter and each state of the rule is updated"),
            say("required"),
            '"parameter\' = parameter - learning_rate * g"',
        ),
        ScenarioKey(
            "state",
            TableType(),
            say("initial values of the rule's state"),
            say("0 for each"),
            "{v = 1}",
        ),
    ),
    needs=(("equations",),),
)

EVALUATION: Final = ScenarioSection(
    "[evaluation]",
    say("what is measured, on other data"),
    (
        ScenarioKey(
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

PREDICTION: Final = ScenarioSection(
    "[prediction]",
    say("what the trained network predicts"),
    (
        ScenarioKey("outputs", NamesType(), say("the quantities"), say("required"), '["y_pred"]'),
        _OTHER_DATA,
    ),
    needs=(("outputs",),),
)

RANDOM: Final = ScenarioSection(
    "[random]",
    say("one stream for all drawn values"),
    (
        ScenarioKey(
            "generator",
            ChoiceType(GENERATORS),
            say("which generator of NumPy draws"),
            f'"{GENERATORS[0]}"',
            f'"{GENERATORS[0]}"',
        ),
        ScenarioKey("seed", WholeType(0, MAX_SEED), say("where it starts"), say("required"), "42"),
    ),
    needs=(("seed",),),
)

ASKED: Final = {"evaluation": "metrics", "prediction": "outputs"}
"""What a network is asked for on other data: the key of each table that asks."""

PLOT: Final = ScenarioSection(
    "[plot]",
    say("curves at the end of the derivation: vectors of one length, drawn over one of them"),
    (
        ScenarioKey("over", _LINE, say("what the others are drawn over"), say("required"), '"x"'),
        ScenarioKey("quantities", NamesType(), say("one curve for each"), say("required"), '["y"]'),
    ),
    needs=(("over",), ("quantities",)),
)

LANGUAGE: Final = ScenarioSection(
    "[languages.zh]",
    say("the same in another language, named by its code"),
    (TOP["title"], TOP["description"]),
)

SECTIONS: Final[Mapping[str, ScenarioSection]] = {
    "data": ScenarioSection(
        "[data]", say("inputs and targets; the first axis of an array counts the samples")
    ),
    "parameters": ScenarioSection("[parameters]", say("initial values of what is trained")),
    "constants": ScenarioSection(
        "[constants]", say("masks, sizes: never trained, and without samples")
    ),
    "network": NETWORK,
    "notation": ScenarioSection("[notation]", say("how a name looks to readers")),
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
