"""`compare --batch`: many pairs on all cores, each judged alone, written in order as they come.

At most a few pairs a core are in flight, so memory does not grow with the list.
"""

import hashlib
import json
import math
from collections import OrderedDict, deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import NoneType
from typing import NoReturn

from services.cli.files import UnreadableFile, read_part
from services.differ.core.extract import PartContent
from services.differ.core.two_files import PairName, Read, compare_files, read_file, unreadable
from shared.domain.report import Report

_IN_FLIGHT_PER_CORE = 4
_KEPT_READS = 4


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the list, and what is the same for all of them."""

    place: str
    line: str
    folder: Path
    select: tuple[str, ...]
    remove: tuple[str, ...]


class RecentReads:
    """The last few files read: the new file of one pair is often the old one of the next."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], Read] = OrderedDict()

    def __call__(self, content: PartContent) -> Read:
        digest = hashlib.sha256(content.body).digest()
        key = (digest, content.media_type, content.charset, content.url, content.select, content.remove)
        found = self._kept.pop(key, None) or read_file(content)
        self._kept[key] = found
        while len(self._kept) > _KEPT_READS:
            self._kept.popitem(last=False)
        return found


_recent_reads = RecentReads()


def report_on(job: Job) -> Report:
    """The report on one line; a bad line or file gives an `unusable` one."""
    pair = _pair_name(job.line)
    try:
        old, new = _paths(job.line)
    except ValueError as error:
        return unreadable("old", f"{job.place}: {error}", pair=pair)
    try:
        before = read_part(job.folder / old, job.select, job.remove)
    except UnreadableFile as error:
        return unreadable("old", str(error), pair=pair)
    try:
        after = read_part(job.folder / new, job.select, job.remove)
    except UnreadableFile as error:
        return unreadable("new", str(error), pair=pair)
    return compare_files(before, after, pair=pair, read=_recent_reads)


def json_line(report: Report) -> str:
    """A report on one line, in ASCII: what any locale and any reader can take."""
    return json.dumps(report.to_json())


def reports(jobs: Iterator[Job], cores: int) -> Iterator[str]:
    """A report a line for each job, in order."""
    if cores == 1:
        yield from (json_line(report_on(job)) for job in jobs)
        return
    waiting: deque[Job] = deque()
    while True:
        try:
            with _pool(cores) as pool:
                yield from _in_order(pool, jobs, waiting, cores * _IN_FLIGHT_PER_CORE)
            return
        except BrokenProcessPool:
            # One of these pairs ended its process: try each alone, so that only that one suffers for it.
            while waiting:
                yield _alone(waiting.popleft())


def _in_order(pool: ProcessPoolExecutor, jobs: Iterator[Job], waiting: deque[Job], width: int) -> Iterator[str]:
    """`waiting` holds the jobs whose reports have not been given yet, whatever happens."""
    futures: deque[Future[str]] = deque()
    for job in jobs:
        waiting.append(job)
        futures.append(pool.submit(_work, job))
        if len(futures) >= width:
            line = futures.popleft().result()
            waiting.popleft()
            yield line
    while futures:
        line = futures.popleft().result()
        waiting.popleft()
        yield line


def _alone(job: Job) -> str:
    try:
        with _pool(1) as pool:
            return pool.submit(_work, job).result()
    except BrokenProcessPool:
        pair = _pair_name(job.line)
        return json_line(unreadable("new", f"{job.place}: comparing these files ended the process", pair=pair))


def _work(job: Job) -> str:
    return json_line(report_on(job))


def _pool(cores: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(max_workers=cores, mp_context=get_context("spawn"))


def _paths(line: str) -> tuple[str, str]:
    """The two paths of a line; ValueError says what is wrong with it."""
    value = _json(line)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    if not isinstance(value.get("id"), (str, int, float, bool, NoneType)):
        raise ValueError("'id' must be a string, a number, true, false or null")
    for key in ("old", "new"):
        if not isinstance(value.get(key), str) or not value[key]:
            raise ValueError(f"{key!r} must be the path of a file")
    return value["old"], value["new"]


def _json(line: str) -> object:
    """The line's value; ValueError for what is no JSON, or nested too deep to be a pair."""
    try:
        return json.loads(line, parse_float=_finite, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _finite(text: str) -> float:
    """A number that JSON can give back: 1e400 would become Infinity, which no JSON reader takes."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"the number {text} is too large")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _pair_name(line: str) -> PairName:
    """The line's id in its own JSON type; None where there is none to be had."""
    try:
        value = _json(line)
    except ValueError:
        return None
    name = value.get("id") if isinstance(value, dict) else None
    return name if isinstance(name, (str, int, float, bool)) else None
