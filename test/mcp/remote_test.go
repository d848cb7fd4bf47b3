package mcp

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/ordinaut/ordinaut/test/realtest"
)

// everythingOverHTTP starts the server everything on a free port and gives its
// URL.
func (n node) everythingOverHTTP(t *testing.T) string {
	t.Helper()
	// The server cannot say which port it was given, so it is told a free one,
	// and another if somebody took that first.
	for range 5 {
		url, err := n.tryHTTP(t, freePort(t))
		if err == nil {
			return url
		}
		t.Log(err)
	}
	t.Fatal("no port is free")
	return ""
}

func (n node) tryHTTP(t *testing.T, port int) (string, error) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(n.bin, n.script("server-everything"), "streamableHttp")
	cmd.Env = append(os.Environ(), fmt.Sprintf("PORT=%d", port))
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
	})
	url := fmt.Sprintf("http://127.0.0.1:%d/mcp", port)
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	limit := time.After(realtest.Patience)
	for {
		select {
		case <-ended:
			return "", fmt.Errorf("the server ended: %s", said.String())
		case <-limit:
			return "", fmt.Errorf("the server does not listen on %s", url)
		case <-retry.C:
		}
		if res, err := http.Get(url); err == nil {
			res.Body.Close()
			return url, nil
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
