package service

import (
	"context"
	"runtime"

	"github.com/ordinaut/ordinaut/internal/op"
	"github.com/ordinaut/ordinaut/internal/schedule"
)

// Version says what is running.
type Version struct {
	Version  string `json:"version" doc:"Of the binary."`
	Go       string `json:"go" doc:"Of the language it was built with."`
	Zones    string `json:"zone_database" doc:"The release of the zone database it carries."`
	Timezone string `json:"timezone" doc:"Where times are that name no zone."`
}

// GetVersion says what is running.
func (s *Service) GetVersion(context.Context, op.Nothing) (Version, error) {
	return Version{Version: s.version, Go: runtime.Version(), Zones: schedule.ZoneVersion(), Timezone: s.zone}, nil
}
