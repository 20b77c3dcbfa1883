"""The training: the batches of a job, one step each, checkpoints, and the finished folder.

The loop is our own: the library's trainer needs two more packages (datasets, accelerate), and knows neither batches
without false negatives nor weights that are averaged with the base model's.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from learn.encoder.checkpoint import Checkpoint
from learn.encoder.job import ABOUT, Job
from learn.encoder.run import Model, Run
from stack.errors import ConfigError

# Pairs of a batch that are timed for an estimate.
TIMED = 16
Told = Callable[[int, float], None]


def train(job: Job, out: Path, about: dict[str, Any], told: Told) -> float:
    """Train and write `out`, a folder that SOUK_MODEL may name. Returns the mean loss of the last tenth of the steps.

    `told(steps done, loss)` is called after each step. A checkpoint lies in `out` + ".unfinished": the same job goes on
    from there. `out` appears whole, at the end. Raises ConfigError when `out` is there already.
    """
    if out.exists():
        raise ConfigError(f"{out} is there already", "Name another folder, or delete it")
    out.parent.mkdir(parents=True, exist_ok=True)
    run = Run.start(job)
    checkpoint = Checkpoint(out.with_name(f"{out.name}.unfinished"), job.key)
    losses = checkpoint.restore(run)
    for step, batch in enumerate(job.batches()):
        if step < len(losses):
            continue
        losses.append(run.step(batch))
        told(len(losses), losses[-1])
        if len(losses) % job.rules.checkpoint == 0 and len(losses) < job.rules.steps:
            checkpoint.save(run, losses)
    last = losses[-max(1, len(losses) // 10) :]
    mean = sum(last) / len(last)
    run.average(job)
    _write(run.model, out, about | {"loss": round(mean, 4), "steps": len(losses)})
    checkpoint.remove()
    return mean


def seconds_a_step(job: Job) -> float:
    """How long a step takes here and now: that of a part of a batch, times how much longer the batch is."""
    run = Run.start(job)
    batch = next(job.batches())
    part = batch[:TIMED]
    run.step(batch[:2])  # warms up
    started = time.perf_counter()
    run.step(part)
    return (time.perf_counter() - started) * len(batch) / len(part)


def _write(model: Model, out: Path, about: dict[str, Any]) -> None:
    beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        beside.chmod(0o755)
        model.eval()
        model.save_pretrained(str(beside), create_model_card=False)
        (beside / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        beside.rename(out)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
