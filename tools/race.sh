#!/usr/bin/env bash
# Prints -race when the race detector works on this machine, and nothing when
# it does not. On Linux and Windows it needs a C compiler; where one is missing
# and we may install packages, we do. CI never goes without.
set -euo pipefail

compiler() { [ "$(go env GOOS)" = darwin ] || command -v "$(go env CC)" >/dev/null; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

install_compiler() {
	echo 'No C compiler: installing one for the race detector.' >&2
	if command -v apt-get; then as_root apt-get update && as_root apt-get install -y --no-install-recommends gcc libc6-dev
	elif command -v apk; then as_root apk add gcc musl-dev
	elif command -v dnf; then as_root dnf install -y gcc
	else return 1
	fi
}

compiler || install_compiler >/dev/null || true
if compiler; then
	echo -race
elif [ -n "${CI:-}" ]; then
	echo 'The race detector needs a C compiler, and none could be installed.' >&2
	exit 1
else
	echo 'Testing WITHOUT the race detector: install a C compiler (gcc or clang) to have it.' >&2
fi
