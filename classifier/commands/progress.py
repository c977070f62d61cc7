"""How far a long run is: a bar on a terminal, a plain line now and then in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from classifier.commands.console import is_terminal, report

if TYPE_CHECKING:
    from classifier.batches.tally import Tally

T = TypeVar("T")

MANY_FILES = 20
"""More files than this get a progress bar: fewer are done before one has read it."""

INTERVAL = 30.0
"""Seconds between two lines where there is no terminal."""

WINDOW = 60.0
"""Seconds over which the rate is taken: what was already done, and what was slow an hour ago, does not count."""


class Pace:
    """How fast a run is, and what is left of it. Results that were there already take no time and do not count."""

    def __init__(self, tally: Tally, clock: Callable[[], float] = time.monotonic) -> None:
        self._tally = tally
        self._clock = clock
        self._marks = deque([(clock(), 0)])
        self.total: int | None = None
        """Inputs there are, once somebody has counted them."""

    def rate(self) -> float:
        """Return inputs a second, 0 if there is nothing to tell it from."""
        now, worked = self._clock(), self._tally.total - self._tally.skipped
        if now - self._marks[-1][0] >= 1:
            self._marks.append((now, worked))
        while len(self._marks) > 1 and now - self._marks[1][0] > WINDOW:
            self._marks.popleft()
        since, before = self._marks[0]
        return (worked - before) / (now - since) if now > since else 0.0

    def left(self) -> float | None:
        """Return the seconds left, if they can be told."""
        rate = self.rate()
        if self.total is None or not rate:
            return None
        return max(0, self.total - self._tally.total) / rate

    def __str__(self) -> str:
        """Return ``1,200 of 5,000, 3 failed, 198 already done; 12.3 a second, about 4 min left``."""
        tally = self._tally
        counts = [f"{tally.total:,}" if self.total is None else f"{tally.total:,} of {self.total:,}"]
        counts += [f"{tally.failed:,} failed"] if tally.failed else []
        counts += [f"{tally.skipped:,} already done"] if tally.skipped else []
        speeds = [f"{self.rate():.3g} a second"]
        left = self.left()
        speeds += [] if left is None else [f"about {duration(left)} left"]
        return f"{', '.join(counts)}; {', '.join(speeds)}"


def duration(seconds: float) -> str:
    """Return ``40 s``, ``4 min`` or ``2 h 10 min``."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60:,} h {minutes % 60} min"


@contextmanager
def watch(
    tally: Tally, names: Iterator[str] | None, *, bar: bool, is_slow: Callable[[str], bool] = lambda _: False
) -> Iterator[Callable[[Iterable[T]], Iterable[T]]]:
    """Give a function that passes results on and shows how far they are.

    Parameters
    ----------
    names
        The inputs once more, to be counted while the run goes on; ``None`` where they cannot be had twice.
    is_slow
        Whether a name is that of a scan, of which one page takes as long as a hundred of text.
    bar
        Whether standard error may show a bar, if it is a terminal: not where results appear on the same one.
    """
    if not is_terminal(sys.stderr):
        pace = Pace(tally)
        with _counted(pace, names):
            yield lambda results: _with_lines(results, pace)
        return
    first = [] if names is None else list(islice(names, MANY_FILES + 1))
    many = 1 if any(map(is_slow, first)) else MANY_FILES
    if not bar or (names is not None and len(first) <= many):
        yield iter
        return
    with _bar(tally, names, len(first)) as track:
        yield track


@contextmanager
def _counted(pace: Pace, names: Iterator[str] | None, before: int = 0) -> Iterator[None]:
    """Count in the background; a million files take some seconds, which nobody should wait for."""
    stopped = threading.Event()

    def count() -> None:
        number = before
        for _ in names or ():
            number += 1
            if stopped.is_set():
                return
        pace.total = number

    if names is not None:
        threading.Thread(target=count, daemon=True).start()
    try:
        yield
    finally:
        stopped.set()


def _with_lines(results: Iterable[T], pace: Pace) -> Iterator[T]:
    due = time.monotonic() + INTERVAL
    for result in results:
        if time.monotonic() >= due:
            report(str(pace))
            due = time.monotonic() + INTERVAL
        yield result


@contextmanager
def _bar(tally: Tally, names: Iterator[str] | None, counted: int) -> Iterator[Callable[[Iterable[T]], Iterable[T]]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    pace = Pace(tally)
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]}")
    with (
        _counted(pace, names, counted),
        Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as progress,
    ):
        task = progress.add_task("", total=None, pace="")

        def show() -> None:
            left = pace.left()
            speed = f"{pace.rate():.3g}/s" + ("" if left is None else f", {duration(left)} left")
            failed = f", {tally.failed:,} failed" if tally.failed else ""
            progress.update(task, completed=tally.total, total=pace.total, pace=speed + failed)

        def track(results: Iterable[T]) -> Iterator[T]:
            due = 0.0
            for result in results:
                if time.monotonic() >= due:
                    show()
                    due = time.monotonic() + 0.1
                yield result
            show()
            progress.refresh()

        yield track
