# Waits for the end of its input, then ends the processes whose numbers stand in
# $1/*/pid and removes the folder. It outlives whoever interrupts its parent.
trap '' INT TERM HUP QUIT
cat >/dev/null
signal() {
	sent=1
	for file in "$1"/*/pid; do
		[ -f "$file" ] && kill "$2" "$(cat "$file")" 2>/dev/null && sent=0
	done
	return $sent
}
# PostgreSQL gives its shared memory back when it is asked to quit, but not when it
# is killed.
signal "$1" -QUIT
tries=0
while signal "$1" -0 && [ $tries -lt 50 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
signal "$1" -KILL
# The children of a killed server may still write for a moment.
until rm -rf "$1" 2>/dev/null || [ $tries -gt 70 ]; do
	tries=$((tries + 1))
	sleep 0.1
done
