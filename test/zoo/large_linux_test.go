package zoo

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/test/realtest"
)

// TestLargeResultsAtOnce has 20 steps answered with nearly as much as is read, at
// the same time, and looks at the memory of the server.
func TestLargeResultsAtOnce(t *testing.T) {
	const (
		calls  = 20
		size   = 7 << 20
		growth = 640 << 20 // reading an answer takes about three times its size, before it is known to be large
	)
	text := `{"text":"` + strings.Repeat("x", 1<<19) + `"}`
	answer := "[" + strings.TrimSuffix(strings.Repeat(text+",", size/len(text)), ",") + "]"
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer)) // a reader that has gone fails the test by itself
	}))
	defer web.Close()
	o := realtest.Start(t, realtest.Options{Dir: t.TempDir(), Args: []string{"--allow-address", "127.0.0.1"}})
	id := o.Create(t, realtest.Manual("Large", realtest.Step{"id": "get", "uses": "http.request", "with": map[string]any{"url": web.URL}}))
	before, _ := o.Memory()
	var all sync.WaitGroup
	for range calls {
		all.Go(func() {
			if run := o.Run(t, id, nil); run.Status != ordinaut.RunSucceeded || len(run.Artifacts) != 1 || run.Artifacts[0].Bytes < int64(len(answer)) {
				t.Errorf("got %s, %+v, %d artifacts", run.Status, run.Error, len(run.Artifacts))
			}
		})
	}
	all.Wait()
	after, peak := o.Memory()
	if peak-before > growth {
		t.Errorf("the server's memory has grown by %d MiB, want at most %d", (peak-before)>>20, growth>>20)
	}
	t.Logf("memory %d MiB before, %d MiB at most, %d MiB after", before>>20, peak>>20, after>>20)
}
