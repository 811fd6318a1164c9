"""How long a command runs, its start and its end included: `python -m benchmarks.contenders.whole COMMAND…`.

It is run where the sites are, so that what it takes to serve them is not in it. Last it prints a line of JSON.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time

if __name__ == "__main__":
    began = time.monotonic()
    ended = subprocess.run(sys.argv[1:], check=False)
    seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "peak": 1024 * used.ru_maxrss / 1e6}))
    sys.exit(ended.returncode)
