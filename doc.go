// Package ordinaut is the dictionary: the nouns of Ordinaut in short files, one
// each, and the contract of the store in which they are never forgotten. It
// needs nothing but the standard library, and does nothing but say what things
// are.
//
// An [Agent] stores a [Task], a standing order: a [Schedule] says when, a
// [Payload] what, and policies how. The schedule yields occurrences, the nominal
// instants at which the task fires. The scheduler makes a [Run] of each, or
// notes in the ledger why not: every nominal time has exactly one [Entry]. A
// worker claims runs under a [Lease] and carries out their steps, calling a
// [Tool] for each and recording a [StepResult], so that what was done is never
// done again. An [Error] says what is wrong, where, and how to mend it.
//
// The life of a task, as a walk through the rooms:
//
//	face    a request over HTTP or on the command line
//	op      is guarded, checked against its schema, and allowed
//	service is decided with schedule and pipeline, both pure, and stored
//	engine  the scheduler materializes what is due,
//	        the worker claims runs, asks the pipeline what is next, calls tools
//	store   keeps every effect together with the change that caused it
//
// The rooms meet at the store and never call each other. What passes between
// them in memory are hints; losing one costs time, never truth.
package ordinaut
