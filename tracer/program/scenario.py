"""A scenario file, read, checked and frozen. It knows no equation: those are texts here.

What is wrong with a file is a ScenarioError that names file, line, key, what was found and what
was expected. Nothing is guessed, and nothing is drawn or read before its size is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tracer.bounded_read import is_folder, read_text
from tracer.bundled import scenarios_folder
from tracer.errors import ScenarioError, TracerError, nearest
from tracer.frozen import Frozen, Value
from tracer.program.document import Document, quote_text, with_near
from tracer.program.given_array import GivenArray
from tracer.program.overrides import (
    apply_changes,
    apply_variant,
    one_line,
    setting_key,
    settings_of,
    variant_tables,
)
from tracer.program.scenario_draft import (
    FileNumbers,
    OtherData,
    PlotRequest,
    ScenarioDraft,
    Training,
    Translation,
)
from tracer.program.schema import MAX_VARIANTS
from tracer.program.value_sources import Draw
from tracer.sentences import Code, Local, say

MAX_BYTES: Final = 1_000_000


class Variant(Value):
    """The same scenario with other values; `settings` says which, each as KEY=VALUE."""

    name: str
    settings: tuple[str, ...]


class Scenario(Frozen):
    """A network, its numbers and its training, as a file says them."""

    name: str
    path: Path | None
    text: str
    overrides: tuple[str, ...]
    variant_name: str  # the name of the chosen variant; "" where none was chosen
    title: str
    description: str
    translations: Mapping[str, Translation]  # keys are codes of languages
    data: Mapping[str, GivenArray]
    parameters: Mapping[str, GivenArray]
    constants: Mapping[str, GivenArray]
    equations: str
    loss: str | None
    notation: Mapping[str, str]
    trainable: tuple[str, ...] | None
    training: Training | None
    evaluation: OtherData | None
    prediction: OtherData | None
    plot: PlotRequest | None
    variants: tuple[Variant, ...]
    dtype: str
    document: Document  # the file's text with the line of each key, for messages
    file_numbers: FileNumbers | None = None  # from a saved run; None: read the files
    derived_by: tuple[str, ...] = ()  # given quantities besides, by which the loss is derived

    def variant(self, name: str) -> Scenario:
        """Return the variant of that name, with this scenario's overrides on top.

        Raises: ScenarioError where there is none, and for the scenario of a saved run, which has
        the numbers of its own files alone.
        """
        if self.file_numbers is not None:
            raise ScenarioError(
                say("a saved run has no other variants"),
                where=self.label,
                found=quote_text(name),
                expected=say("the file of the scenario"),
            )
        return self._changed(self.overrides, name)

    def variant_heading(self, variant: Variant) -> Local | Code:
        """Return the title that a variant gives itself, in all its languages; else its name."""
        has_title = any("title" in setting_key(setting) for setting in variant.settings)
        if not has_title or self.file_numbers is not None:
            return Code(variant.name)
        return self.variant(variant.name).heading

    def with_overrides(self, settings: Sequence[str]) -> Scenario:
        """Return this scenario with further `KEY=VALUE` settings.

        Raises: ScenarioError where a key is unknown or a value does not fit.
        """
        return self._changed((*self.overrides, *settings), self.variant_name)

    def _changed(self, settings: Sequence[str], variant: str) -> Scenario:
        return loads(
            self.text,
            name=self.name,
            path=self.path,
            label=self.label,
            settings=settings,
            variant=variant,
            file_numbers=self.file_numbers,
        )

    @property
    def given_tables(self) -> Mapping[str, Mapping[str, GivenArray]]:
        """The numbers by table and name, those of the evaluation and the prediction too."""
        return {
            "data": self.data,
            "parameters": self.parameters,
            "constants": self.constants,
            "evaluation": {} if self.evaluation is None else self.evaluation.data,
            "prediction": {} if self.prediction is None else self.prediction.data,
        }

    @property
    def numbers_of_files(self) -> FileNumbers:
        """The numbers that were read from files, by table and name."""
        return {
            (table, name): given
            for table, givens in self.given_tables.items()
            for name, given in givens.items()
            if given.exact is None and not isinstance(given.origin, Draw)
        }

    @property
    def heading(self) -> Local:
        """The title in all its languages; the name where there is none."""
        others = {code: item.title for code, item in self.translations.items() if item.title}
        return Local(self.title or self.name, others)

    @property
    def purpose(self) -> Local:
        """The description in all its languages, on one line."""
        others = {
            code: " ".join(item.description.split())
            for code, item in self.translations.items()
            if item.description
        }
        return Local(" ".join(self.description.split()), others)

    def arguments(self, *, without: str = "") -> tuple[str, ...] | None:
        """Return what a command names this scenario by: its file, variant and settings.

        One setting may be left out, as another value of it follows. None where no file has this
        text, so that no command would get the same numbers.
        """
        bundled_path = scenarios_folder() / f"{self.name}.toml"
        if self.name in bundled() and self.text == _read_scenario(bundled_path, self.name):
            source = self.name
        elif self.path is not None and self._is_text_of(self.path):
            source = f"./{self.path}" if str(self.path).startswith("-") else str(self.path)
        else:
            return None
        variant = ("--variant", self.variant_name) if self.variant_name else ()
        kept = [item for item in self.overrides if without not in setting_key(item)]
        return (source, *variant, *chain.from_iterable(("--set", one_line(it)) for it in kept))

    def _is_text_of(self, path: Path) -> bool:
        try:
            return self.text == _read_scenario(path, self.label)
        except ScenarioError:
            return False

    @property
    def label(self) -> str:
        """The name of the file in messages."""
        return self.document.label

    def where(self, *path: str) -> str:
        """Return the place of a key as messages name it."""
        return self.document.where(path)


@cache
def bundled() -> tuple[str, ...]:
    """Return the names of the scenarios that come with tracer, sorted."""
    return tuple(sorted(path.stem for path in scenarios_folder().glob("*.toml")))


def load(source: str | Path, *, settings: Sequence[str] = ()) -> Scenario:
    """Return the scenario of a bundled name, or of a path that has a separator or ends in .toml.

    Raises: ScenarioError where there is none, or where it cannot be used.
    """
    text = str(source)
    if text.endswith(".npz"):
        raise ScenarioError(
            say("a scenario is needed here, not a saved run"),
            where=text,
            expected=say("a name that `tracer list` shows, or the path of a .toml file"),
        )
    is_path = isinstance(source, Path) or "/" in text or "\\" in text or text.endswith(".toml")
    if is_path or (text not in bundled() and is_folder(text)):
        path, label = Path(source), text
    elif text not in bundled():
        raise ScenarioError(
            with_near(
                say("there is no scenario {text}", text=quote_text(text)),
                nearest(text, bundled()),
            ),
            expected=say("a name that `tracer list` shows, or the path of a .toml file"),
        )
    else:
        path = scenarios_folder() / f"{text}.toml"
        label = path.name
    text = _read_scenario(path, label)
    return loads(text, name=path.stem, path=path, label=label, settings=settings)


def loads(
    text: str,
    *,
    name: str = "scenario",
    path: Path | None = None,
    label: str = "",
    settings: Sequence[str] = (),
    variant: str = "",
    file_numbers: FileNumbers | None = None,
) -> Scenario:
    """Return the scenario that a TOML text says; `path` is where its data files stand beside.

    Messages call it by its `label`, else its path or name. `file_numbers` are those of a saved run:
    they are not read from files, and there are no other variants.
    Raises: ScenarioError where it cannot be used.
    """
    label = label or (str(path) if path else name)
    for part in (text, *settings):
        try:
            size = len(part.encode())
        except UnicodeEncodeError:
            raise ScenarioError(say("the text is not Unicode"), where=label) from None
        if size > MAX_BYTES:
            raise ScenarioError(
                say("the scenario is too large"),
                where=label,
                expected=say("at most {most}", most=f"{MAX_BYTES // 1_000_000} MB"),
            )
    folder = path.parent if path is not None else None
    document = Document(text, label)
    variants = _checked_variants(document, folder, are_checked=file_numbers is None)
    apply_changes(document, variant, settings)
    draft = ScenarioDraft(document, folder, file_numbers)
    values = draft.values()
    network = draft.network
    others = {
        name: None if asked is None else OtherData(asked, values[name])
        for name, asked in draft.asked.items()
    }
    return Scenario(
        name=name,
        path=path,
        text=text,
        overrides=tuple(settings),
        variant_name=variant,
        title=draft.title,
        description=draft.description,
        translations=MappingProxyType(draft.translations),
        data=values["data"],
        parameters=values["parameters"],
        constants=values["constants"],
        equations=network[0],
        loss=network[1],
        notation=draft.notation,
        trainable=draft.trainable,
        training=draft.training,
        evaluation=others["evaluation"],
        prediction=others["prediction"],
        plot=draft.plot,
        variants=variants,
        dtype=draft.dtype,
        document=document,
        file_numbers=file_numbers,
    )


def _read_scenario(path: Path, label: str) -> str:
    try:
        return read_text(path, most=MAX_BYTES, name=label)
    except TracerError as error:
        raise ScenarioError(
            error.what, where=error.where, found=error.found, expected=error.expected
        ) from None


def _checked_variants(
    document: Document, folder: Path | None, *, are_checked: bool
) -> tuple[Variant, ...]:
    """Return the variants, each of them checked as a scenario of its own.

    Those of a saved run are not: what they read from files is not in it.
    """
    if "variants" not in document.content:
        return ()
    tables = variant_tables(document)
    if len(tables) > MAX_VARIANTS:
        raise document.error(
            ("variants",),
            say("too many variants"),
            found=str(len(tables)),
            expected=say("at most {most}", most=MAX_VARIANTS),
        )
    variants = [Variant(table.content["name"], settings_of(table)) for table in tables]
    for variant in variants if are_checked else ():
        changed = document.copy()
        apply_variant(changed, variant.name)
        ScenarioDraft(changed, folder, None)
    return tuple(variants)
