package service

import (
	"fmt"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// elsewhere is the catalog of a process that is no server: which servers of
// tools there are, it does not know. So a tool of another name than those of the
// built-in ones may exist.
type elsewhere struct{ *tool.Catalog }

// Find finds a tool that is built in, or says that nobody can know.
func (e elsewhere) Find(address string) (ordinaut.Tool, error) {
	t, err := e.Catalog.Find(address)
	server, _, wellFormed := strings.Cut(address, ".")
	if err == nil || !wellFormed {
		return t, err
	}
	for _, known := range e.List() {
		if strings.HasPrefix(known.Address, server+".") {
			return t, err
		}
	}
	return t, &ordinaut.Error{
		Code: ordinaut.CodeToolUnavailable, Sent: address,
		Message: fmt.Sprintf("without a server nobody can say whether there is a tool %q", address),
		Fix:     "start the server that has it, and ask again",
	}
}

// catalog is what pipelines are checked with.
func (s *Service) catalog() pipeline.Catalog {
	if s.store == nil {
		return zoned{elsewhere{s.tools}}
	}
	return zoned{s.tools}
}
