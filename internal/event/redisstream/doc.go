// Package redisstream is the door between the log of events and Redis Streams
// (Redis 7).
//
// Outwards a relay adds the log to a stream, in order and at least once. The log is
// the truth and the stream a copy: the id of an entry is the position of its event,
// so that nothing is added twice, and each batch is added only if the stream stands
// where the relay left it. A Redis that was away is caught up with, and one that
// has lost its data is given again what its groups of consumers had not read. One
// process relays at a time, any number stand by.
//
// Inwards an inlet reads a stream of entries that others have added, as one
// consumer of a group, writes them into the log, and acknowledges them when they
// are there. Those that can never be events go to another stream, with the reason.
//
// It promises that events are never lost between the two, and that nothing else
// waits for Redis. What becomes of events in the log is left to others.
package redisstream
