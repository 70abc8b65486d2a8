#!/usr/bin/env bash
# Run once by Gradescope, as root, when the autograder is built: /autograder/source holds this bundle.
set -eu
cd /autograder/source

python=
for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'; then
        python=$name
        break
    fi
done
if [ ! -x /autograder/venv/bin/python ] && [ -z "$python" ]; then
    apt-get update
    apt-get install -y --no-install-recommends python3.11 python3.11-venv
    python=python3.11
fi

# The stronger wall, where the service's machine permits it; without it, each submission is another user.
command -v bwrap >/dev/null || apt-get install -y --no-install-recommends bubblewrap || true

if [ ! -x /autograder/venv/bin/python ]; then
    "$python" -m venv /autograder/venv
    /autograder/venv/bin/python -m pip install --quiet --requirement requirements.txt
    /autograder/venv/bin/python -m pip install --quiet --no-deps --requirement requirements-data.txt
fi
/autograder/venv/bin/python -c 'import numpy; print("numpy", numpy.__version__)'
chmod -R go-rwx /autograder/source
