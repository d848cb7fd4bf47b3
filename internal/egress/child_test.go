package egress

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// targets is the variable that makes this test binary the child.
const targets = "EGRESS_TEST_TARGETS"

func TestMain(m *testing.M) {
	if urls := os.Getenv(targets); urls != "" {
		reach(strings.Fields(urls))
		return
	}
	os.Exit(m.Run())
}

// reach tries the URLs with the client as it is, and prints what became of them.
func reach(urls []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	client := Public()
	var trying sync.WaitGroup
	for _, url := range urls {
		trying.Go(func() {
			_, err := Send(ctx, client, Request{URL: url})
			fmt.Printf("%s: %v\n", url, err)
		})
	}
	trying.Wait()
}

// A resolver of the system reads numbers as addresses that the one of Go does
// not, and a process reads its proxies from the environment it was born with.
func TestAProcessInAHostileEnvironmentDoesNotReachTheCanary(t *testing.T) {
	t.Parallel()
	c := newCanary(t)
	var urls []string
	for _, host := range []string{
		"2130706433", "017700000001", "0x7f000001", "0x7F.1", "127.1", "0177.0.0.1", "0", "0.0.0.0", "127.0.0.1",
		"127.0.0.1.", "localhost", "LOCALHOST.", "[::1]", "[::ffff:127.0.0.1]", "203.0.113.1",
	} {
		urls = append(urls, "http://"+host+":"+c.port, "https://"+host+":"+c.port)
	}
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), targets+"="+strings.Join(urls, " "), "GODEBUG=netdns=cgo")
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"} {
		proxy := name + "=http://127.0.0.1:" + c.port
		child.Env = append(child.Env, proxy, strings.ToLower(proxy))
	}
	output, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) != len(urls) {
		t.Errorf("got %d lines, want %d:\n%s", len(lines), len(urls), output)
	}
	for _, line := range lines {
		if strings.HasSuffix(line, "<nil>") {
			t.Errorf("got an answer, want an error: %s", line)
		}
	}
	t.Logf("%s", output)
	c.untouched(t)
}
