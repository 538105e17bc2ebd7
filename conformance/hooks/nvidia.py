"""A prestart hook as those that bring graphics cards into containers are made.

It reads the container's state from standard input and the bundle's config.json, enters the mount namespace of the
container's process, and there binds files and devices of the host into the root filesystem, which is not yet the root.

    nvidia.py SOURCE=TARGET…
"""

import json
import os
import subprocess
import sys

state = json.load(sys.stdin)
assert state["status"] in ("creating", "created"), state
with open(os.path.join(state["bundle"], "config.json"), encoding="utf-8") as file:
    config = json.load(file)
wanted = [e for e in config["process"]["env"] if e.startswith("NVIDIA_VISIBLE_DEVICES=")]
if not wanted:
    sys.exit(0)

root = os.path.join(state["bundle"], config["root"]["path"])
script = 'mkdir -p "$(dirname "$2")" && : >"$2" && mount --bind "$1" "$2"'
for pair in sys.argv[1:]:
    source, target = pair.split("=")
    subprocess.run(
        ["nsenter", f"--mount=/proc/{state['pid']}/ns/mnt", "sh", "-ec", script, "sh", source, root + target],
        check=True,
    )
