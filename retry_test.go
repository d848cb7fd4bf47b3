package ordinaut_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ordinaut/ordinaut"
)

func ExampleDefinition_RetryDelay() {
	d := ordinaut.NewDefinition()
	d.BackoffMaxSeconds = 10
	for _, strategy := range []ordinaut.Backoff{
		ordinaut.BackoffExponential, ordinaut.BackoffLinear, ordinaut.BackoffFixed,
	} {
		d.BackoffStrategy = strategy
		fmt.Print(strategy)
		for n := 1; n <= 5; n++ {
			fmt.Print(" ", d.RetryDelay(n, 0))
		}
		fmt.Println()
	}
	// Output:
	// exponential 1s 2s 4s 8s 10s
	// linear 1s 2s 3s 4s 5s
	// fixed 1s 1s 1s 1s 1s
}

func TestJitterStaysInTheUpperHalf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := ordinaut.NewDefinition()
		d.BackoffBaseSeconds = rapid.Float64Range(0.1, 100).Draw(t, "base")
		d.BackoffMaxSeconds = rapid.Float64Range(0.1, 1000).Draw(t, "max")
		n := rapid.IntRange(1, 1100).Draw(t, "n")
		d.BackoffStrategy = ordinaut.BackoffExponential
		full := d.RetryDelay(n, 0)
		d.BackoffStrategy = ordinaut.BackoffExponentialJitter
		got := d.RetryDelay(n, rapid.Float64Range(0, 0.999999).Draw(t, "random"))
		if got < full/2-time.Microsecond || got > full {
			t.Fatalf("got %s, want between %s and %s", got, full/2, full)
		}
	})
}
