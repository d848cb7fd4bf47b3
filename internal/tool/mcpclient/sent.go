package mcpclient

import (
	"encoding/json"
	"net/http"
)

// kind is what a request of the SDK carries.
type kind int

const (
	nothing kind = iota
	aCall
	aNotification
	aReply // to something that the server asked
)

// sent says what a request carries. It reads no further than it has to: the SDK
// writes what we look for before the arguments of a call.
func sent(r *http.Request) kind {
	if r.Method != http.MethodPost || r.GetBody == nil {
		return nothing
	}
	body, err := r.GetBody()
	if err != nil {
		return nothing
	}
	var withID, withMethod bool
	d := json.NewDecoder(body)
	_, err = d.Token()
	for err == nil && d.More() && !(withID && withMethod) {
		var key json.Token
		var value json.RawMessage
		key, _ = d.Token()
		err = d.Decode(&value)
		withID, withMethod = withID || key == "id", withMethod || key == "method"
	}
	switch {
	case withID && withMethod:
		return aCall
	case withMethod:
		return aNotification
	case withID:
		return aReply
	}
	return nothing
}
