#!/usr/bin/env bash
# pytest-xdist 3.8.0 with pytest 9.2.0: `--dist loadgroup` spreads the tests of one `xdist_group` over the workers, as
# if there were no group. Its documentation says that all tests of a group run in the same worker. xdist writes the
# group into an item's `_nodeid`, which this pytest no longer reads when it is asked for `nodeid`.
# With pytest 8.4.2 the same file runs on one worker.
# Seen on 28 November 2026, Python 3.11: 2 workers with pytest 9.2.0, 1 worker with pytest 8.4.2.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > test_group.py <<'PY'
import os
import time

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(8))
def test_it(number):
    time.sleep(0.2)
    with open("workers.txt", "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\n")
PY

workers() {
  python3 -m venv --clear venv
  venv/bin/pip install -q "pytest==$1" pytest-xdist==3.8.0
  rm -f workers.txt
  venv/bin/python -m pytest -q -p no:cacheprovider -n 2 --dist loadgroup test_group.py > out.txt
  sort -u workers.txt | wc -l
}

new="$(workers 9.2.0)"
old="$(workers 8.4.2)"
echo "workers that ran one group: $new with pytest 9.2.0, $old with pytest 8.4.2"
[ "$new" -eq 2 ] && [ "$old" -eq 1 ]
