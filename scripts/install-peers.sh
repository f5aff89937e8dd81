#!/bin/sh
# Installs the real peers that tests talk to (scripts/peers.txt). Quiet; does nothing when all are there.
set -eu
list="$(dirname "$0")/peers.txt"
missing=''
while read -r package _; do
  case "$package" in '' | '#'*) continue ;; esac
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' && continue
  missing="$missing $package"
done <"$list"
[ -z "$missing" ] && exit 0

as_root=''
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "install-peers: not root and no sudo; install by hand:$missing" >&2
    exit 1
  fi
  as_root='sudo'
fi
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
# A fresh image has no package lists, an old one has stale lists: fetch them once and try again.
# shellcheck disable=SC2086 # one word per package is meant
install() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >"$log" 2>&1; }
install || { $as_root apt-get update -q >/dev/null 2>&1 && install; } || {
  cat "$log" >&2
  exit 1
}
