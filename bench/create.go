package main

import (
	"context"
	"fmt"
)

// tasksPerAgent spreads the new tasks over callers, as an agent may only have a
// bounded number.
const tasksPerAgent = 500

// createTasks measures single creations by so many callers at once, through the
// operation with everything it checks: scope, schema, schedule, pipeline, limit.
func createTasks(ctx context.Context, dir string, tasks, callers int) (sample, error) {
	h, err := openHouse(ctx, dir)
	if err != nil {
		return sample{}, err
	}
	defer h.store.Close()
	agents := make([]context.Context, (tasks+tasksPerAgent-1)/tasksPerAgent)
	for i := range agents {
		if agents[i], err = h.agent(ctx, fmt.Sprint("agent ", i)); err != nil {
			return sample{}, err
		}
	}
	return measured(tasks, func() error {
		return byCallers(callers, tasks, func(i int) error {
			_, err := h.create(agents[i%len(agents)], oneStep(fmt.Sprint("Task ", i), "cron", "30 8 * * MON-FRI"))
			return err
		})
	})
}
