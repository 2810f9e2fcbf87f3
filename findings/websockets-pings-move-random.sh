#!/usr/bin/env bash
# websockets 17.4, threading client (`websockets.sync.client.connect`): while a connection is open, the thread that keeps
# it alive draws the payload of each ping from Python's shared `random` generator. A program that called `random.seed`
# and does nothing but wait goes on with other numbers than one that waits without a connection; with
# `ping_interval=None` the numbers are the same. By default it happens every 20 seconds. Hypothesis notices it as a
# strategy that uses `random` by itself, in a test that has nothing to do with the connection.
# Seen on 28 November 2026, Python 3.11: same numbers without pings True, with pings False.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q websockets==17.4

cat > waits.py <<'PY'
import random
import sys
import threading
import time

from websockets.sync.client import connect
from websockets.sync.server import serve


def until_closed(socket):
    for _ in socket:
        pass


def after_waiting(ping_interval):
    """The generator's next number after a second in which this program asks for none."""
    # The server sends no pings of its own.
    with serve(until_closed, "127.0.0.1", 0, ping_interval=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.socket.getsockname()[1]
        with connect(f"ws://127.0.0.1:{port}", ping_interval=ping_interval):
            random.seed(1)
            time.sleep(1)
            return random.random()


random.seed(1)
expected = random.random()
quiet, pinging = after_waiting(None) == expected, after_waiting(0.2) == expected
print(f"same numbers without pings {quiet}, with pings {pinging}")
sys.exit(not (quiet and not pinging))
PY
venv/bin/python waits.py
