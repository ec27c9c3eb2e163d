#!/usr/bin/env bash
# Makes build/venv with the packages of tools/requirements.txt, once for each content of that file.
set -euo pipefail
cd "$(dirname "$0")/.."
stamp=build/venv/requirements.stamp
cmp -s tools/requirements.txt "$stamp" && exit 0
python=/usr/bin/python3
[ -x "$python" ] || python=python3
printf 'venv: installing the packages of tools/requirements.txt\n' >&2
"$python" -m venv build/venv
build/venv/bin/pip install --quiet --disable-pip-version-check -r tools/requirements.txt
cp tools/requirements.txt "$stamp"
