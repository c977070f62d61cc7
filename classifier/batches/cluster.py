"""The same batch on a Dask cluster that is there already. The extra ``[dask]``.

The model is sent once to every worker, those that join later too, and loaded there from the worker's own disk. Workers
read the inputs and write the results themselves, so both must be on a file system, or at URLs, that all of them see.
Dask does the chunks of a lost worker elsewhere; a chunk that keeps killing workers is done input by input.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from classifier.batches.sources import Source
from classifier.batches.workers import Retrial, settled
from classifier.document import PageResult
from classifier.errors import MissingExtraError, UsageError, WorkerError

if TYPE_CHECKING:
    from distributed import Future, Worker

    from classifier.batches.work import Work
    from classifier.model import Model

CONNECT = 15
"""Seconds to wait for the scheduler, and for a first worker."""

AHEAD = 8
"""Chunks a worker's thread may be ahead of what has been taken."""

_LOGGERS = ("distributed", "distributed.client", "distributed.core")

_MODELS: dict[str, tuple[Model, Path]] = {}
"""On a worker: the models it was sent, by the name of the plugin, and where they lie."""


class _SendModel:
    """Puts the model on every worker; ``distributed`` calls :meth:`setup` there."""

    idempotent = False

    def __init__(self, model: Model, *, revision: int, staging: Path | None) -> None:
        from classifier.modeldir import CONFIG, WEIGHTS

        self.name = f"banmian-{secrets.token_hex(8)}"
        self._files = {name: (model.path / name).read_bytes() for name in (CONFIG, WEIGHTS)}
        self._revision = revision
        self._staging = staging

    def setup(self, worker: Worker) -> None:
        """Load the model, once a process."""
        from classifier.batches.work import REVISION
        from classifier.model import load_model

        if self._revision != REVISION:
            raise RuntimeError(f"{worker.address} has another version of banmian; install one version everywhere")
        if self._staging is not None and not self._staging.is_dir():
            message = f"{worker.address} does not see {self._staging}; -o must be on a disk that all workers share"
            raise RuntimeError(message)
        folder = Path(tempfile.mkdtemp(prefix="banmian-", dir=worker.local_directory))
        for name, data in self._files.items():
            (folder / name).write_bytes(data)
        _MODELS[self.name] = load_model(folder), folder

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 as distributed calls it
        """Remove what was sent."""
        _, folder = _MODELS.pop(self.name, (None, None))
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _label_on_worker(chunk: list[Source], work: Work, name: str) -> list[PageResult]:
    from classifier.batches.labelling import label_chunk

    model, _ = _MODELS[name]
    return label_chunk(chunk, work=work, model=model)


class Cluster:
    """The workers of a Dask scheduler. Leave them with :meth:`close`.

    Raises
    ------
    MissingExtraError
        If ``distributed`` is not installed.
    UsageError
        If the scheduler does not answer, has no workers, or a worker cannot take the model.
    """

    def __init__(self, address: str, *, model: Model, work: Work) -> None:
        try:
            from distributed import Client, WorkerPlugin
        except ImportError:
            raise MissingExtraError("--dask", "dask") from None
        from classifier.batches.work import REVISION

        self._address = address
        self._work = work
        self._retrial = Retrial(self._run_alone)
        self._threads = (0.0, 1)
        # Of a lost scheduler distributed logs tracebacks; what there is to say is said by the errors raised here.
        self._levels = {name: logging.getLogger(name).level for name in _LOGGERS}
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            self._client = Client(address, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as error:
            self._speak()
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UsageError(
                f"--dask {address}: no scheduler answers ({reason}); start one, see docs/scale.md"
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=CONNECT)
            plugin_class = type("SendModel", (_SendModel, WorkerPlugin), {"__module__": __name__})
            staging = work.output.staging if work.output is not None and work.output.run else None
            self._plugin = plugin_class(model, revision=REVISION, staging=staging)
            self._client.register_plugin(self._plugin, name=self._plugin.name)
        except TimeoutError:
            self.close()
            raise UsageError(f"--dask {address}: the scheduler has no workers; start some, see docs/scale.md") from None
        except Exception as error:  # whatever setting up raised on a worker
            self.close()
            reason = " ".join(str(error).split()) or type(error).__name__
            raise UsageError(f"--dask {address}: a worker cannot take part: {reason}") from error

    @property
    def size(self) -> int:
        """How many threads the workers have."""
        checked, threads = self._threads
        if time.monotonic() - checked > 5:
            threads = max(1, sum(self._client.nthreads().values()))
            self._threads = time.monotonic(), threads
        return threads

    def run(self, chunks: Iterator[list[Source]]) -> Iterator[list[PageResult]]:
        """Yield the results of each chunk, in order. Raises :class:`WorkerError` if the scheduler is lost."""
        from distributed import KilledWorker

        pending: deque[tuple[list[Source], Future | list[PageResult]]] = deque()
        while True:
            while len(pending) < AHEAD * self.size and (chunk := next(chunks, None)) is not None:
                ready = settled(chunk)
                pending.append((chunk, self._submit(chunk) if ready is None else ready))
            if not pending:
                return
            chunk, future = pending.popleft()
            try:
                yield future if isinstance(future, list) else self._result(future)
            except KilledWorker:
                yield self._retrial.run(chunk)

    def _submit(self, chunk: list[Source]) -> Future:
        return self._client.submit(_label_on_worker, chunk, self._work, self._plugin.name, pure=False)

    def _result(self, future: Future) -> list[PageResult]:
        from distributed.client import FutureCancelledError
        from distributed.comm import CommClosedError

        try:
            results: list[PageResult] = future.result()
        except (CommClosedError, FutureCancelledError) as error:
            raise WorkerError(f"{self._address}: the scheduler was lost; run again to go on") from error
        return results

    def _run_alone(self, source: Source) -> list[PageResult] | None:
        from distributed import KilledWorker

        try:
            return self._result(self._submit([source]))
        except KilledWorker:
            return None

    def close(self) -> None:
        """Leave the cluster as it was."""
        with suppress(Exception):
            if self._client.status == "running":
                self._client.unregister_worker_plugin(self._plugin.name)
        with suppress(Exception):
            self._client.close()
        self._speak()

    def _speak(self) -> None:
        for name, level in self._levels.items():
            logging.getLogger(name).setLevel(level)
