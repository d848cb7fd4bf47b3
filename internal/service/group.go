package service

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Group is a group of consumers as it is shown.
type Group struct {
	Name      string    `json:"name" doc:"Its name."`
	Topics    []string  `json:"topics" doc:"The patterns of the topics whose events it gives out." nullable:"false"`
	CreatedAt time.Time `json:"created_at" doc:"When it was made."`
	After     int64     `json:"after" doc:"Events up to this position were given out."`
	Lag       int64     `json:"lag" doc:"Positions behind it, whatever their topic."`
	Pending   int       `json:"pending" doc:"Events that were given out and not acknowledged."`
	Dead      int       `json:"dead" doc:"Events that were given up."`
}

// Location is the path of the group.
func (g Group) Location() string { return "/v1/events/groups/" + g.Name }

func showGroup(g ordinaut.Group) Group {
	return Group{
		Name: g.Name, Topics: g.Topics, CreatedAt: g.CreatedAt,
		After: g.After, Lag: g.Lag, Pending: g.Pending, Dead: g.Dead,
	}
}

// GroupName names a group.
type GroupName struct {
	Group string `json:"group" doc:"The name of the group." example:"billing"`
}

// NewGroup asks for a group.
type NewGroup struct {
	GroupName
	Topics []string `json:"topics" minItems:"1" maxItems:"50" doc:"Patterns of topics, any of them: * is one word, and > at the end one or more." example:"[\"order.*\"]"`
	From   string   `json:"from,omitempty" enum:"now,start" default:"now" doc:"Where it begins: with what happens from now on, or with the oldest event that is kept."`
	After  *int64   `json:"after,omitempty" minimum:"0" doc:"Where it begins instead: behind this position."`
}

var groupShape = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9_-]{0,62}$`)

// check finds what is wrong with a group.
func (r NewGroup) check() error {
	var faults ordinaut.Errors
	if !groupShape.MatchString(r.Group) {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/group", Sent: r.Group,
			Message: "the name of a group is 1 to 63 letters, digits, hyphens and underscores, and begins with a letter or digit",
			Fix:     "choose another name", Examples: []string{"billing"},
		})
	}
	faults.Add(checkPatterns(r.Topics, func(i int) string { return fmt.Sprintf("/topics/%d", i) }))
	return faults.Err()
}

// CheckGroup finds everything that is wrong with a group before it is made.
func (s *Service) CheckGroup(_ context.Context, r NewGroup) error { return r.check() }

// CreateGroup makes a group of consumers.
func (s *Service) CreateGroup(ctx context.Context, r NewGroup) (Group, error) {
	if err := r.check(); err != nil {
		return Group{}, err
	}
	groups, err := s.store.ListGroups(ctx)
	if err != nil {
		return Group{}, err
	}
	agent, _ := ordinaut.AgentFrom(ctx)
	if err := mayHaveGroup(groups, agent); err != nil {
		return Group{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return Group{}, err
	}
	g := ordinaut.Group{Name: r.Group, Topics: r.Topics, CreatedBy: agent.ID, CreatedAt: now}
	if g.After, err = r.begin(ctx, s.store); err != nil {
		return Group{}, err
	}
	err = s.store.CreateGroup(ctx, g, ordinaut.ChangeFrom(ctx).About(g.Name))
	if errors.Is(err, ordinaut.ErrTaken) {
		err = &ordinaut.Error{
			Code: ordinaut.CodeGroupTaken, At: "/group", Sent: r.Group,
			Message: fmt.Sprintf("there is a group %s already", r.Group),
			Fix:     "use it as it is, delete it first, or choose another name",
		}
	}
	if err != nil {
		return Group{}, err
	}
	return s.GetGroup(ctx, r.GroupName)
}

// mayHaveGroup refuses an agent one group more than it may have.
func mayHaveGroup(groups []ordinaut.Group, agent ordinaut.Agent) error {
	own := 0
	for _, g := range groups {
		if g.CreatedBy == agent.ID {
			own++
		}
	}
	if own < limits.Groups {
		return nil
	}
	return &ordinaut.Error{
		Code:    ordinaut.CodeGroupLimit,
		Message: fmt.Sprintf("%s has %d groups of consumers, which is as many as there may be", agent.Name, own),
		Fix:     "delete those that nobody reads any more",
	}
}

// begin is the position behind which a group begins.
func (r NewGroup) begin(ctx context.Context, log ordinaut.Events) (int64, error) {
	if r.After != nil {
		return *r.After, nil
	}
	first, last, err := log.EventEnds(ctx)
	if err != nil {
		return 0, fmt.Errorf("find the ends of the log: %w", err)
	}
	if r.From == "start" {
		return first - 1, nil
	}
	return last, nil
}

// GetGroup shows a group and how far it has come.
func (s *Service) GetGroup(ctx context.Context, r GroupName) (Group, error) {
	groups, err := s.store.ListGroups(ctx)
	if err != nil {
		return Group{}, err
	}
	names := make([]string, len(groups))
	for i, g := range groups {
		if g.Name == r.Group {
			return showGroup(g), nil
		}
		names[i] = g.Name
	}
	return Group{}, noGroup(r.Group, ordinaut.Nearest(r.Group, names))
}

// noGroup says that there is no such group, and which one may have been meant.
func noGroup(name, near string) error {
	e := &ordinaut.Error{
		Code: ordinaut.CodeGroupNotFound, At: "/group", Sent: name,
		Message: fmt.Sprintf("there is no group %q", name),
		Fix:     "make it first: POST /v1/events/groups",
	}
	if near != "" {
		e.Fix, e.Examples = "did you mean "+near+"?", []string{near}
	}
	return e
}

// found makes an error that says that there is no such group one for users.
func (r GroupName) found(err error) error {
	if errors.Is(err, ordinaut.ErrNotFound) {
		return noGroup(r.Group, "")
	}
	return err
}

// GroupList is all groups of consumers.
type GroupList struct {
	Items []Group `json:"items" doc:"The groups, by their names." nullable:"false"`
}

// ListGroups lists groups of consumers and how far they have come.
func (s *Service) ListGroups(ctx context.Context, _ op.Nothing) (GroupList, error) {
	groups, err := s.store.ListGroups(ctx)
	if err != nil {
		return GroupList{}, err
	}
	list := GroupList{Items: make([]Group, 0, len(groups))}
	for _, g := range groups {
		list.Items = append(list.Items, showGroup(g))
	}
	return list, nil
}

// DeleteGroup forgets a group, and what of it is pending or given up.
func (s *Service) DeleteGroup(ctx context.Context, r GroupName) (Group, error) {
	was, err := s.GetGroup(ctx, r)
	if err != nil {
		return Group{}, err
	}
	return was, r.found(s.store.DeleteGroup(ctx, r.Group, ordinaut.ChangeFrom(ctx).About(r.Group)))
}
