"""A Python that has imported what a crawl and a command need, and forks for each command that it is sent.

A fork runs `-m MODULE …` or `-c PROGRAM …` as a new Python would, to its end: with its own folder, environment, streams
and signals. Importing is what it need not do, which takes a new Python most of a second.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path

MOST = 1 << 18  # bytes of a command with its environment
# None of these installs an event loop, starts a thread or leaves a file open. Packages: with all of their modules.
MODULES = (
    "backlink_crawler.crawl.command",
    "backlink_crawler.crawl.together",
    "chardet.pipeline.orchestrator",
    "scrapy.cmdline",
    "scrapy.downloadermiddlewares.defaultheaders",
    "scrapy.downloadermiddlewares.downloadtimeout",
    "scrapy.downloadermiddlewares.useragent",
    "scrapy.exporters",
    "scrapy.extensions.closespider",
    "scrapy.extensions.corestats",
    "scrapy.extensions.feedexport",
    "scrapy.extensions.logcount",
    "scrapy.extensions.memusage",
    "scrapy.logformatter",
    "scrapy.utils.engine",
    "tldextract",
    "twisted.internet.asyncioreactor",
    "uvloop",
)
PACKAGES = ("backlink_crawler.cli", "backlink_crawler.crawl.fetch", "backlink_crawler.crawl.spiders", "scrapy.commands")
LEFT_OUT = {"backlink_crawler.cli.__main__", "backlink_crawler.cli.rank"}  # numpy starts threads


class Warm:
    """commands: where they come from, each with its streams and a socket on which it is told how the fork ends."""

    def __init__(self, commands: socket.socket) -> None:
        self._commands = commands
        self._forks: dict[int, socket.socket] = {}  # by process id
        self._ended: set[int] = set()
        self._unwatched: set[int] = set()
        self._woken, waking = socket.socketpair()
        self._waking = waking
        for end in (self._woken, waking):
            end.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the tests
        signal.set_wakeup_fd(waking.fileno(), warn_on_full_buffer=False)

    def command(self) -> list[str] | None:
        """In a fork: what it is to run. None: there will be no more."""
        while True:
            readable, _, _ = select.select([self._commands, self._woken, *self._forks.values()], [], [])
            if self._woken in readable:
                self._woken.recv(4096)
                self._tell()
            for process in [process for process, told in self._forks.items() if told in readable]:
                self._forget(process)
            if self._commands in readable:
                message, files, _, _ = socket.recv_fds(self._commands, MOST, 4)
                if not message:
                    return None
                if command := self._fork(json.loads(message), files):
                    return command

    def _fork(self, asked: dict[str, object], files: list[int]) -> list[str] | None:
        *streams, told = files
        if process := os.fork():
            for file in streams:
                os.close(file)
            self._forks[process] = socket.socket(fileno=told)
            self._forks[process].send(b"%d" % process)
            return None
        self._leave_behind()
        os.close(told)
        for number, file in enumerate(streams):
            os.dup2(file, number)
            os.close(file)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        return asked["command"]

    def _leave_behind(self) -> None:
        """What is the server's and not its forks'."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for each in (self._commands, self._woken, self._waking, *self._forks.values()):
            each.close()

    def _tell(self) -> None:
        """Who has ended stays, as a zombie, until whoever started it knows."""
        self._unwatched -= {process for process in self._unwatched if os.waitpid(process, os.WNOHANG)[0]}
        for process in self._forks.keys() - self._ended:
            found = os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found:
                self._ended.add(process)
                code = found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
                with suppress(OSError):  # nobody wants to know any more
                    self._forks[process].send(b"%d" % code)

    def _forget(self, process: int) -> None:
        """Its other end is closed."""
        self._forks.pop(process).close()
        if process in self._ended:
            self._ended.remove(process)
            os.waitpid(process, 0)
        else:
            self._unwatched.add(process)


def import_all() -> None:
    for name in MODULES:
        import_module(name)
    for package in map(import_module, PACKAGES):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if module.name not in LEFT_OUT:
                import_module(module.name)


def run(command: list[str]) -> None:
    option, what, *arguments = command
    sys.argv[:] = [option, *arguments]
    sys.path[0] = str(Path.cwd()) if option == "-m" else ""
    if option == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})


if __name__ == "__main__":
    warm = Warm(socket.socket(fileno=int(sys.argv[1])))
    import_all()
    gc.collect()
    gc.freeze()  # a fork that collects garbage leaves alone, and so shares, what was there before it
    if asked := warm.command():
        run(asked)
