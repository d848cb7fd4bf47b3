package expr

func (n *project) eval(ev *evaluation, cur any) (any, error) {
	v, err := ev.eval(n.source.of(), cur)
	if err != nil {
		return nil, err
	}
	items, err := n.source.list(ev, v)
	if err != nil || items == nil {
		return nil, err
	}
	if err := ev.budget.spend(len(items)); err != nil {
		return nil, err
	}
	kept := make([]any, 0, len(items))
	for _, item := range items {
		if n.each != nil {
			if item, err = ev.eval(n.each, item); err != nil {
				return nil, err
			}
		}
		if item != nil {
			kept = append(kept, item)
		}
	}
	return kept, nil
}

// Each list is nil when v is not of the type the source reads, which makes the
// projection null.

func (s *elements) list(_ *evaluation, v any) ([]any, error) {
	items, _ := v.([]any)
	return items, nil
}

func (s *fields) list(ev *evaluation, v any) ([]any, error) {
	object, ok := v.(map[string]any)
	if !ok {
		return nil, nil
	}
	return valuesOf(ev.budget, object)
}

// valuesOf lists the values of an object's fields, in order of their names.
func valuesOf(b *budget, object map[string]any) ([]any, error) {
	if err := b.spend(2 * len(object)); err != nil {
		return nil, err
	}
	values := make([]any, 0, len(object))
	for _, key := range sortedKeys(object) {
		values = append(values, object[key])
	}
	return values, nil
}

func (s *flatten) list(ev *evaluation, v any) ([]any, error) {
	items, ok := v.([]any)
	if !ok {
		return nil, nil
	}
	size := 0
	for _, item := range items {
		size++
		if inner, ok := item.([]any); ok {
			size += len(inner)
		}
	}
	if err := ev.budget.spend(size); err != nil {
		return nil, err
	}
	flat := make([]any, 0, size)
	for _, item := range items {
		if inner, ok := item.([]any); ok {
			flat = append(flat, inner...)
		} else {
			flat = append(flat, item)
		}
	}
	return flat, nil
}

func (s *slice) list(ev *evaluation, v any) ([]any, error) {
	items, ok := v.([]any)
	if !ok {
		return nil, nil
	}
	if err := ev.budget.spend(len(items)); err != nil {
		return nil, err
	}
	start, stop := s.bounds(len(items))
	picked := []any{}
	for i := start; s.step > 0 && i < stop || s.step < 0 && i > stop; i += s.step {
		picked = append(picked, items[i])
		if s.step > len(items) || s.step < -len(items) {
			break // the next i could overflow
		}
	}
	return picked, nil
}

// bounds gives the first index to take and the one to stop before, for a list
// of n elements.
func (s *slice) bounds(n int) (start, stop int) {
	lowest, highest := 0, n
	if s.step < 0 {
		lowest, highest = -1, n-1
	}
	place := func(bound *int, missing int) int {
		if bound == nil {
			return missing
		}
		i := *bound
		if i < 0 {
			i += n
		}
		return min(max(i, lowest), highest)
	}
	if s.step < 0 {
		return place(s.start, highest), place(s.stop, lowest)
	}
	return place(s.start, lowest), place(s.stop, highest)
}

func (s *filter) list(ev *evaluation, v any) ([]any, error) {
	items, ok := v.([]any)
	if !ok {
		return nil, nil
	}
	kept := []any{}
	for _, item := range items {
		ok, err := ev.eval(s.condition, item)
		if err != nil {
			return nil, err
		}
		if Truthy(ok) {
			kept = append(kept, item)
		}
	}
	return kept, nil
}
