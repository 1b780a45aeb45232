"""The work of a scan: files in processes, results in the order of the files whatever the number of processes."""

from __future__ import annotations

import contextlib
import gc
import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import Final

from casemate.cli.scan_files import FileToScan
from casemate.cli.scan_watch import EVERY_SECONDS, Places, Watch
from casemate.contracts.sensitive import NameFinder, Parsers
from casemate.engines.sensitive import FileResult, Plan, ScanResult, scan

_SMALL: Final = 4 * 1024 * 1024
"""Bytes that are not worth another process."""
_AHEAD: Final = 4
"""Files a worker that are under way or done but not yet taken."""

_DENIED: Final = "PERMISSION_DENIED"
_VANISHED: Final = "VANISHED"
_UNPARSABLE: Final = "UNABLE_TO_PARSE_FILE"
UNOPENED: Final = frozenset({_DENIED, _VANISHED})
"""Reasons of files that could not even be opened. A file that vanished has none in Macie's words."""

_COLLECT: Final = (200_000, 20, 20)
"""A scan makes many small objects and no cycles: looking for cycles at the usual pace takes half of its time."""


UnderWay = Callable[[int, FileToScan], None]
"""Takes how many bytes of files that are not yet given have been read, and the file that is waited for."""


def scan_all(
    files: Sequence[FileToScan],
    plan: Plan,
    *,
    workers: int,
    samples: int,
    progress: Callable[[int], None],
    under_way: UnderWay | None = None,
) -> Iterator[tuple[FileToScan, ScanResult]]:
    """Each file with its result, in the order of the files."""
    workers = max(1, min(workers, len(files)))
    if sum(file.size for file in files) < _SMALL:
        worker = _Worker(plan)
        for file in files:
            yield file, worker.scan(file.path, samples)
            progress(file.size)
        return
    work = _Processes(plan, workers, samples, under_way)
    try:
        for file, result in work.results(files):
            yield file, result
            progress(file.size)
    finally:
        work.end()


class _Processes:
    """A pool of workers; one that a file has ended is replaced."""

    def __init__(self, plan: Plan, workers: int, samples: int, tell: UnderWay | None) -> None:
        self._sent = pickle.dumps(plan)
        self._workers = workers
        self._samples = samples
        self._tell = tell
        self._pool, self._places = _pool(self._sent, workers)

    def results(self, files: Sequence[FileToScan]) -> Iterator[tuple[FileToScan, ScanResult]]:
        pending: deque[FileToScan] = deque(files)
        under_way: deque[tuple[FileToScan, Future[ScanResult]]] = deque()
        while pending or under_way:
            while pending and len(under_way) < self._workers * _AHEAD:
                file = pending.popleft()
                under_way.append((file, self._pool.submit(_scan_here, file.path, self._samples)))
            if self._tell is not None:
                self._wait(under_way, self._tell)
            file, future = under_way.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:
                self.end()
                result = _alone(file, self._sent, self._samples)
                pending.extendleft(other for other, _ in reversed(under_way))
                under_way.clear()
                self._pool, self._places = _pool(self._sent, self._workers)
            yield file, result

    def _wait(self, under_way: Sequence[tuple[FileToScan, Future[ScanResult]]], tell: UnderWay) -> None:
        """Wait for the first of these, and tell how far they all are."""
        file, future = under_way[0]
        while not wait([future], timeout=EVERY_SECONDS).done:
            tell(sum(self._places) + sum(other.size for other, done in under_way if done.done()), file)

    def end(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


class _Process(SpawnProcess):
    """A process that does not run again what the command's own script says, guarded or not."""

    def start(self) -> None:
        names = vars(sys.modules["__main__"])
        script = names.pop("__file__", None)
        try:
            super().start()
        finally:
            if script is not None:
                names["__file__"] = script


class _Context(SpawnContext):
    Process = _Process


def _pool(sent: bytes, workers: int) -> tuple[ProcessPoolExecutor, Places]:
    context = _Context()
    places = Places(context, workers)
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(sent, places)), places


def _alone(file: FileToScan, sent: bytes, samples: int) -> ScanResult:
    """Scan a file in a process of its own; a file that ends this one too is skipped."""
    pool, _ = _pool(sent, 1)
    with pool:
        try:
            return pool.submit(_scan_here, file.path, samples).result()
        except BrokenProcessPool:
            return skipped(file.path.name, _UNPARSABLE, "the process that read it ended")


class _Worker:
    """What a process needs for one scan after another."""

    def __init__(self, plan: Plan, watch: Watch | None = None) -> None:
        gc.freeze()
        gc.set_threshold(*_COLLECT)
        self._plan = plan
        self._watch = watch
        self._parsers = _parsers()
        self._finder = _finder() if plan.names or plan.addresses else None

    def scan(self, path: Path, samples: int) -> ScanResult:
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return skipped(path.name, _VANISHED, "it was there when the scan began")
        except OSError as error:
            return skipped(path.name, _DENIED, f"can't be read: {error.strerror}")
        with stream, self._watch.of(stream) if self._watch else contextlib.nullcontext():
            try:
                return scan(stream, path.name, self._plan, parsers=self._parsers, finder=self._finder, samples=samples)
            except Exception as error:  # noqa: BLE001 - one hostile file must not end the scan of all others
                return crashed(path.name, error)


def _parsers() -> Parsers:
    from casemate.runtime import limited_parsers  # noqa: PLC0415 - readers of all formats: only a scan needs them

    return limited_parsers()


def _finder() -> NameFinder:
    from casemate.engines.sensitive import names  # noqa: PLC0415 - the model: only names and addresses need it

    return names.NameFinder()


def skipped(name: str, reason: str, detail: str) -> ScanResult:
    """The result of a file that was not read at all."""
    return ScanResult(name, (FileResult((), "application/octet-stream", "SKIPPED", reason, detail, ()),))


def crashed(name: str, error: Exception) -> ScanResult:
    """The result of a file that a reader or the engine failed on."""
    return skipped(name, _UNPARSABLE, f"{type(error).__name__}: {error}"[:200])


_STARTED: Final[list[_Worker]] = []
"""The worker of this process, where it is one of a pool."""


def _start(sent: bytes, places: Places) -> None:
    plan = pickle.loads(sent)  # noqa: S301 - from the process that started this one
    assert isinstance(plan, Plan)
    _STARTED[:] = [_Worker(plan, places.watch())]


def _scan_here(path: Path, samples: int) -> ScanResult:
    return _STARTED[0].scan(path, samples)
