"""Plans as bytes: the layout of src/plan/protocol.ts, the op numbers of addon/generated/plan.h."""
import pathlib
import re
import struct

HEADER = pathlib.Path(__file__).resolve().parents[2] / "generated" / "plan.h"


def _table(prefix):
    text = HEADER.read_text()
    body = re.search(prefix + r"[^{]*\{(.*?)\};", text, re.S).group(1)
    found = re.findall(r"k?(\w+) = (\d+)", body)
    return {name[0].lower() + name[1:]: int(value) for name, value in found}


OPS = _table("enum class Op")
KINDS = _table("enum class Kind")
ROOT, PROC, FIFO, FIRST = 0, 1, 2, 8
MAGIC, VERSION = 0x3150434F, 1


def step(op, nums=(), strs=(), slots=()):
    return (OPS[op], tuple(slots), tuple(nums), tuple(strs))


def encode_step(op, slots, nums, strs):
    texts = [text.encode() if isinstance(text, str) else text for text in (*strs, "/pointer")]
    body = b"".join(struct.pack("<Q", n) for n in nums)
    body += b"".join(struct.pack("<I", n) for n in (*slots, *map(len, texts)))
    body += b"".join(text + b"\0" for text in texts)
    body += bytes(-len(body) % 8)
    return struct.pack("<IHHHHI", 16 + len(body), op, len(slots), len(nums), 0, len(strs)) + body


def encode(stage1, stage2):
    body = b"".join(encode_step(*s) for s in (*stage1, *stage2))
    return struct.pack("<6I", MAGIC, VERSION, len(stage1), len(stage2), 24 + len(body), 0) + body
