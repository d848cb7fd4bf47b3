package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// sideLimit ends a side that is stuck.
const sideLimit = 5 * time.Minute

// A side is one of the things that are compared.
type side struct {
	name string
	run  func(ctx context.Context, dir string) (sample, error)
}

// A series is what a side showed, round by round.
type series struct {
	name    string
	samples []sample
}

// alternate measures the sides one after the other, round after round, each time
// in an empty folder on the same disk. What the neighbours of this computer do
// meanwhile then falls on all sides alike.
func alternate(ctx context.Context, dir string, rounds int, sides ...side) ([]series, error) {
	all := make([]series, len(sides))
	for i, s := range sides {
		all[i].name = s.name
	}
	for range rounds {
		for i, s := range sides {
			one, err := s.measure(ctx, dir)
			if err != nil {
				return nil, fmt.Errorf("measure %s: %w", s.name, err)
			}
			all[i].samples = append(all[i].samples, one)
		}
	}
	return all, nil
}

func (s side) measure(ctx context.Context, dir string) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, sideLimit)
	defer cancel()
	return inFolder(dir, func(dir string) (sample, error) { return s.run(ctx, dir) })
}

// inFolder gives the work an empty folder, and removes it afterwards.
func inFolder[T any](parent string, work func(dir string) (T, error)) (T, error) {
	dir, err := os.MkdirTemp(parent, "ordinaut-bench-")
	if err != nil {
		var none T
		return none, err
	}
	defer os.RemoveAll(dir)
	return work(dir)
}

// over is the median of the ratios of the rounds: of each, mine by theirs.
func (s series) over(other series, figure func(sample) float64) float64 {
	ratios := make([]float64, len(s.samples))
	for i := range s.samples {
		ratios[i] = figure(s.samples[i]) / figure(other.samples[i])
	}
	return median(ratios)
}

// spread is the lowest, the middle and the highest of a figure.
func (s series) spread(figure func(sample) float64) (low, middle, high float64) {
	var figures []float64
	for _, one := range s.samples {
		figures = append(figures, figure(one))
	}
	return slices.Min(figures), median(figures), slices.Max(figures)
}

// median is the middle value; of an even number, the mean of the two.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
