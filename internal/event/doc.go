// Package event holds what the doors for events have in common: the form in which
// an event is sent (CloudEvents 1.0), the topics of which the house alone tells,
// and the signatures of Standard Webhooks (version 1, symmetric), by which whoever
// receives an event knows who sent it, and that it is as it was sent. It promises
// that a signature is compared in constant time. Sending, receiving and keeping
// are left to others.
package event
