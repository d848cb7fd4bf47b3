package service

import (
	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/pipeline"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// zoned is a catalog that knows the names of time zones, too: a step that names
// one which does not exist would only fail when it runs.
type zoned struct{ pipeline.Catalog }

// CheckInput says what in the arguments does not fit.
func (z zoned) CheckInput(address string, args any) ordinaut.Errors {
	faults := z.Catalog.CheckInput(address, args)
	fields, _ := args.(map[string]any)
	if name, ok := fields["timezone"].(string); ok && address == "policy.quiet_hours_gate" {
		_, err := schedule.LoadZone(name)
		faults.Add(err)
	}
	return faults
}
