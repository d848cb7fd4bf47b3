package schedule

import (
	"encoding/binary"
	"hash/fnv"
	"time"

	"github.com/ordinaut/ordinaut"
)

// A spread delays each occurrence of one task by its own amount: always the
// same for the same occurrence, and never past the one that follows. So the
// tasks of a full hour do not all start at once, and the order of a task's
// occurrences is the order of their fires.
type spread struct {
	rule  *Rule
	task  ordinaut.TaskID
	width time.Duration
}

// due is when the occurrence is to fire. One that does not run needs no delay.
func (s spread) due(o ordinaut.Occurrence) (time.Time, error) {
	width := s.width.Milliseconds()
	if width <= 0 || o.Skip != "" {
		return o.At, nil
	}
	following, ok, err := s.rule.Next(o.At)
	if err != nil {
		return time.Time{}, err
	}
	if ok {
		width = min(width, following.At.Sub(o.At).Milliseconds())
	}
	late := s.hash(o.At) % uint64(max(width, 1))
	return o.At.Add(time.Duration(late) * time.Millisecond), nil
}

// hash mixes task and nominal time. FNV alone leaves neighbouring times close
// together, so its sum goes through the finalizer of MurmurHash3.
func (s spread) hash(nominal time.Time) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s.task))
	h.Write(binary.BigEndian.AppendUint64(nil, uint64(nominal.UnixNano())))
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// First is when the scheduler looks at a task again whose nominal times up to
// the cursor have their outcome: the fire of the next occurrence. done says that
// no occurrence follows, which is not so of a manual schedule: it never had one.
func First(r *Rule, t ordinaut.Task) (next *time.Time, done bool, err error) {
	o, ok, err := r.Next(t.Cursor)
	if err != nil {
		return nil, false, err
	}
	if !ok {
		return nil, r.Kind().Clock(), nil
	}
	if t.Snooze != nil && o.At.Equal(t.Snooze.Nominal) {
		until := t.Snooze.Until
		return &until, false, nil
	}
	at, err := spread{r, t.ID, t.Jitter()}.due(o)
	if err != nil {
		return nil, false, err
	}
	return &at, false, nil
}
