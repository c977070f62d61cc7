"""Worker processes on this machine, some of which may die.

The processes are joblib's (its loky backend, used directly: ``Parallel`` ends a run when one of them is killed). Chunks
of inputs go out in order and come back in order. When a process dies - out of memory, killed, crashed in native code -
the chunks that were being worked on are done once more, input by input in a process of their own; an input that kills
that one too is a failure, and all others go on.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from classifier.batches.sources import Source
from classifier.document import Failure, PageResult
from classifier.errors import WorkerError

Task = Callable[[list[Source]], list[PageResult]]

WINDOW = 16
"""Chunks a worker may be ahead of what has been taken: results wait in memory for a slow reader, or a slow page."""

DEATHS = 10
"""So many inputs in a row that kill their process mean that it is not the inputs."""

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""For workers: each has a core, and threads of their own would only be in the way."""


def lost(source: Source) -> PageResult:
    """Return the result for an input that killed its worker twice."""
    message = "its worker process was killed twice, perhaps for want of memory; run it alone, or with fewer -j"
    return PageResult(source.path, id=source.id, failure=Failure("worker", message))


def settled(chunk: list[Source]) -> list[PageResult] | None:
    """Return the results of a chunk in which there is nothing to do, ``None`` of any other."""
    if not all(source.done or source.failure for source in chunk):
        return None
    return [
        PageResult(source.path, id=source.id, failure=source.failure, skipped=source.failure is None)
        for source in chunk
    ]


class Retrial:
    """Inputs that may have killed a worker, one at a time in a process of their own."""

    def __init__(self, run_alone: Callable[[Source], list[PageResult] | None]) -> None:
        self._run_alone = run_alone
        self._deaths = 0

    def run(self, chunk: Iterable[Source]) -> list[PageResult]:
        """Do a chunk again. Raises :class:`WorkerError` if every process dies."""
        results: list[PageResult] = []
        for source in chunk:
            found = self._run_alone(source)
            self._deaths = 0 if found else self._deaths + 1
            if self._deaths >= DEATHS:
                raise WorkerError(
                    f"worker processes died at {DEATHS} inputs one after another, the last {source.path}; "
                    "look for what kills them (memory, limits), then run again to go on"
                )
            results += found or [lost(source)]
        return results


def _begin(task: Task, mark: Path, chunk: list[Source]) -> list[PageResult]:
    """Do a chunk in a worker process, whose death leaves the mark behind."""
    mark.touch()
    results = task(chunk)
    mark.unlink(missing_ok=True)
    return results


@dataclass(slots=True)
class _Pending:
    chunk: list[Source]
    future: Future[list[PageResult]] | None = None
    """``None`` if it is to be done input by input."""
    mark: Path = field(default_factory=Path)
    """The file that exists while a process is at it."""


class Workers:
    """A number of processes that do ``task``. End them with :meth:`close`."""

    def __init__(self, task: Task, *, jobs: int) -> None:
        self._task = task
        self._jobs = jobs
        self._pool: Any = None
        self._single: Any = None
        self._retrial = Retrial(self._run_alone)
        self._marks = Path(tempfile.mkdtemp(prefix="banmian-"))
        self._count = 0

    def run(self, chunks: Iterator[list[Source]]) -> Iterator[list[PageResult]]:
        """Yield the results of each chunk, in order."""
        pending: deque[_Pending] = deque()
        while True:
            while len(pending) < WINDOW * self._jobs and (chunk := next(chunks, None)) is not None:
                ready = settled(chunk)
                pending.append(self._submit(chunk) if ready is None else _Pending(chunk, _done(ready)))
            if not pending:
                return
            first = pending[0]
            if first.future is None:
                yield self._retrial.run(first.chunk)
                pending.popleft()
                continue
            try:
                results = first.future.result()
            except _death():
                self._mend(pending)
                continue
            pending.popleft()
            yield results

    def _submit(self, chunk: list[Source]) -> _Pending:
        """Hand out a chunk; a pool that is broken already gives a future that says so."""
        if self._pool is None:
            self._pool = _processes(self._jobs)
        self._count += 1
        mark = self._marks / str(self._count)
        try:
            with _deaf():
                future: Future[list[PageResult]] = self._pool.submit(_begin, self._task, mark, chunk)
        except _death() as error:
            future = _done(error)
        return _Pending(chunk, future, mark)

    def _mend(self, pending: deque[_Pending]) -> None:
        """Start new processes. What the old ones had begun and not ended is suspect, what they had not is done anew."""
        _end(self._pool)
        self._pool = None
        for at, lost_one in enumerate(pending):
            if lost_one.future is None or not isinstance(lost_one.future.exception(), _death()):
                continue
            if lost_one.mark.exists():
                lost_one.mark.unlink()
                pending[at] = _Pending(lost_one.chunk)
            else:
                pending[at] = self._submit(lost_one.chunk)

    def _run_alone(self, source: Source) -> list[PageResult] | None:
        if self._single is None:
            self._single = _processes(1)
        try:
            with _deaf():
                future: Future[list[PageResult]] = self._single.submit(self._task, [source])
            results = future.result()
        except _death():
            _end(self._single)
            self._single = None
            return None
        return results

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        for pool in (self._pool, self._single):
            if pool is not None:
                _end(pool)
        self._pool = self._single = None
        shutil.rmtree(self._marks, ignore_errors=True)


@contextmanager
def _deaf() -> Iterator[None]:
    """Have the processes that are started meanwhile not hear Ctrl-C, which a terminal sends to all of them.

    This process ends them; each would print a traceback of its own, from the imports that it begins with most likely.
    What is blocked here is inherited by them, and delivered to this process in the end.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows: see _end_with
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _processes(jobs: int) -> Any:  # noqa: ANN401 loky has no types
    from joblib.externals.loky import ProcessPoolExecutor

    if os.name != "nt":  # whose trackers unblock Ctrl-C when they are started, which would be within _deaf
        from multiprocessing import resource_tracker

        from joblib.externals.loky.backend import resource_tracker as loky_tracker

        resource_tracker.ensure_running()
        loky_tracker.ensure_running()
    return ProcessPoolExecutor(jobs, env=ONE_THREAD, initializer=_end_with, initargs=(os.getpid(),))


def _end(pool: Any) -> None:  # noqa: ANN401
    """End the processes of a pool at once."""
    # loky 3.5 forgets what is waiting, but not that it waits, and prints the KeyError that follows.
    waiting = getattr(pool, "_work_ids", None)
    with suppress(queue.Empty):
        while waiting is not None:
            waiting.get_nowait()
    pool.shutdown(wait=True, kill_workers=True)


def _end_with(parent: int) -> None:
    """End this process soon after its parent: one that was killed could not do it, and loky's workers would stay.

    Ctrl-C is the parent's to obey.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.name != "nt":  # where the number of a parent that is gone stays what it was
        threading.Thread(target=watch, daemon=True).start()


def _done(outcome: list[PageResult] | Exception) -> Future[list[PageResult]]:
    future: Future[list[PageResult]] = Future()
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)
    return future


def _death() -> type[Exception]:
    from concurrent.futures.process import BrokenProcessPool

    return BrokenProcessPool
