#!/usr/bin/env bash
# Fuzzes every target of the module in turn: tools/fuzz.sh 2m
# What a target finds is kept in its testdata/fuzz; commit it with the mend.
set -euo pipefail
go=${GO:-go} time=$1

# go test -list prints the names of a package's targets, then "ok <package>".
targets=$("$go" test -list '^Fuzz' ./... |
	awk '/^Fuzz/ {names[++n] = $1} /^ok/ {for (i = 1; i <= n; i++) print $2, names[i]; n = 0}')
if [ -z "$targets" ]; then
	echo 'There are no fuzz targets.' >&2
	exit 1
fi
echo "$targets" | while read -r package target; do
	printf '\n== %s of %s for %s\n' "$target" "$package" "$time"
	"$go" test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$package" </dev/null
done
