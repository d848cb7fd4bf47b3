// Package webhook is the door for events over HTTP, in both directions.
//
// Out: a Deliverer reads the log of events, adds a delivery for each event and
// webhook that belong together, and sends what is due: as CloudEvents, signed as
// Standard Webhooks say, with retries over a day. It promises that every event
// that a webhook is for is sent to it until it has arrived or was given up, under
// an id that stays the same, whichever process dies meanwhile; so it may arrive
// more than once. The order in which events arrive is not promised.
//
// In: a Door verifies what others send, in the way that the hook says, and
// publishes it as an event. It promises that nothing is published that the
// sender's secret does not vouch for, and that a delivery that its sender repeats
// counts once, as far as the sender names it.
//
// Which addresses may be reached is for the HTTP client that it is given to say;
// who may keep webhooks and hooks is left to the service.
package webhook
