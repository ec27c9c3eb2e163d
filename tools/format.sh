#!/usr/bin/env bash
# Formats the C++ sources in place, or with --check lists those that differ and exits with 1.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t files < <(git ls-files '*.h' '*.cpp' '*.c')
if [ "${1:-}" = --check ]; then
  exec clang-format-16 --style=file:tools/clang-format.yaml --dry-run --Werror "${files[@]}"
fi
exec clang-format-16 --style=file:tools/clang-format.yaml -i "${files[@]}"
