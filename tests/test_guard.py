"""The guard around a learner's code: measured in wall time, and in a real kernel."""

import builtins
import logging
import os
import random
import re
import signal
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from answers import hostile
from jupyter_client.manager import start_new_kernel

from utils.exercises import guard

ROOT = Path(__file__).resolve().parents[1]
LOOPS = [
    *(hostile.endless, hostile.endless_with_except_exception),
    *(hostile.endless_with_bare_except, hostile.endless_around_bare_except),
    *(hostile.endless_in_numpy, hostile.sleeps, hostile.sleeps_again_and_again),
    hostile.waits_for_itself,
]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_loop_ends_a_second_after_its_time(loop):
    threads, began = threading.active_count(), time.monotonic()
    result, why = guard.run(loop, 0.5)
    assert time.monotonic() - began < 2.5
    assert result is None
    assert why.startswith(
        "not finished within 0.5 s: a loop that never ends, or a slow"
    )
    assert threading.active_count() == threads


@pytest.mark.parametrize(
    "loop",
    [hostile.endless, hostile.endless_with_bare_except, hostile.endless_in_numpy],
)
def test_a_watchdog_does_it_where_signals_do_not_come(loop):
    """As on Windows: here, in a thread that is not the main one."""
    said, threads = [], threading.active_count()
    learner = threading.Thread(target=lambda: said.append(guard.run(loop, 0.3)))
    learner.start()
    learner.join(20)
    assert said[0][1].startswith("not finished within 0.3 s")
    assert threading.active_count() == threads


def test_without_threads_there_is_no_watchdog(monkeypatch):
    """As in a browser, where a thread cannot be started."""

    def refused(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(guard, "BROWSER", True)
    monkeypatch.setattr(threading.Thread, "start", refused)
    assert guard.run(lambda: 3, 1) == (3, "")


@pytest.mark.parametrize("loop", [hostile.endless_with_print])
def test_a_loop_that_prints_ends_after_200_lines(loop, capsys):
    began = time.monotonic()
    assert guard.run(loop, 30) == (
        None,
        "stopped after 200 printed lines: an endless loop?",
    )
    assert time.monotonic() - began < 1
    assert 150 <= len(capsys.readouterr().out.splitlines()) <= 200


def test_what_is_printed_is_shown(capsys):
    assert guard.run(lambda: print("a", 1), 1) == (None, "")
    assert capsys.readouterr().out == "a 1\n"


def test_work_that_ends_when_its_time_does():
    """Hundreds of times at the very moment: no exception comes later."""
    for extra in np.linspace(-4e-4, 4e-4, 300):
        end = time.perf_counter() + 0.002 + extra

        def until(end=end):
            while time.perf_counter() < end:
                pass
            return "done"

        for run in (guard.run, in_a_thread):
            result, why = run(until, 0.002)
            assert (result == "done") != bool(why)
    sum(range(10**6))


def in_a_thread(work, seconds):
    said = []

    def run():
        said.append(guard.run(work, seconds))
        sum(range(1000))  # an exception that is late would come here
        said.append("and after")

    learner = threading.Thread(target=run)
    learner.start()
    learner.join()
    assert said[1] == "and after"
    return said[0]


# An alarm may come while the collector calls a __del__: Python then goes on without it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_lock_stays_taken():
    """A kernel's other threads log, too: they would wait for ever."""

    def logs():
        while True:  # as TensorFlow does in each call
            logging.root.manager._clear_cache()
            logging.root.isEnabledFor(logging.DEBUG)

    for _ in range(40):
        assert guard.run(logs, 0.01)[1]
        other = threading.Thread(target=logging.root.manager._clear_cache, daemon=True)
        other.start()
        other.join(2)
        free = not other.is_alive()
        while logging._lock._is_owned():  # for the tests after this one
            logging._lock.release()
        assert free


def test_patched_builtins_leave_no_lock_taken():
    """logging.disable asks isinstance while it holds its lock."""
    logging.getLogger("a.b")  # so "a" is a placeholder, which has no _cache
    ours = builtins.isinstance
    try:
        guard.run(hostile.patches_isinstance, 1)
    except AttributeError:
        pass
    finally:
        builtins.isinstance = ours
    owned = logging._lock._is_owned()
    while logging._lock._is_owned():  # for the tests after this one
        logging._lock.release()
    assert not owned


def test_an_alarm_of_someone_else_goes_on():
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.4)
        guard.run(hostile.endless, 0.2)
        assert not rung
        time.sleep(0.6)
        assert rung
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_stop_is_passed_on():
    # A shell starts what runs in the background with this signal switched off.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timer = threading.Timer(0.2, signal.raise_signal, [signal.SIGINT])
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        guard.run(hostile.endless, 30)
    assert time.monotonic() - began < 5
    timer.join()
    signal.signal(signal.SIGINT, before)


def test_errors_are_passed_on():
    with pytest.raises(ZeroDivisionError):
        guard.run(hostile.raises, 1)


def test_random_numbers_go_on_as_if_nothing_had_happened():
    random.seed(7)
    expected = random.random()
    random.seed(7)
    with guard.as_before():
        random.seed(1)
    assert random.random() == expected


# --- in a kernel -----------------------------------------------------------------

SETUP = """
import threading, time
import numpy as np
from utils.exercises import lesson4 as ex
ex.q2.check(lambda *_: 0)  # its right results are known now
ex.q2.seconds = 1
threads = threading.active_count()
"""


class Kernel:
    def __init__(self):
        self.manager, self.client = start_new_kernel(
            cwd=str(ROOT), env=dict(os.environ)
        )

    def run(self, code, stop_after=None):
        """Return (seconds, status, what was printed and shown, in order)."""
        texts = []

        def listen(message):
            content = message["content"]
            texts.append(content.get("text", ""))
            texts.append(content.get("data", {}).get("text/plain", ""))
            texts.append(content.get("ename", ""))

        began = time.monotonic()
        if stop_after:
            timer = threading.Timer(stop_after, self.manager.interrupt_kernel)
            timer.start()
        reply = self.client.execute_interactive(code, timeout=90, output_hook=listen)
        return time.monotonic() - began, reply["content"]["status"], "".join(texts)


@pytest.fixture(scope="module")
def kernel():
    kernel = Kernel()
    _, status, text = kernel.run(SETUP)
    assert status == "ok", text
    yield kernel
    kernel.client.stop_channels()
    kernel.manager.shutdown_kernel(now=True)


IN_A_KERNEL = {
    "plain": "while True: pass",
    "except Exception": """while True:
        try: int("one")
        except Exception: pass""",
    "bare except": """while True:
        try: int("one")
        except: pass""",
    "around a bare except": """
    def helper():
        try: np.sin(np.ones(100_000))
        except: return 0
    while True: helper()""",
    "NumPy": """x = np.ones((300, 300))
    while True: x = np.tanh(x @ x)""",
    "sleep": "time.sleep(30)",
    "print": "while True: print('still here')",
}


@pytest.mark.parametrize("loop", IN_A_KERNEL)
def test_a_loop_ends_in_a_kernel(kernel, loop):
    cell = f"def answer(image, kernel):\n    {IN_A_KERNEL[loop]}\nex.q2.check(answer)"
    seconds, status, text = kernel.run(cell)
    assert status == "ok"
    assert re.search(r"… Not finished\. q2: (not finished within 1 s|stopped af)", text)
    assert seconds < 3.5
    after = "sum(range(10**6)); print(threading.active_count() - threads)"
    assert kernel.run(after)[1:] == ("ok", "0\n")


def test_stop_ends_a_check_in_a_kernel(kernel):
    kernel.run("def answer(image, kernel):\n    while True: pass\nex.q2.seconds = 60")
    seconds, status, text = kernel.run("ex.q2.check(answer)", stop_after=1)
    assert status == "error"
    assert text.endswith("KeyboardInterrupt")
    assert seconds < 4
    assert kernel.run("ex.q2.seconds = 1; print('next')")[1:] == ("ok", "next\n")


def test_no_core_is_busy_afterwards(kernel):
    kernel.run("def answer(image, kernel):\n    while True: pass\nex.q2.check(answer)")
    busy = (
        "began = time.process_time(); time.sleep(1); print(time.process_time() - began)"
    )
    assert float(kernel.run(busy)[2]) < 0.2


def test_check_shows_itself_in_a_loop_and_in_the_middle(kernel):
    cell = "for answer in (18, 27):\n    ex.q1.check(answer)\nx = 1"
    shown = kernel.run(cell)[2]
    assert re.fullmatch(r"✗ Not yet\. q1: .*✓ Correct\. q1: .*", shown, re.DOTALL)
    assert kernel.run("ex.q1.check(27)")[2].count("Correct") == 1


def test_ask_has_the_code_of_the_cell(kernel):
    kernel.run(
        "def my_idea(image, kernel):\n    return image  # mine\nex.q2.check(my_idea)"
    )
    said = kernel.run("ex.q2.ask()")[2]
    assert "    return image  # mine" in said
    assert "Not yet." in said
