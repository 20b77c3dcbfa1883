"""Which browser drives the pages, and how it is started."""

from __future__ import annotations

import os
import shutil

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),  # chromium refuses its sandbox to root
]
without_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on PATH: install the package chromium")
