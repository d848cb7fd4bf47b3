package server

import (
	"context"
	"fmt"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/tool"
	"github.com/ordinaut/ordinaut/internal/tool/operation"
)

// asker finds on whose behalf a tool asks for an operation: whoever calls it, or
// the agent whose task the run carries out, with the rights that it has now.
// Without a store nobody can ask.
func asker(store ordinaut.Store) operation.Asker {
	if store == nil {
		return nil
	}
	return func(ctx context.Context, c tool.Call) (context.Context, error) {
		if _, known := ordinaut.AgentFrom(ctx); known {
			return ctx, nil
		}
		run, err := store.Run(ctx, c.RunID)
		if err != nil {
			return ctx, fmt.Errorf("find the run that asks: %w", err)
		}
		task, err := store.Task(ctx, ordinaut.TaskRef{ID: run.TaskID})
		if err != nil {
			return ctx, fmt.Errorf("find the task that asks: %w", err)
		}
		agent, err := store.Agent(ctx, task.CreatedBy)
		if err != nil {
			return ctx, fmt.Errorf("find the agent that asks: %w", err)
		}
		origin := ordinaut.Origin{RunID: run.ID, Step: c.Step, Depth: run.Depth}
		return ordinaut.WithOrigin(ordinaut.WithAgent(ctx, agent), origin), nil
	}
}
