"""How far a run is, in a line."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import pytest

from classifier.batches.tally import Tally
from classifier.commands import progress
from classifier.commands.progress import Pace, duration, watch
from classifier.document import Failure, PageResult


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_pace_is_that_of_the_last_minute_and_of_real_work() -> None:
    clock, tally = Clock(), Tally()
    pace = Pace(tally, clock)
    assert (pace.rate(), pace.left()) == (0, None)
    tally.skipped = 1000
    for _ in range(100):  # two a second
        clock.now += 1
        tally.done += 2
        assert pace.rate() == pytest.approx(2)
    pace.total = 1400
    assert pace.left() == pytest.approx(100)
    for _ in range(70):  # then one in two seconds
        clock.now += 2
        tally.done += 1
        pace.rate()
    assert pace.rate() == pytest.approx(0.5, rel=0.05)
    tally.failed = 3
    assert str(pace) == "1,273 of 1,400, 3 failed, 1,000 already done; 0.548 a second, about 4 min left"


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (99.4, "99 s"), (250, "4 min"), (7800, "2 h 10 min"), (1e7, "2,777 h 47 min")]
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_log_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "INTERVAL", 0.0)
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    tally = Tally()

    def results() -> Iterator[PageResult]:
        for result in (PageResult("a"), PageResult("b", failure=Failure("missing", "no such file"))):
            tally.add(result)
            yield result

    with watch(tally, None, bar=True) as track:
        assert [result.path for result in track(results())] == ["a", "b"]
    lines = said.getvalue().splitlines()
    assert [line.partition(";")[0] for line in lines] == ["1", "2, 1 failed"]
    monkeypatch.setattr(progress, "INTERVAL", 30.0)
    said.truncate(0)
    with watch(tally, iter("ab"), bar=True) as track:
        list(track(results()))
    assert said.getvalue() == ""
