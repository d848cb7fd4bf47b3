// Package postgres keeps everything in the schema "ordinaut" of one PostgreSQL
// database, 15 to 18. It is the store of many machines: any number of processes
// use it at once, and none of them leads.
//
// It is the twin of package sqlite: the same files, the same statement names, the
// same promises. What a statement does is written in the .sql file of its noun. A
// change runs in one READ COMMITTED transaction that locks what it decides about:
// a task before its runs, runs by their ids, slots last. A transaction that lost a
// deadlock, or its connection before the commit, is carried out again, so what a
// change tells its caller it sets anew each time. Changes of one kind that come
// while a commit is under way share the next one.
//
// The store's clock is ordinaut.clock() in the database. A transaction reads it
// once, at its begin, and nothing else asks for the time. Instants are timestamptz;
// ids are uuid, and a text that is none names nothing. Documents are json where
// SQL looks into them, and otherwise text, so that they come back as they were.
//
// Signals reach watchers in the process when the commit is done, and other
// processes by NOTIFY on a connection of its own. Whatever is lost there is found
// again by a look at the database every few seconds.
package postgres
