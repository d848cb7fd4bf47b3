package ordinaut

import "context"

// Origin is the step of a run that asks for something. However often the step is
// tried, it asks for the same thing, and is to get it once.
type Origin struct {
	RunID RunID
	Step  string // its path
	Depth int    // how many runs are above that run
}

type originKey struct{}

// WithOrigin returns a context in which a step of a run asks.
func WithOrigin(ctx context.Context, o Origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

// OriginFrom is the step that asks, and whether it is one.
func OriginFrom(ctx context.Context) (Origin, bool) {
	o, ok := ctx.Value(originKey{}).(Origin)
	return o, ok
}
