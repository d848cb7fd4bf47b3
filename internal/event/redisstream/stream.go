package redisstream

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/ordinaut/ordinaut"
)

var (
	//go:embed append.lua
	appendScript string
	//go:embed trim.lua
	trimScript string
)

// stream is a stream of events, whose ids are positions of the log.
type stream struct {
	client *redis.Client
	key    string
	append *redis.Script
	trim   *redis.Script
}

func newStream(client *redis.Client, key string) stream {
	return stream{client, key, redis.NewScript(appendScript), redis.NewScript(trimScript)}
}

// entryID is the id of the entry for a position.
func entryID(seq int64) string { return strconv.FormatInt(seq, 10) + "-0" }

// position is the position of the log that an id stands for.
func position(id string) (int64, error) {
	seq, _, _ := strings.Cut(id, "-")
	n, err := strconv.ParseInt(seq, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("the id %q is no position of a log: %w", id, err)
	}
	return n, nil
}

// add adds events, if the stream stands at a position, and has it stand at another
// afterwards. It answers where it stood before: when that is not from, nothing was
// added.
func (s stream) add(ctx context.Context, from, to int64, events []ordinaut.Event) (stood int64, err error) {
	args := []any{entryID(from), entryID(to)}
	for _, e := range events {
		fields := entry(e)
		args = append(args, idOf(e), len(fields))
		args = append(args, fields...)
	}
	last, err := s.append.Run(ctx, s.client, []string{s.key}, args...).Text()
	if err != nil {
		return 0, fmt.Errorf("add %d events to %s: %w", len(events), s.key, err)
	}
	return position(last)
}

// standing is where a stream stands, and the newest of its entries that is an
// event; an empty one has none.
type standing struct {
	at     int64
	newest *redis.XMessage
}

// stand finds out where the stream stands. One that is not there stands at 0.
func (s stream) stand(ctx context.Context) (standing, error) {
	info, err := s.client.XInfoStream(ctx, s.key).Result()
	if redis.HasErrorPrefix(err, "no such key") {
		return standing{}, nil
	}
	if err != nil {
		return standing{}, fmt.Errorf("look at %s: %w", s.key, err)
	}
	at, err := position(info.LastGeneratedID)
	if err != nil || info.Length == 0 {
		return standing{at: at}, err
	}
	return standing{at, &info.LastEntry}, nil
}

// consumers says of each group of consumers up to where everything was
// acknowledged, and where the stream stood at the same moment.
func (s stream) consumers(ctx context.Context) (read map[string]int64, stood int64, err error) {
	var info *redis.XInfoStreamCmd
	var groups *redis.XInfoGroupsCmd
	_, err = s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		info, groups = p.XInfoStream(ctx, s.key), p.XInfoGroups(ctx, s.key)
		return nil
	})
	if redis.HasErrorPrefix(err, "no such key") {
		return nil, 0, nil
	}
	if err == nil {
		stood, err = position(info.Val().LastGeneratedID)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("find the groups of %s: %w", s.key, err)
	}
	read = make(map[string]int64, len(groups.Val()))
	for _, g := range groups.Val() {
		if read[g.Name], err = s.read(ctx, g); err != nil {
			return nil, 0, err
		}
	}
	return read, stood, nil
}

// read says up to where a group has acknowledged everything.
func (s stream) read(ctx context.Context, g redis.XInfoGroup) (int64, error) {
	if g.Pending == 0 {
		return position(g.LastDeliveredID)
	}
	pending, err := s.client.XPending(ctx, s.key, g.Name).Result()
	if err != nil {
		return 0, fmt.Errorf("find what is pending in the group %s of %s: %w", g.Name, s.key, err)
	}
	if pending.Count == 0 {
		return position(g.LastDeliveredID)
	}
	first, err := position(pending.Lower)
	return first - 1, err
}

// trimBatch is how many entries are taken away at a time, so that Redis does not
// stand still meanwhile.
const trimBatch = 200

// cut takes away old entries that every group has read, up to an id, while there
// are more than keep, and any while there are more than most. It says how many of
// the latter there were.
func (s stream) cut(ctx context.Context, upTo string, keep, most int64) (unread int64, err error) {
	for {
		answer, err := s.trim.Run(ctx, s.client, []string{s.key}, upTo, keep, most, trimBatch).Int64Slice()
		if err != nil {
			return unread, fmt.Errorf("trim %s: %w", s.key, err)
		}
		unread += answer[0] * answer[1]
		if answer[0] < trimBatch {
			return unread, nil
		}
	}
}

// group makes a group of consumers that stands at a position, unless there is one
// of the name.
func (s stream) group(ctx context.Context, name string, at int64) error {
	err := s.client.XGroupCreateMkStream(ctx, s.key, name, entryID(at)).Err()
	if err != nil && !redis.HasErrorPrefix(err, "BUSYGROUP") {
		return fmt.Errorf("make the group %s of %s: %w", name, s.key, err)
	}
	return nil
}
