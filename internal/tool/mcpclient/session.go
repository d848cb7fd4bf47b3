package mcpclient

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/telemetry"
)

// session is one connection to a server, from its greeting to its end.
type session struct {
	name string
	log  *slog.Logger
	gate *gate
	link *link
	sdk  *mcp.ClientSession

	work     sync.WaitGroup // goroutines that talk to the SDK
	broken   chan struct{}  // closed when it is over
	gone     chan struct{}  // closed when nothing is left of it
	doubting atomic.Bool

	mu      sync.Mutex
	fault   error // why it is over
	ended   bool
	retired bool // it takes no more calls, and ends with the last one
	users   int
	used    int // users when it ended
	idle    *time.Timer
	next    int                 // token
	books   map[string]*journal // of the calls under way, by progress token
	own     journal             // while there is none
}

func newSession(name string, log *slog.Logger) *session {
	s := &session{
		name:   name,
		log:    log.With(telemetry.KeyServer, name),
		broken: make(chan struct{}),
		gone:   make(chan struct{}),
		books:  map[string]*journal{},
	}
	s.own.write = func(line string) { s.log.Debug("the server says: " + line) }
	s.gate = &gate{
		heard:  s.heard,
		noise:  func(line []byte) { s.told("not of the protocol: " + string(line)) },
		failed: func(err error) { s.over(named(name, err)) },
	}
	s.idle = time.AfterFunc(limits.ToolIdle, s.expire)
	s.idle.Stop() // until it is ready
	return s
}

// take enters the session for one use, unless it is over. A use is one call of
// do.
func (s *session) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.retired {
		return false
	}
	s.idle.Stop()
	s.users++
	s.work.Add(1)
	return true
}

// leave ends a use. When it was the last, the session waits for the next one,
// but not forever.
func (s *session) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users--; s.users > 0 {
		return
	}
	if s.retired {
		s.finish(nil)
	} else if !s.ended {
		s.idle.Reset(limits.ToolIdle)
	}
}

// expire ends the session when nobody uses it.
func (s *session) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == 0 {
		s.finish(nil)
	}
}

// retire makes the session take no more calls, and ends it with the last one.
func (s *session) retire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retired = true
	if s.users == 0 {
		s.finish(nil)
	}
}

// over ends the session, because of a fault.
func (s *session) over(fault error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.finish(fault)
}

// finish ends the session once. The lock is held.
func (s *session) finish(fault error) {
	if s.ended {
		return
	}
	s.ended, s.fault, s.used = true, fault, s.users
	s.idle.Stop()
	close(s.broken)
}

// why is the fault that ended the session; nil while it lives.
func (s *session) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault
}

// lastWords is how long a process may take to end after its output has.
const lastWords = time.Second

// watch waits for the end of the session, tells of it, and leaves nothing of it
// behind.
func (s *session) watch(ended func(calls int, fault error)) {
	defer close(s.gone)
	disconnected := make(chan struct{})
	go func() { _ = s.sdk.Wait(); close(disconnected) }()
	select {
	case <-s.broken:
	case <-disconnected:
		if s.link.ended != nil {
			select {
			case <-s.link.ended:
			case <-time.After(lastWords):
			}
		}
		s.over(endedFault(s.name, s.link.epitaph()))
	}
	s.mu.Lock()
	calls, fault := s.used, s.fault
	s.mu.Unlock()
	ended(calls, fault)
	s.part()
	<-disconnected
	s.work.Wait()
}

// part says goodbye, for as long as that may take, and ends what was started.
func (s *session) part() {
	closed := make(chan struct{})
	go func() { _ = s.sdk.Close(); close(closed) }()
	select {
	case <-closed:
	case <-time.After(limits.ToolStop):
	}
	s.link.abort()
	s.link.stop(context.Background())
	<-closed
}

// wait waits until nothing is left of the session.
func (s *session) wait(ctx context.Context) {
	select {
	case <-s.gone:
	case <-ctx.Done():
	}
}

// open begins the journal of a call, under a token for its progress.
func (s *session) open(write func(string)) (token string, book *journal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if write == nil {
		write = func(string) {}
	}
	s.next++
	token, book = strconv.Itoa(s.next), &journal{write: write}
	s.books[token] = book
	return token, book
}

// shut ends the journal of a call.
func (s *session) shut(token string, book *journal) {
	s.mu.Lock()
	delete(s.books, token)
	s.mu.Unlock()
	book.close()
}

// told writes a text that belongs to no call in particular into the journals of
// all that are under way.
func (s *session) told(text string) {
	s.mu.Lock()
	books := make([]*journal, 0, len(s.books))
	for _, book := range s.books {
		books = append(books, book)
	}
	s.mu.Unlock()
	if len(books) == 0 && s.log.Enabled(context.Background(), slog.LevelDebug) {
		books = append(books, &s.own)
	}
	for _, book := range books {
		book.add(text)
	}
}

// heard writes what a server notifies us of into the journals.
func (s *session) heard(method string, params json.RawMessage) {
	switch method {
	case "notifications/message":
		s.told(messageLine(params))
	case "notifications/progress":
		token, line := progressLine(params)
		s.mu.Lock()
		book := s.books[token]
		s.mu.Unlock()
		if book != nil {
			book.add(line)
		}
	}
}
