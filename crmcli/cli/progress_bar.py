"""The progress bar, in a module of its own so that rich loads only where somebody watches. Writes to stderr alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def bar(label: str, total: int | None, *, color: bool) -> Iterator[Callable[[int], None]]:
    """A bar that goes away at the end; yields `advance(steps)`. Without a total it only moves."""
    console = Console(stderr=True, no_color=not color, highlight=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(label, total=total)
        yield lambda steps: shown.advance(task, steps)
