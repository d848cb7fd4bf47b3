package builtin

import (
	"context"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/tool"
)

// controls are the tools that have a run wait. The pipeline carries them out by
// itself: they are here to be found, and to have their arguments checked.
func controls() (tools []tool.Transport) {
	for _, t := range pipeline.Controls() {
		tools = append(tools, builtin{Tool: t, work: stepOnly})
	}
	return tools
}

// stepOnly is the work of a tool that means something only inside of a run.
func stepOnly(_ context.Context, c tool.Call) (any, error) {
	return nil, &ordinaut.Error{
		Code:    ordinaut.CodeToolInput,
		Message: c.Address + " has a run wait, so it works only as a step of a pipeline",
		Fix:     "give a task a step that uses it",
	}
}
