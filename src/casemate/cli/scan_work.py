"""The work of a scan: files in processes, results in the order of the files whatever the number of processes."""

from __future__ import annotations

import functools
import gc
import multiprocessing
import pickle
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Final

from casemate.cli.scan_files import FileToScan
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


def scan_all(
    files: Sequence[FileToScan], plan: Plan, *, workers: int, samples: int, progress: Callable[[int], None]
) -> Iterator[tuple[FileToScan, ScanResult]]:
    """Each file with its result, in the order of the files."""
    workers = min(workers, len(files))
    if workers <= 1 or sum(file.size for file in files) < _SMALL:
        worker = _Worker(plan)
        for file in files:
            yield file, worker.scan(file.path, samples)
            progress(file.size)
        return
    yield from _in_processes(files, plan, workers=workers, samples=samples, progress=progress)


def _in_processes(
    files: Sequence[FileToScan], plan: Plan, *, workers: int, samples: int, progress: Callable[[int], None]
) -> Iterator[tuple[FileToScan, ScanResult]]:
    sent = pickle.dumps(plan)
    pending: deque[FileToScan] = deque(files)
    under_way: deque[tuple[FileToScan, Future[ScanResult]]] = deque()
    pool = _pool(sent, workers)
    try:
        while pending or under_way:
            while pending and len(under_way) < workers * _AHEAD:
                file = pending.popleft()
                under_way.append((file, pool.submit(_scan_here, file.path, samples)))
            file, future = under_way.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=False, cancel_futures=True)
                result = _alone(file, sent, samples)
                pending.extendleft(other for other, _ in reversed(under_way))
                under_way.clear()
                pool = _pool(sent, workers)
            yield file, result
            progress(file.size)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _pool(sent: bytes, workers: int) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(workers, mp_context=context, initializer=_start, initargs=(sent,))


def _alone(file: FileToScan, sent: bytes, samples: int) -> ScanResult:
    """Scan a file in a process of its own; a file that ends this one too is skipped."""
    with _pool(sent, 1) as pool:
        try:
            return pool.submit(_scan_here, file.path, samples).result()
        except BrokenProcessPool:
            return skipped(file.path.name, _UNPARSABLE, "the process that read it ended")


class _Worker:
    """What a process needs for one scan after another."""

    def __init__(self, plan: Plan) -> None:
        gc.freeze()
        gc.set_threshold(*_COLLECT)
        self._plan = plan
        self._parsers = _parsers()
        self._finder = _finder() if plan.names or plan.addresses else None

    def scan(self, path: Path, samples: int) -> ScanResult:
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return skipped(path.name, _VANISHED, "it was there when the scan began")
        except OSError as error:
            return skipped(path.name, _DENIED, f"can't be read: {error.strerror}")
        with stream:
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


@functools.cache
def _received(sent: bytes) -> _Worker:
    plan = pickle.loads(sent)  # noqa: S301 - from the process that started this one
    assert isinstance(plan, Plan)
    return _Worker(plan)


_STARTED: Final[list[bytes]] = []


def _start(sent: bytes) -> None:
    _STARTED[:] = [sent]
    _received(sent)


def _scan_here(path: Path, samples: int) -> ScanResult:
    return _received(_STARTED[0]).scan(path, samples)
