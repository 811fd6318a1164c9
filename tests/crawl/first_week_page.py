"""docs/first-week.md and docs/reading-a-profile.md: their commands, and what they print on the demo web.

`backlinks demo`, then `python -m tests.crawl.first_week_page`, writes down anew what they print.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PAGE = Path(__file__).parents[2] / "docs" / "first-week.md"
PROFILE_PAGE = PAGE.with_name("reading-a-profile.md")
EXAMPLE = re.compile(r"^```console\n\$ (backlinks .*)\n((?:(?!```).*\n)*)```$", re.MULTILINE)


def printed(command: str, environment: Mapping[str, str] | None = None) -> str:
    """What a terminal shows, errors too."""
    words = [str(Path(sys.executable).with_name("backlinks")), *command.split()[1:]]
    ran = subprocess.run(words, env=environment, stdout=-1, stderr=-2, text=True, timeout=60, check=False)
    return ran.stdout


if __name__ == "__main__":
    for page in (PAGE, PROFILE_PAGE):
        text = page.read_text(encoding="utf-8")
        page.write_text(
            EXAMPLE.sub(lambda found: f"```console\n$ {found[1]}\n{printed(found[1])}```", text), encoding="utf-8"
        )
