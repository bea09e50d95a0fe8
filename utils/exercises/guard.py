"""Run a learner's code: it ends when its time is over, and leaves nothing changed.

It runs where it is called, in the notebook's main thread, so *Stop* works as in any
cell. When its time is over, an alarm raises `Stopped` in it until it has ended. What C
code holds for ever, `sum(itertools.count())`, no Python can stop: restart the kernel.
"""

import contextlib
import ctypes
import logging
import random
import signal
import sys
import threading
import warnings

import numpy as np

BROWSER = sys.platform == "emscripten"
LINES = 200  # that a learner's code may print, each of 80 letters


class Stopped(BaseException):
    """Ends a learner's code; `except Exception` does not swallow it."""


def run(work, seconds):
    """Return (work(), ""), or (None, why) where it was stopped. Raises what it raises.

    seconds: of wall time.
    """
    alarm = Alarm(seconds)
    try:
        with as_before(), contextlib.redirect_stdout(Printer(sys.stdout, alarm)):
            result = alarm.guard(work)
    except BaseException:
        if not alarm.why:
            raise
    return (None, alarm.why) if alarm.why else (result, "")


@contextlib.contextmanager
def as_before():
    """Give back what code may have changed. Meanwhile NumPy and loggers are silent."""
    with contextlib.ExitStack() as stack:
        stack.callback(free_the_loggers)
        stack.callback(random.setstate, random.getstate())
        stack.callback(np.random.set_state, np.random.get_state())  # noqa: NPY002
        stack.callback(logging.disable, logging.root.manager.disable)
        stack.enter_context(contextlib.chdir("."))
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(np.errstate(all="ignore"))
        if "matplotlib" in sys.modules:
            stack.enter_context(sys.modules["matplotlib"].rc_context())
        logging.disable(logging.WARNING)
        yield


def free_the_loggers():
    """Give back logging's lock, where code that was stopped, or that patches builtins,
    has left it taken: other threads would wait for ever.
    """
    while logging._lock._is_owned():
        logging._lock.release()


class Printer:
    """Standard output that ends a loop which prints."""

    def __init__(self, file, alarm):
        self.file, self.alarm, self.left = file, alarm, LINES

    def write(self, text):
        self.left -= text.count("\n") + len(text) / 80
        if self.left < 0:
            self.alarm.why = f"stopped after {LINES} printed lines: an endless loop?"
            raise Stopped
        return self.file.write(text)

    def __getattr__(self, name):
        return getattr(self.file, name)


class Alarm:
    """Raises Stopped in guard(work) when its time is over.

    In the main thread it is a signal of the system's clock, which wakes a sleep and a
    read, too. Where there is none (Windows) a thread beside it sends an asynchronous
    exception. A browser has no threads either, and no alarm.
    """

    def __init__(self, seconds):
        self.seconds, self.rings, self.why, self.over = seconds, 0, "", False
        self.learners, self.ended = threading.get_ident(), threading.Event()
        self.watchdog = threading.Thread(target=self.watch, daemon=True)
        main = threading.current_thread() is threading.main_thread()
        self.signals = main and hasattr(signal, "setitimer") and not BROWSER

    def guard(self, work):
        try:
            if self.signals:
                self.handler = signal.signal(signal.SIGALRM, self.ring)
                self.timer = signal.setitimer(signal.ITIMER_REAL, self.seconds)
            else:
                with contextlib.suppress(RuntimeError):  # no threads
                    self.watchdog.start()
            return work()
        finally:
            self.over = True  # from here on it rings once more at most
            try:
                self.stop()
            except Stopped:
                self.stop()

    def next(self):
        """Seconds to the next ring: time to tidy up in, then next to none.

        Where code swallows Stopped, another one must come before its next `try`.
        """
        self.why = f"not finished within {self.seconds:g} s: a loop that never ends, "
        self.why += "or a slow machine?"
        self.rings += 1
        return 0.05 if self.rings < 10 else 1e-6 * 2 ** (self.rings % 6)

    def ring(self, *_):
        if not self.over:
            # And 50 ms later: it is lost where it comes just before code goes to sleep.
            signal.setitimer(signal.ITIMER_REAL, self.next(), 0.05)
            raise Stopped

    def watch(self):
        pause = self.seconds
        while not self.ended.wait(pause) and not self.over:
            pause = self.next()
            self.send(ctypes.py_object(Stopped))

    def send(self, exception):
        thread = ctypes.c_ulong(self.learners)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, exception)

    def stop(self):
        if self.signals:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self.handler or signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, *self.timer)  # someone else's
        elif self.watchdog.ident:
            self.ended.set()
            self.watchdog.join()
            self.send(None)  # the last one, if it has not come yet
