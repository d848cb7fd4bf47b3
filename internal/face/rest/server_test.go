package rest_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/ordinaut/ordinaut/internal/face/facetest"
	"github.com/ordinaut/ordinaut/internal/face/rest"
	"github.com/ordinaut/ordinaut/internal/limits"
)

func TestTheServerBoundsWhatItTakes(t *testing.T) {
	t.Parallel()
	s := rest.Server(http.NotFoundHandler())
	if s.ReadHeaderTimeout != limits.HeaderWait || s.IdleTimeout != limits.IdleWait || s.MaxHeaderBytes != limits.HeaderBytes {
		t.Errorf("got %v, %v, %d", s.ReadHeaderTimeout, s.IdleTimeout, s.MaxHeaderBytes)
	}
}

// listening is the address of a real server.
func listening(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := rest.Server(newWorld(t, facetest.Ops(t)).handler)
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-served
	})
	return listener.Addr().String()
}

func TestOneConnectionServesMany(t *testing.T) {
	t.Parallel()
	address := listening(t)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	for range 3 {
		body := `{"title":"Tea"}`
		fmt.Fprintf(conn, "POST /v1/tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n", token, len(body))
		goOn, err := http.ReadResponse(answers, nil)
		if err != nil || goOn.StatusCode != http.StatusContinue {
			t.Fatalf("got %v, %v; want 100", goOn, err)
		}
		fmt.Fprint(conn, body)
		got, err := http.ReadResponse(answers, nil)
		if err != nil || got.StatusCode != http.StatusCreated {
			t.Fatalf("got %v, %v; want 201", got, err)
		}
		if _, err := bufio.NewReader(got.Body).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAHeaderThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	address := listening(t)
	const slack = 4096 // net/http allows this much more
	r, err := http.NewRequest("GET", "http://"+address+"/livez", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Large", strings.Repeat("a", limits.HeaderBytes+slack))
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("got %s", got.Status)
	}
}
