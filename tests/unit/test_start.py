"""Ctrl-C in the first moments of a command."""

from __future__ import annotations

import subprocess
import sys

import pytest

# Interrupted as it imports this module.
PROGRAM = """
import os, signal, sys

class Interrupting:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
sys.argv = ["backlinks", "links", "example.com"]
from backlink_crawler.start import main
main()
"""


@pytest.mark.parametrize(
    "module", ["backlink_crawler.cli", "click", "backlink_crawler.cli.ask", "backlink_crawler.store.queries"]
)
def test_ctrl_c_while_a_command_is_imported_ends_it_without_a_word(module: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(module=module)], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "", "")
