package rehearsal

import (
	_ "embed" // for the schema
	"encoding/json"
)

//go:embed mocks.schema.json
var mocksSchema string

// Schema is the JSON Schema of a script: the mocks of a pipeline, and the cases
// that are played with them.
func Schema() json.RawMessage { return json.RawMessage(mocksSchema) }
