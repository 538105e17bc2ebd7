"""Receives the pidfd of a container's process, and tells in lines of JSON whose it is and when the process has ended.

    pidfd.py SOCKET SECONDS
"""

import array
import json
import re
import select
import socket
import sys

path, seconds = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen(1)
listener.settimeout(float(seconds))
print("listening", flush=True)
connection, _ = listener.accept()
data, ancillary, _, _ = connection.recvmsg(4096, socket.CMSG_LEN(4 * 4))
descriptors = array.array("i")
for level, kind, content in ancillary:
    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
        descriptors.frombytes(content)
with open(f"/proc/self/fdinfo/{descriptors[0]}", encoding="ascii") as file:
    pid = int(re.search(r"^Pid:\s+(-?\d+)$", file.read(), re.M).group(1))
print(json.dumps({"text": data.decode(), "descriptors": len(descriptors), "pid": pid}), flush=True)
poll = select.poll()
poll.register(descriptors[0], select.POLLIN)
print(json.dumps({"ended": bool(poll.poll(float(seconds) * 1000))}), flush=True)
