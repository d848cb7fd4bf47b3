package calendar

import (
	"encoding/binary"
	"slices"
	"time"
)

// A change is an instant at which the clocks of a zone are moved.
type change struct {
	at            time.Time
	before, after time.Duration // what the clocks are ahead of UTC
}

// location makes a zone of its changes, which come in order, so that a described
// zone works everywhere like one of the tz database. Go takes zones in the
// format of that database only: TZif, version 2 (RFC 8536), here without names
// for the offsets.
func location(name string, changes []change) (*time.Location, error) {
	offsets := []int32{seconds(changes[0].before)} // the first holds before all changes
	var times []int64
	var kinds []byte
	for _, c := range changes {
		kind := slices.Index(offsets, seconds(c.after))
		if kind < 0 {
			kind = len(offsets)
			offsets = append(offsets, seconds(c.after))
		}
		if kind > 255 {
			break // a byte holds no more, and no zone has so many
		}
		times, kinds = append(times, c.at.Unix()), append(kinds, byte(kind))
	}
	data := header(0, 0) // nothing for the readers of version 1
	data = append(data, header(len(times), len(offsets))...)
	for _, t := range times {
		data = binary.BigEndian.AppendUint64(data, uint64(t))
	}
	data = append(data, kinds...)
	for _, offset := range offsets {
		data = binary.BigEndian.AppendUint32(data, uint32(offset))
		data = append(data, 0, 0) // not summer time, and the empty name
	}
	return time.LoadLocationFromTZData(name, append(data, "\x00\n\n"...))
}

func seconds(d time.Duration) int32 { return int32(d / time.Second) }

// header begins a block of TZif with so many changes and offsets.
func header(changes, offsets int) []byte {
	data := append([]byte("TZif2"), make([]byte, 15)...)
	for _, count := range []int{0, 0, 0, changes, offsets, min(offsets, 1)} {
		data = binary.BigEndian.AppendUint32(data, uint32(count))
	}
	return data
}
