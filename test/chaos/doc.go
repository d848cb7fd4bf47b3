// Package chaos breaks a real Ordinaut on purpose and counts what was lost. Its
// tests start the binary, kill it or cancel its runs at random moments while it
// works, and compare the ledger with the clock and the processes with what was
// started. `make test` runs the short form; ORDINAUT_CHAOS=long
// (`make chaos`) runs the long one. Each prints its seed, which ORDINAUT_SEED
// sets again, and its figures.
package chaos
