package mcpclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync/atomic"

	"github.com/modelcontextprotocol/go-sdk/jsonrpc"
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/jsonguard"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// What a server may do that is not an answer.
const (
	mostRequests = 32       // requests to us that have no reply yet
	mostNoise    = 100      // lines that are not of the protocol
	mostNoisy    = 64 << 10 // their bytes
)

// gate stands between a server and the SDK: every frame passes through it, over
// whatever transport it came. The SDK sees no JSON that was not guarded, no
// notification but the one that it needs, no request that it would have to
// decode, and answers only under seal. What that leaves it to do, no server can
// make costly.
type gate struct {
	heard  func(method string, params json.RawMessage) // is told notifications
	noise  func(line []byte)                           // is told what is not of the protocol
	failed func(error)                                 // is told why nothing more can be read

	changing  atomic.Bool  // the SDK has yet to handle that the list of tools changed
	asked     atomic.Int32 // requests of the server without a reply
	noisy     atomic.Int32 // lines
	noisyBody atomic.Int64 // and their bytes
}

// pass gives the messages of a frame that the SDK may see. An error is the end
// of the session: after it, nothing that the server sends can be trusted.
func (g *gate) pass(frame []byte) ([]jsonrpc.Message, error) {
	messages, err := g.read(frame)
	if err != nil {
		g.failed(err)
	}
	return messages, err
}

func (g *gate) read(frame []byte) (messages []jsonrpc.Message, err error) {
	// The bound of a frame is its bytes; a long list in it is no attack.
	bounds := jsonguard.Limits{Nodes: limits.ToolFrameBytes, StringBytes: limits.ToolFrameBytes}
	if err := jsonguard.Check(frame, bounds); err != nil {
		return nil, protocolFault("sends what cannot be read: " + ordinaut.AsError(err).Message)
	}
	for _, raw := range split(frame) {
		m, err := decode(raw)
		if err != nil {
			err = g.tolerate(raw)
		} else {
			m, err = g.admit(m)
		}
		if err != nil {
			return nil, err
		}
		if m != nil {
			messages = append(messages, m)
		}
	}
	return messages, nil
}

// split takes a batch apart, which revisions up to 2025-03-26 allow.
func split(frame []byte) []json.RawMessage {
	var batch []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(frame), []byte("[")) && json.Unmarshal(frame, &batch) == nil {
		return batch
	}
	return []json.RawMessage{frame}
}

// admit gives the message as the SDK may see it, or nil.
func (g *gate) admit(m jsonrpc.Message) (jsonrpc.Message, error) {
	switch m := m.(type) {
	case *jsonrpc.Response:
		if m.Error == nil {
			m.Result = seal(m.Result)
		}
		return m, nil
	case *jsonrpc.Request:
		if m.IsCall() {
			return g.request(m)
		}
		return g.notification(m), nil
	}
	return nil, nil
}

// request lets pings through, and everything else under a name that the SDK
// does not know and therefore refuses without looking at what is asked.
func (g *gate) request(m *jsonrpc.Request) (jsonrpc.Message, error) {
	if g.asked.Add(1) > mostRequests {
		return nil, protocolFault(fmt.Sprintf("asks more than %d things at once without reading the replies", mostRequests))
	}
	m.Params = nil
	if m.Method != "ping" {
		m.Method = "not offered: " + m.Method
	}
	return m, nil
}

// replied notes that the reply to a request was sent.
func (g *gate) replied() { g.asked.Add(-1) }

// notification hands on what a server tells. The SDK has to know when the list
// of tools has changed, because it may have kept it, and no more than once until
// it has handled that.
func (g *gate) notification(m *jsonrpc.Request) jsonrpc.Message {
	if m.Method != "notifications/tools/list_changed" {
		g.heard(m.Method, m.Params)
		return nil
	}
	if g.changing.Swap(true) {
		return nil
	}
	return &jsonrpc.Request{Method: m.Method}
}

// changed notes that the SDK has handled the change of the list of tools.
func (g *gate) changed() { g.changing.Store(false) }

// tolerate puts up with a line that is not of the protocol: many servers print
// to their standard output what belongs to standard error.
func (g *gate) tolerate(line []byte) error {
	lines, size := g.noisy.Add(1), g.noisyBody.Add(int64(len(line)))
	if lines > mostNoise || size > mostNoisy {
		return protocolFault("keeps writing to its standard output what is not of the protocol")
	}
	g.noise(line)
	return nil
}

// protocolFault is the error about a server that does not keep to the protocol.
// The session adds the name of the server.
func protocolFault(what string) *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeToolProtocol,
		Message: what,
		Fix:     "update the server, or tell whoever makes it; it does not keep to the Model Context Protocol",
	}
}
