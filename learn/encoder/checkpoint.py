"""The state of an unfinished training in a folder beside the result: what a killed run goes on from."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from learn.encoder.run import Run
from stack.errors import ConfigError


@dataclass(frozen=True)
class Checkpoint:
    """`folder` holds it; `key` says of which job it is."""

    folder: Path
    key: str

    def restore(self, run: Run) -> list[float]:
        """Put the saved state of this very job into `run`; the losses of the steps that it has done, else none."""
        import torch

        try:
            state = torch.load(self.folder / "state.pt", map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return []
        except Exception as error:  # torch raises what it likes for a broken file
            raise ConfigError(f"{self.folder}: the checkpoint cannot be read ({error})", "Delete it") from error
        if state["key"] != self.key:
            raise ConfigError(
                f"{self.folder} is of another training (other pairs, numbers or base model)", "Delete it to start anew"
            )
        run.model.load_state_dict(state["model"])
        run.optimizer.load_state_dict(state["optimizer"])
        run.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["random"])
        return list(state["losses"])

    def save(self, run: Run, losses: list[float]) -> None:
        """Replace the saved state; a kill in the middle leaves the one before."""
        import torch

        self.folder.mkdir(exist_ok=True)
        state = {
            "key": self.key,
            "losses": losses,
            "model": run.model.state_dict(),
            "optimizer": run.optimizer.state_dict(),
            "schedule": run.schedule.state_dict(),
            "random": torch.get_rng_state(),
        }
        torch.save(state, self.folder / "state.new")
        (self.folder / "state.new").replace(self.folder / "state.pt")

    def remove(self) -> None:
        """Delete it: the training is done."""
        shutil.rmtree(self.folder, ignore_errors=True)
