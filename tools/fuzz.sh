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
# The Go tool now and then calls it a failure that the time is over while a worker
# still works ("context deadline exceeded"). It has then found nothing; what it
# does find, it writes down.
fuzz() {
	local log
	log=$(mktemp)
	"$go" test -run '^$' -fuzz "^$2\$" -fuzztime "$time" "$1" </dev/null 2>&1 | tee "$log" && rm -f "$log" && return
	if grep -q 'context deadline exceeded' "$log" && ! grep -q 'Failing input written' "$log"; then
		echo 'The time was over; nothing was found.'
		rm -f "$log"
		return
	fi
	rm -f "$log"
	return 1
}

echo "$targets" | while read -r package target; do
	printf '\n== %s of %s for %s\n' "$target" "$package" "$time"
	fuzz "$package" "$target"
done
