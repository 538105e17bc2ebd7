"""A service manager that listens for sd_notify(3): a line of JSON for every datagram, until one that begins so.

    notify.py SOCKET LAST SECONDS
"""

import array
import json
import os
import socket
import sys
import time

path, last, seconds = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
os.chmod(path, 0o666)
listener.settimeout(float(seconds))
print("listening", flush=True)
while True:
    try:
        data, ancillary, _, _ = listener.recvmsg(65536, socket.CMSG_LEN(4 * 4))
    except TimeoutError:
        break
    descriptors = array.array("i")
    for level, kind, content in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            descriptors.frombytes(content)
    text = data.decode()
    print(json.dumps({"text": text, "descriptors": len(descriptors)}), flush=True)
    # Closing what came with it is the answer to a barrier. It takes its time, so that one can see who waits for it.
    if descriptors:
        time.sleep(0.4)
    for descriptor in descriptors:
        os.close(descriptor)
    if text.startswith(last):
        break
