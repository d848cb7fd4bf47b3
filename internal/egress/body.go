package egress

import (
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/ordinaut/ordinaut"
)

// boundedBody is the body of an answer, decompressed, of which no more than a
// bound is read. It counts what comes out, because a few bytes of gzip hold as
// much as anyone likes.
type boundedBody struct {
	io.ReadCloser
	req  *http.Request
	left int64
	most int64
}

// Read reads up to the bound, and fails when there is more.
func (b *boundedBody) Read(p []byte) (int, error) {
	if int64(len(p))-1 > b.left {
		p = p[:b.left+1] // one more than may be read tells that there is more
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		n, b.left = int(b.left), 0
		return n, b.tooLarge()
	}
	b.left -= int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, brokenOff(b.req, err)
	}
	return n, err
}

func (b *boundedBody) tooLarge() *ordinaut.Error {
	return &ordinaut.Error{
		Code:    ordinaut.CodeEgressTooLarge,
		Sent:    b.req.URL.Host,
		Message: fmt.Sprintf("the answer of %s has more than %d bytes", b.req.URL.Host, b.most),
		Fix:     "ask for less: a page, a range or fewer fields",
	}
}
