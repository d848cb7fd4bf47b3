package schedule

import "math/bits"

// A set holds small numbers: the months, days, hours or minutes that a rule asks
// for.
type set uint64

// setOf holds every step-th number from lo to hi.
func setOf(lo, hi, step int) set {
	if step == 1 {
		return 1<<(hi+1) - 1<<lo
	}
	var s set
	for v := lo; v <= hi; v += step {
		s = s.with(v)
	}
	return s
}

func (s set) with(v int) set { return s | 1<<v }

func (s set) has(v int) bool { return s>>v&1 == 1 }

func (s set) len() int { return bits.OnesCount64(uint64(s)) }

func (s set) first() int { return bits.TrailingZeros64(uint64(s)) }

func (s set) last() int { return 63 - bits.LeadingZeros64(uint64(s)) }

// from is the lowest member that is not below v.
func (s set) from(v int) (int, bool) {
	rest := s >> v << v
	return rest.first(), rest != 0
}

// upTo is the highest member that is not above v; v may be -1.
func (s set) upTo(v int) (int, bool) {
	rest := s & (1<<(v+1) - 1)
	return rest.last(), rest != 0
}

// values lists the members in ascending order.
func (s set) values() []int {
	vs := make([]int, 0, s.len())
	for ; s != 0; s &= s - 1 {
		vs = append(vs, s.first())
	}
	return vs
}

// step is the distance between the members when it is the same between all of
// them, and 0 when it is not or there are fewer than two.
func (s set) step() int {
	if s.len() < 2 {
		return 0
	}
	step := (s & (s - 1)).first() - s.first()
	if s != setOf(s.first(), s.last(), step) {
		return 0
	}
	return step
}

// climb moves at, a number with one digit per set, to the lowest combination of
// members that is not below it. It reports whether there is one.
func climb(digits []set, at []int) bool {
	if len(digits) == 0 {
		return true
	}
	v, ok := digits[0].from(at[0])
	if ok && v == at[0] {
		if climb(digits[1:], at[1:]) {
			return true
		}
		v, ok = digits[0].from(v + 1)
	}
	if !ok {
		return false
	}
	at[0] = v
	for i := 1; i < len(at); i++ {
		at[i] = digits[i].first()
	}
	return true
}

// descend is the mirror of climb: the highest combination that is not above at.
func descend(digits []set, at []int) bool {
	if len(digits) == 0 {
		return true
	}
	v, ok := digits[0].upTo(at[0])
	if ok && v == at[0] {
		if descend(digits[1:], at[1:]) {
			return true
		}
		v, ok = digits[0].upTo(v - 1)
	}
	if !ok {
		return false
	}
	at[0] = v
	for i := 1; i < len(at); i++ {
		at[i] = digits[i].last()
	}
	return true
}
