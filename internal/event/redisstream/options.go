package redisstream

import (
	"cmp"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// The streams, unless others are named.
const (
	DefaultOut  = "ordinaut:events"
	DefaultIn   = "ordinaut:in"
	DefaultDead = "ordinaut:dead"
)

// Group is the group of consumers as which the house reads what comes in.
const Group = "ordinaut"

// Options says which streams there are. Only URL must be set.
type Options struct {
	URL   string // redis:// or, with TLS, rediss://
	Out   []Out  // streams to which the log is added; none is DefaultOut with all of it
	In    string // the stream that is read
	Dead  string // the stream of what could not be read
	Owner string // the name of this process, which no other has

	MaxLen   int64 // entries that are kept when every group has read them, and events that an empty Redis is given again
	Most     int64 // entries that are kept at most, read or not; 0 is ten times MaxLen
	Lease    time.Duration
	Idle     time.Duration // after which what another process has read is taken over from it
	Tend     time.Duration // how often a stream is trimmed, and written down how far its groups have come
	Poll     time.Duration // how often the log is looked at when no signal comes
	Block    time.Duration // for which Redis waits for something to come in; so long may a stop take
	PauseMax time.Duration // between two tries to reach Redis

	Actor   ordinaut.AgentID   // on whose behalf events come in
	Log     *slog.Logger       // nil logs nothing
	Metrics *telemetry.Metrics // nil counts nothing
}

// Out is a stream to which events are added.
type Out struct {
	Stream string
	Topics []string // patterns, any of them; none is all
}

func (o Options) withDefaults() Options {
	if len(o.Out) == 0 {
		o.Out = []Out{{Stream: DefaultOut}}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.In, o.Dead = cmp.Or(o.In, DefaultIn), cmp.Or(o.Dead, DefaultDead)
	o.Owner = cmp.Or(o.Owner, "ordinaut")
	o.MaxLen = cmp.Or(o.MaxLen, 100_000)
	o.Most = cmp.Or(o.Most, 10*o.MaxLen)
	o.Lease = cmp.Or(o.Lease, 10*time.Second)
	o.Idle = cmp.Or(o.Idle, 30*time.Second)
	o.Tend = cmp.Or(o.Tend, 2*time.Second)
	o.Poll = cmp.Or(o.Poll, 5*time.Second)
	o.Block = cmp.Or(o.Block, time.Second)
	o.PauseMax = cmp.Or(o.PauseMax, 5*time.Second)
	return o
}

// Waits of one command. A Redis that answers more slowly is taken for gone, and
// tried again.
const (
	dialWait = 2 * time.Second
	readWait = 10 * time.Second
)

// connect makes a client, which connects when it is first used. It tries nothing
// twice: what is to be done after a failure depends on what was done.
func connect(url string) (*redis.Client, error) {
	parsed, err := redis.ParseURL(url)
	if err != nil {
		return nil, &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/redis_url",
			Message: "the URL of Redis cannot be read", // why is not said: a password may stand in it
			Fix:     "write it as redis://user@host:port/database, or with rediss:// for TLS",
			Examples: []string{
				"redis://127.0.0.1:6379/0", "rediss://ordinaut@redis.internal:6380/0",
			},
		}
	}
	parsed.MaxRetries, parsed.DialTimeout, parsed.ReadTimeout = -1, dialWait, readWait
	parsed.DialerRetries = 1
	parsed.ClientName, parsed.DisableIdentity = "ordinaut", true
	return redis.NewClient(parsed), nil
}
