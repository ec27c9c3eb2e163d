#!/usr/bin/env bash
# Installs what the project needs on Debian 12, once. Without the rights, or on another
# system, prints the exact list of packages and exits with 1.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build
[ -f build/.gitignore ] || echo '*' > build/.gitignore

mapfile -t packages < <(grep -v '^#' tools/packages.txt)
missing=()
if command -v dpkg-query >/dev/null; then
  for package in "${packages[@]}"; do
    state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || missing+=("$package")
  done
else
  missing=("${packages[@]}")
fi
[ ${#missing[@]} -gt 0 ] || exit 0

refuse() {
  printf 'setup: %s; please install these packages (Debian 12 names) and run again:\n' "$1" >&2
  printf '  %s\n' "${missing[*]}" >&2
  exit 1
}
. /etc/os-release 2>/dev/null || true
[ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ] || refuse "this system is not Debian 12"
if [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo)
elif command -v sudo >/dev/null && [ -t 0 ]; then
  as_root=(sudo)
else
  refuse "no right to install packages"
fi
printf 'setup: installing %d packages\n' "${#missing[@]}" >&2
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
