"""`make chaos`: workers and PostgreSQL are killed, cut off and starved, and the index must come out as if nothing had been.

A web of hosts that change over three nights is crawled undisturbed, and then again with a fault at a random moment of
each night. Afterwards links, events, edges and visits must equal those of the undisturbed run, and no host may be held.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backlink_crawler.store import cluster, embedded, server
from benchmarks.chaos_web import HOSTS, ChangingWeb
from benchmarks.claims import Claim, show_claims
from benchmarks.environment import clean_environment, crawl_command, fresh_index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from benchmarks.environment import Index

    Fault = Callable[["Trial"], None]

NIGHTS = 3
LEASE = 2  # seconds
OPTIONS = (f"BACKLINKS_LEASE_SECONDS={LEASE}", "DOWNLOAD_DELAY=0.02", "BACKLINKS_BATCH_SECONDS=0.2")
DUE = """
UPDATE pages SET next_visit = now() WHERE next_visit IS NOT NULL;
UPDATE crawled_hosts SET rests_until = NULL;
UPDATE queue_hosts SET claimable_at = now();
UPDATE robots SET fetched_at = fetched_at - interval '2 days';"""
STATE = {
    "links": """
        SELECT url_from, url_to, position, anchor, rel, is_dofollow, status, lost_reason, lost_at IS NULL
        FROM backlinks ORDER BY url_from, url_to, position""",
    "events": """
        SELECT url_from, url_to, event, before, after, outcome, count(*)
        FROM link_history GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6""",
    "edges": """
        SELECT domain_from, domain_to, links, dofollow_links, refpages, pages_to, status
        FROM referring_domains ORDER BY domain_from, domain_to""",
    "visits": """
        SELECT u.url, p.visits, p.settled, p.has_missing, count(v.observed_at)
        FROM pages AS p INNER JOIN urls AS u ON p.page_id = u.id LEFT JOIN visits AS v ON p.page_id = v.page_id
        GROUP BY 1, 2, 3, 4 ORDER BY 1""",
    "budgets": "SELECT u.url, s.pages_known FROM seeds AS s INNER JOIN urls AS u ON s.url_id = u.id ORDER BY u.url",
    "hosts held": "SELECT h.name FROM crawled_hosts AS c INNER JOIN hosts AS h ON c.host_id = h.id WHERE c.worker IS NOT NULL",
}


@dataclass
class Trial:
    """One index and one web, over all nights. output: what the workers have printed."""

    index: Index
    web: ChangingWeb
    moments: random.Random
    output: list[str] = field(default_factory=list)
    render: str = "never"
    seconds: float = 120  # that a night may take at most, whatever happens in it

    def worker(self) -> subprocess.Popen[str]:
        hosts = ",".join(f"http://host{number}.test:{self.web.port}/" for number in range(HOSTS))
        options = [part for option in OPTIONS for part in ("-s", option)]
        environment = {"BACKLINKS_RESOLVE": "*.test=127.0.0.1", "BACKLINKS_DATABASE_URL": self.index.database.dsn}
        return subprocess.Popen(
            crawl_command("-a", f"seeds={hosts}", "-a", f"render={self.render}", *options),
            env=clean_environment() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def finish(self, *workers: subprocess.Popen[str]) -> None:
        """Wait for workers that must end by themselves and well. Raises RuntimeError."""
        for worker in workers:
            try:
                output, _ = worker.communicate(timeout=self.seconds)
            except subprocess.TimeoutExpired:
                os.killpg(worker.pid, signal.SIGKILL)
                raise RuntimeError(f"a worker does not end:\n{worker.communicate()[0][-2000:]}") from None
            self.output.append(output)
            if worker.returncode or "Traceback" in output:
                raise RuntimeError(f"a worker ended with {worker.returncode}:\n{output[-3000:]}")

    def wait(self) -> None:
        """Until some moment of a run: starting, at work, or about to end."""
        time.sleep(self.moments.uniform(0.5, 4.5))

    def wait_at_work(self) -> None:
        """Until some moment after it has begun: one that has not begun ends with a sentence when its database is gone."""
        with self.index.database.connect(autocommit=True) as connection:
            while connection.execute("SELECT count(*) FROM sources").fetchone() != (self.web.night,):
                time.sleep(0.05)
        time.sleep(self.moments.uniform(0.1, 3.0))

    def night(self, number: int, fault: Fault) -> None:
        self.web.night = number
        if number > 1:
            with self.index.database.connect(autocommit=True) as connection:
                connection.execute(DUE)
        fault(self)

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """Without the web's port, which is another one in each trial."""
        with self.index.database.connect() as connection:
            rows = {what: connection.execute(query.encode()).fetchall() for what, query in STATE.items()}
        port = f":{self.web.port}"
        return {
            what: sorted(tuple(str(value).replace(port, "") for value in row) for row in each)
            for what, each in rows.items()
        }


def nothing(trial: Trial) -> None:
    trial.finish(trial.worker())


def kill_worker(trial: Trial) -> None:
    worker = trial.worker()
    trial.wait()
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate()
    trial.finish(trial.worker())


def kill_one_of_two(trial: Trial) -> None:
    first, second = trial.worker(), trial.worker()
    trial.wait()
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    trial.finish(second)


def freeze_worker(trial: Trial) -> None:
    """It wakes up after its leases have ended and another worker has taken over."""
    sleeper = trial.worker()
    trial.wait()
    os.killpg(sleeper.pid, signal.SIGSTOP)
    time.sleep(LEASE + 1)
    other = trial.worker()
    time.sleep(1.5)
    os.killpg(sleeper.pid, signal.SIGCONT)
    trial.finish(other, sleeper)


def kill_postgres(trial: Trial) -> None:
    worker = trial.worker()
    trial.wait_at_work()
    kill_server(trial.index.home)
    time.sleep(1)
    start_server(trial.index.home)
    trial.finish(worker)


def cut_connections(trial: Trial) -> None:
    worker = trial.worker()
    trial.wait_at_work()
    with trial.index.database.connect(autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'backlinks' AND pid <> pg_backend_pid()"
        )
    trial.finish(worker)


def fill_disk(trial: Trial) -> None:
    """The index's home is a small file system of its own."""
    ballast = trial.index.home / "ballast"
    worker = trial.worker()
    trial.wait_at_work()
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 20)):
            pass
    time.sleep(3)
    ballast.unlink()
    if not embedded.is_running(trial.index.home):
        start_server(trial.index.home)
    trial.finish(worker)


def kill_server(home: Path) -> None:
    found = server.running(cluster.data_folder(home))
    assert found
    process = found.process
    for each in (process, *process.children(recursive=True)):
        each.kill()
    process.wait()


def start_server(home: Path) -> None:
    """By another process, as its user would."""
    command = [str(Path(sys.executable).with_name("backlinks")), "db", "start"]
    subprocess.run(command, env=clean_environment() | {"BACKLINKS_HOME": str(home)}, check=True, capture_output=True)


def run(faults: Iterable[Fault], moments: random.Random, index: Index) -> dict[str, list[tuple[Any, ...]]]:
    """What nights with one fault each leave behind."""
    with ChangingWeb() as web:
        trial = Trial(index, web, moments)
        for number, fault in enumerate(faults, 1):
            trial.night(number, fault)
        return trial.state()


def differences(undisturbed: dict[str, Any], disturbed: dict[str, Any]) -> list[str]:
    """What is not the same, a few rows of each."""
    told = []
    for what, rows in undisturbed.items():
        lacking, added = set(rows) - set(disturbed[what]), set(disturbed[what]) - set(rows)
        if lacking or added or len(rows) != len(disturbed[what]):
            told.append(f"{what}: lacking {sorted(lacking)[:3]}, added {sorted(added)[:3]}")
    return told


@contextmanager
def small_disk(megabytes: int) -> Iterator[None]:
    """Temporary folders are made on a file system of this size."""
    folder = tempfile.mkdtemp(prefix="backlinks-small-disk-")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    before, tempfile.tempdir = tempfile.tempdir, folder
    Path(folder).chmod(0o755)
    try:
        yield
    finally:
        tempfile.tempdir = before
        subprocess.run(["umount", "--lazy", folder], check=True)


FAULTS = {  # with a third as many trials as faults
    "kill -9 of the worker": (kill_worker, 17),
    "kill -9 of one of two workers": (kill_one_of_two, 3),
    "a worker that sleeps past its lease": (freeze_worker, 3),
    "kill -9 of PostgreSQL": (kill_postgres, 4),
    "every database connection cut": (cut_connections, 3),
    "a full disk": (fill_disk, 2),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.chaos", description="Kill everything; compare.")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6), help="of the moments")
    parser.add_argument("--trials", type=int, help="of each fault (default: as many as are claimed)")
    parser.add_argument("--fault", default="", help="only those whose name holds this")
    asked = parser.parse_args()
    print(f"chaos: --seed {asked.seed}; {NIGHTS} nights a trial, a fault in each")
    with fresh_index() as index:
        undisturbed = run([nothing] * NIGHTS, random.Random(0), index)
    print("undisturbed: " + ", ".join(f"{len(rows)} {what}" for what, rows in undisturbed.items()))
    claims = [
        claim(name, fault, asked.trials or trials, undisturbed, random.Random(f"{asked.seed}{name}"))
        for name, (fault, trials) in FAULTS.items()
        if asked.fault in name
    ]
    show_claims(claims)
    return any(each.holds is False for each in claims)


def claim(name: str, fault: Fault, trials: int, undisturbed: dict[str, Any], moments: random.Random) -> Claim:
    if fault is fill_disk and os.geteuid() != 0:
        return Claim(name, "", "mounting a small file system needs root", None)
    bad = 0
    started = time.monotonic()
    for number in range(1, trials + 1):
        try:
            told = differences(undisturbed, one_trial(fault, moments))
        except RuntimeError as error:
            told = [str(error)]
        bad += bool(told)
        for line in told:
            print(f"{name}, trial {number}: {line}", flush=True)
    seconds = (time.monotonic() - started) / (trials * NIGHTS)
    measured = f"{trials * NIGHTS} faults, {bad} of {trials} indexes differ, {seconds:.1f} s a night"
    print(f"{name}: {measured}", flush=True)
    return Claim(name, "no index differs", measured, bad == 0)


def one_trial(fault: Fault, moments: random.Random) -> dict[str, list[tuple[Any, ...]]]:
    if fault is not fill_disk:
        with fresh_index() as index:
            return run([fault] * NIGHTS, moments, index)
    with small_disk(400), fresh_index() as index:
        return run([fault] * NIGHTS, moments, index)


if __name__ == "__main__":
    sys.exit(main())
