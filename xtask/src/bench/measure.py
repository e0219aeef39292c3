"""Runs a command and tells how long it took, how long processors worked for it, and how much memory it held at most.

    measure.py REPORT OUTPUT COMMAND...

The command's standard output goes to OUTPUT; REPORT becomes a JSON object: `seconds`, `busy_seconds`, `peak_bytes`, `exit`.
"""

import json
import os
import sys
import time


def main():
    report, output, *command = sys.argv[1:]
    to_output = (os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    begun = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=[to_output])
    _, status, usage = os.wait4(child, 0)
    seconds = time.perf_counter() - begun
    # The system counts in kilobytes, but on macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    said = {
        "seconds": seconds,
        "busy_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * unit,
        "exit": os.waitstatus_to_exitcode(status),
    }
    with open(report, "w", encoding="utf-8") as file:
        json.dump(said, file)


main()
