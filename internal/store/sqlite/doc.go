// Package sqlite keeps everything in one SQLite file. It is the store of a
// laptop and of a small server: no service to install, one folder to back up.
//
// What was answered without an error is on the disk: the file is in WAL mode
// with synchronous=FULL. All writes go through one goroutine with one
// connection, and whoever waits while a commit is under way shares the next
// one, so that many callers cost few syncs and a lone caller waits for nobody.
// Reads run beside it on connections of their own.
//
// One process has the folder at a time. The store's clock is the clock of that
// process: instants are bound as parameters, in microseconds, and no statement
// asks SQLite for the time. What a statement does is written in the .sql file
// of its noun.
package sqlite
