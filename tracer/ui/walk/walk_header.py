"""The line above the walk: where one stands, of how much, and what goes on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracer.expression.syntax import Name
from tracer.narrative.derivation_options import PHASES
from tracer.narrative.session import Session
from tracer.operations.numbers import sample_number, written_text
from tracer.sentences import Sentence, say
from tracer.ui.parts.host import Host
from tracer.ui.parts.tracer_screen import HeaderPart
from tracer.ui.walk.card_pane import Side

METER: Final = 5  # signs of the meter


def header_parts(tracer: Host, side: Side, states: Sequence[Sentence]) -> list[HeaderPart]:
    """Return what stands in the header, at a card or at a step; `states` say what goes on."""
    session, words = tracer.session, tracer.words
    name = HeaderPart([(tracer.text(session.scenario.name), "faint")], 3)
    if side:
        where = say("before the first step") if side == "first" else say("after the last step")
        return [HeaderPart([(words(where), "strong")]), name]
    place, count = session.place, len(session.equations())
    full, empty = ("▰", "▱") if words.unicode else ("#", ".")
    done = round((place.step + 1) * METER / count)
    meter = f" {full * done}{empty * (METER - done)} "
    phase = words(Sentence(PHASES[session.phase])).lower()
    step = words(say("step {number}/{count}", number=place.step + 1, count=count))
    iteration = say("iteration {number}/{count}", number=place.iteration, count=session.count)
    parts = [
        HeaderPart([(words(iteration), "")]),
        *(HeaderPart([(words(sentence), "")], 2) for sentence in _sample_sentences(session)),
        HeaderPart([(step, ""), (meter, "strong"), (phase, "strong")]),
    ]
    if rate := _learning_rate(tracer):
        parts.append(HeaderPart([(rate, "")], 1))
    parts += [HeaderPart([(tracer.text(state), "strong")]) for state in states]
    return [*parts, name]


def _sample_sentences(session: Session) -> list[Sentence]:
    """Say which epoch it is, and which of the samples the iteration sees."""
    samples, count = session.sample_counts()
    training = session.scenario.training
    found: list[Sentence] = []
    if training is not None and training.batch_size is not None:
        found.append(say("epoch {number}", number=session.iteration.epoch))
    if samples is None or count is None:
        return found
    if training is not None and training.sample is not None:
        number = sample_number(samples[0])
        found.append(say("sample {number} of {count}", number=number, count=count))
    elif len(samples) < count:
        found.append(say("{number} of {count} samples", number=len(samples), count=count))
    return found


def _learning_rate(tracer: Host) -> str:
    """Return the learning rate with the sign that stands for it in the formulas."""
    training = tracer.session.scenario.training
    if training is None or training.learning_rate is None:
        return ""
    value = written_text(training.learning_rate.written_entry(0))
    symbol = tracer.mathematics.inline(Name("learning_rate"))
    if len(symbol) > 1:
        return f"{symbol} {value}"
    return tracer.words(say("rate {symbol} {value}", symbol=symbol, value=value))
