"""The `souk` command: one door to the engine, ingestion, search and evaluation."""

from __future__ import annotations

import sys

import typer

from api.cli import register as register_api
from ingest.cli import register as register_ingest
from learn.cli import register as register_learn
from souk_demo import register as register_demo
from stack.cli import register as register_stack
from stack.errors import SoukError

app = typer.Typer(
    name="souk",
    help="E-commerce search over products, short videos and live streams, on OpenSearch.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
for register in (register_stack, register_ingest, register_api, register_learn, register_demo):
    register(app)


def main() -> None:
    """Run the command; an error a user can mend is one line with its remedy and exit code 2."""
    try:
        app()
    except SoukError as error:
        sys.stderr.write(f"souk: {error}\n")
        sys.exit(2)
    except KeyboardInterrupt:
        sys.stderr.write("souk: stopped\n")
        sys.exit(130)


if __name__ == "__main__":
    main()
