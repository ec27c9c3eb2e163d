#!/usr/bin/env bash
# The developer's loop: format, layers, host and cross build, tests, sizes against the last commit's.
set -euo pipefail
cd "$(dirname "$0")/.."
tools/format.sh --check
tools/test.sh
tools/sizes.py
