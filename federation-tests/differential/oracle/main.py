"""Answers questions with Synapse's own code, a line of JSON for a line of JSON.

In: {"id", "area", "operation", "items"}; the module `area` beside this file has `OPERATIONS`, functions by name that
take one item. Out: {"id", "answers"}, one per item and in their order, or {"id", "error"} with the traceback.
"""

import importlib
import json
import logging
import os
import queue
import sys
import threading
import traceback

# What libraries print must not get among the answers.
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)
# Formatting what nobody reads would be measured.
logging.disable(logging.CRITICAL)


def read_lines(lines):
    """Reads ahead in a thread of its own, so that this process ends with its parent whatever it is busy with."""
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)


def answer(request):
    module = importlib.import_module(request["area"])
    operation = module.OPERATIONS[request["operation"]]
    return [operation(item) for item in request["items"]]


def main():
    lines = queue.SimpleQueue()
    threading.Thread(target=read_lines, args=(lines,), daemon=True).start()
    while True:
        request = json.loads(lines.get())
        reply = {"id": request["id"]}
        try:
            reply["answers"] = answer(request)
        except Exception:
            reply["error"] = traceback.format_exc()
        answers.write(json.dumps(reply) + "\n")
        answers.flush()


main()
