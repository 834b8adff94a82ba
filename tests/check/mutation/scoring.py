"""Count what a checker says of right documents and of their mutants."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from tests.check.mutation.checker_under_test import Finding, Judgement, ask_checker
from tests.check.mutation.fraction_intervals import UndefinedValueError
from tests.check.mutation.hands import HANDS, draw_hand
from tests.check.mutation.mutants import Document, Mutant, mutants_of, write_document
from tests.check.mutation.mutations import OPPOSITES
from tests.check.mutation.pages import Page
from tests.check.mutation.worked_networks import NETWORKS, draw_network
from tests.check.mutation.working import WorkedLine, leaves_open

__all__ = [
    "SETTINGS",
    "Ask",
    "Job",
    "Miss",
    "Outcome",
    "Setting",
    "document_of",
    "jobs_of",
    "line_verdict",
    "run_job",
    "score_mutant",
    "score_right",
    "text_of",
]

Setting: TypeAlias = Literal["without", "with"]
SETTINGS: Final[tuple[Setting, ...]] = ("without", "with")
Ask: TypeAlias = Callable[[str, str, Path | None, float], Judgement]
ATTEMPTS: Final = 50  # drawn networks, before one has figures that go
VERDICTS: Final = ("slip", "carried_forward", "undecided", "not_checked")  # the gravest first
ALARMS: Final = ("slip", "carried_forward")
NO_CAUSE: Final = (None, "plain_slip")  # says that the figure is wrong, and not why


@dataclass(frozen=True)
class Job:
    """A document to write, and how it is to be checked."""

    network: str
    hand: str
    seed: str
    share: float
    settings: tuple[Setting, ...]
    seconds: float

    @property
    def identity(self) -> str:
        """What finds the document again: seed, number, network, hand."""
        return f"{self.seed}/{self.network}/{self.hand}"


@dataclass(frozen=True)
class Miss:
    """A line that was judged wrongly, for a developer to see."""

    setting: Setting
    what: str  # the mutation's name, or "right line"
    hand: str
    verdict: str
    document: str
    line: str
    message: str


@dataclass
class Outcome:
    """Counts of one document or of many, and what was missed."""

    counts: Counter[str] = field(default_factory=Counter)
    misses: list[Miss] = field(default_factory=list)


def jobs_of(
    networks: Sequence[str],
    hands: Sequence[str],
    count: int,
    seed: int,
    share: float,
    settings: tuple[Setting, ...],
    seconds: float,
) -> list[Job]:
    """Return the documents to write, each pair of a network and a hand as often as any other."""
    pairs = [(network, hand) for network in networks for hand in hands]
    random.Random(seed).shuffle(pairs)
    return [
        Job(*pairs[number % len(pairs)], f"{seed}/{number}", share, settings, seconds)
        for number in range(count)
    ]


def document_of(identity: str) -> Document:
    """Return the right document of an identity; the same one each time.

    Raises ValueError for an identity that names no network or no hand.
    """
    _, _, network_name, hand_name = identity.split("/")
    if network_name not in NETWORKS or hand_name not in HANDS:
        raise ValueError(f"no such document: {identity}")
    for attempt in range(ATTEMPTS):
        source = random.Random(f"{identity}/{attempt}")
        network = draw_network(network_name, source)
        hand = draw_hand(hand_name, network.keys, source)
        try:
            return write_document(network, hand, f"{identity}/{attempt}")
        except UndefinedValueError:
            continue
    raise RuntimeError(f"no figures go for {identity}")


# ---- one document


def run_job(job: Job, folder: Path, ask: Ask = ask_checker) -> dict[Setting, Outcome]:
    """Write a document and its mutants, have them checked, and count."""
    document = document_of(job.identity)
    scenario = folder / "network.toml"
    scenario.write_text(document.network.scenario(), encoding="utf-8")
    source = random.Random(f"{job.identity}/mutants")
    mutants = list(mutants_of(document, job.share, source)) if job.share else []
    outcomes: dict[Setting, Outcome] = {}
    for setting in job.settings:
        path = scenario if setting == "with" else None
        judgement = ask(document.page.text, document.page.kind, path, job.seconds)
        outcome = score_right(document, judgement, setting, job.identity)
        for mutant in mutants:
            if mutant.is_changed_alone or setting == "with":
                judged = ask(mutant.page.text, mutant.page.kind, path, job.seconds)
                scored = score_mutant(mutant, judged, setting, job)
                outcome.counts += scored.counts
                outcome.misses += scored.misses
        outcomes[setting] = outcome
    return outcomes


def line_verdict(findings: Sequence[Finding]) -> str:
    """Return one verdict on a worked line, the gravest of its findings; "silent" without any."""
    verdicts = {finding.verdict for finding in findings}
    for verdict in VERDICTS:
        if verdict in verdicts:
            return verdict
    return "certified" if verdicts else "silent"


def _on(lines: set[tuple[int | None, int]], judgement: Judgement) -> list[Finding]:
    return [finding for finding in judgement.findings if (finding.cell, finding.line) in lines]


def _messages(findings: Sequence[Finding]) -> str:
    return "; ".join(f"{finding.verdict}: {finding.message}" for finding in findings[:2])


def score_right(
    document: Document, judgement: Judgement, setting: Setting, identity: str
) -> Outcome:
    """Count the lines of a right document: how many are certified, and how many blamed."""
    outcome = Outcome()
    counts = outcome.counts
    counts["documents"] += 1
    counts["failures"] += judgement.failure is not None
    counts["conventions"] += judgement.convention is not None
    counts["parts"] += judgement.parts
    counts["bound parts"] += judgement.bound_parts
    worked: set[tuple[int | None, int]] = set()
    for line in document.lines:
        places = document.page.lines_of(line.number)
        worked |= places
        findings = _on(places, judgement)
        verdict = "failure" if judgement.failure else line_verdict(findings)
        counts["false alarms"] += verdict in ALARMS
        is_worked = _is_checkable(line, setting)
        if is_worked:
            counts["lines"] += 1
            counts[verdict] += 1
        if verdict in ALARMS or (is_worked and verdict != "certified"):
            shown = text_of(document.page, places)
            message = judgement.failure or _messages(findings)
            outcome.misses.append(
                Miss(setting, "right line", document.hand.name, verdict, identity, shown, message)
            )
    for finding in judgement.findings:
        if finding.verdict in ALARMS and (finding.cell, finding.line) not in worked:
            counts["false alarms"] += 1
            shown = text_of(document.page, {(finding.cell, finding.line)})
            outcome.misses.append(
                Miss(setting, "right given", document.hand.name, finding.verdict, identity, shown,
                     finding.message)
            )  # fmt: skip
    return outcome


def _is_checkable(line: WorkedLine, setting: Setting) -> bool:
    """Say whether something can be certified: two sides, whose values are there to compare.

    Without a scenario that takes stated values, and figures that are not rounded so much that
    they would give other results too.
    """
    if len(line.sides) < 2:
        return False
    is_comparable = "figures" in line.roles or not line.unstated
    return setting == "with" or (is_comparable and not leaves_open(line))


def score_mutant(mutant: Mutant, judgement: Judgement, setting: Setting, job: Job) -> Outcome:
    """Count whether the slip was found on its line, certified, and named."""
    outcome = Outcome()
    counts = outcome.counts
    places = mutant.page.lines_of(mutant.number)
    findings = _on(places, judgement)
    verdict = "failure" if judgement.failure else line_verdict(findings)
    is_found = verdict == "slip"
    counts["mutants"] += 1
    counts["mutants stated"] += mutant.states_all
    counts["found"] += is_found
    counts["found stated"] += is_found and mutant.states_all
    counts[f"mutant {verdict}"] += 1
    counts["besides"] += sum(
        finding.verdict == "slip" and (finding.cell, finding.line) not in places
        for finding in judgement.findings
    )
    counts["conventions in mutants"] += judgement.convention is not None
    if is_found:
        causes = set(mutant.causes)
        if setting == "without" and mutant.is_symmetric:
            causes |= {OPPOSITES[cause] for cause in causes & OPPOSITES.keys()}
        blamed = next(f for f in findings if f.verdict == "slip")
        if _is_cause_right(mutant, causes, blamed, counts):
            return outcome
        verdict = f"as {blamed.cause}"
    shown = text_of(mutant.page, places)
    what = f"{mutant.mutation.name} ({mutant.role}, {mutant.mode})"
    message = judgement.failure or _messages(findings)
    outcome.misses.append(Miss(setting, what, job.hand, verdict, job.identity, shown, message))
    return outcome


def _is_cause_right(
    mutant: Mutant, causes: set[str], finding: Finding, counts: Counter[str]
) -> bool:
    """Count whether the finding marks the slip's place and names its kind and cause.

    Tell whether its cause is right, or none is named.
    """
    counts["span right"] += any(
        span.line == line and span.start < end and start < span.end
        for span in mutant.spans
        for line, start, end in finding.spans
    )
    counts["kind right"] += finding.kind in mutant.kinds
    counts["nameable"] += bool(causes)
    if finding.cause in NO_CAUSE:
        return True
    is_right = finding.cause in causes if causes else finding.kind in mutant.kinds
    counts["named nameable"] += bool(causes)
    counts["named"] += 1
    counts["cause right"] += is_right
    counts[f"wrong cause: {mutant.mutation.name} as {finding.cause}"] += not is_right
    return is_right


def text_of(page: Page, places: set[tuple[int | None, int]]) -> str:
    """Return the raw text of some lines; those of a notebook are found by its cells."""
    cells: dict[int | None, list[str]] = {None: page.text.split("\n")}
    if page.kind == "ipynb":
        sources = [cell["source"] for cell in json.loads(page.text)["cells"]]
        cells |= {number: "".join(rows).split("\n") for number, rows in enumerate(sources, 1)}
    shown: list[str] = []
    for cell, line in sorted(places, key=lambda place: (place[0] or 0, place[1])):
        rows = cells.get(cell, [])
        shown.append(rows[line - 1].strip() if line <= len(rows) else "")
    return " ⏎ ".join(shown)
