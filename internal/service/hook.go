package service

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/event"
	"github.com/ordinaut/ordinaut/internal/limits"
	"github.com/ordinaut/ordinaut/internal/op"
)

// Hook is a hook as it is shown.
type Hook struct {
	Name           string              `json:"name" doc:"Its name."`
	Path           string              `json:"path" doc:"Where the sender is to send to, on this server."`
	Description    string              `json:"description,omitempty" doc:"What it is there for."`
	Verify         ordinaut.HookVerify `json:"verify" enum:"standard,github,stripe,slack,secret" doc:"How it knows who sends."`
	Header         string              `json:"header,omitempty" doc:"The header that brings the shared secret."`
	Map            ordinaut.HookMap    `json:"map" doc:"The expressions that make an event of what is sent."`
	Enabled        bool                `json:"enabled" doc:"Whether it takes anything in."`
	CreatedBy      ordinaut.AgentID    `json:"created_by" doc:"In whose name its events are published."`
	CreatedAt      time.Time           `json:"created_at" doc:"When it was made."`
	UpdatedAt      time.Time           `json:"updated_at" doc:"When it was last changed."`
	Accepted       int64               `json:"accepted" doc:"How much of what was sent became an event."`
	Repeated       int64               `json:"repeated" doc:"How much had come before, and counts once."`
	Refused        int64               `json:"refused" doc:"How much was refused."`
	AcceptedAt     *time.Time          `json:"accepted_at,omitempty" doc:"When something was accepted last."`
	RefusedAt      *time.Time          `json:"refused_at,omitempty" doc:"When something was refused last."`
	Refusal        string              `json:"refusal,omitempty" doc:"Why it was."`
	Secret         string              `json:"secret,omitempty" doc:"What the sender is to be told; shown when it was made here, and never again."`
	OldSecretUntil *time.Time          `json:"old_secret_until,omitempty" doc:"The secret before is good until then, too."`
}

// HookList is every hook.
type HookList struct {
	Items []Hook `json:"items" doc:"The hooks, by name." nullable:"false"`
}

// CreateHook asks for a door by which another service tells of its events.
type CreateHook struct {
	Hook        string              `json:"name" maxLength:"63" doc:"Its name: letters, digits and hyphens." example:"github"`
	Verify      ordinaut.HookVerify `json:"verify" enum:"standard,github,stripe,slack,secret" doc:"How it knows who sends: by a signature as Standard Webhooks, GitHub, Stripe or Slack make it, or by the secret itself in a header."`
	Secret      string              `json:"secret,omitempty" minLength:"8" maxLength:"500" doc:"What the sender signs with; one is made up and shown when it is left out."`
	Header      string              `json:"header,omitempty" maxLength:"100" doc:"Of verify secret: the header that brings it; the bearer token, when left out." example:"X-Gitlab-Token"`
	Map         ordinaut.HookMap    `json:"map,omitempty" doc:"Expressions (JMESPath) over body, headers and hook that make an event of what is sent; the topic is hook.<name> and the data the body, when left out."`
	Description string              `json:"description,omitempty" maxLength:"200" doc:"What it is there for."`
}

// UpdateHook changes what is sent of it.
type UpdateHook struct {
	Hook        string            `json:"hook" doc:"The name of the hook."`
	Map         *ordinaut.HookMap `json:"map,omitempty" doc:"The expressions, all of them."`
	Description *string           `json:"description,omitempty" maxLength:"200" doc:"What it is there for."`
	Enabled     *bool             `json:"enabled,omitempty" doc:"Whether it takes anything in."`
}

// HookName asks for one hook.
type HookName struct {
	Hook string `json:"hook" doc:"The name of the hook."`
}

// RotateHook gives a hook a new secret.
type RotateHook struct {
	Hook   string `json:"hook" doc:"The name of the hook."`
	Secret string `json:"secret,omitempty" minLength:"8" maxLength:"500" doc:"The new one; one is made up and shown when it is left out."`
}

var (
	hookShape   = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	headerShape = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

// CreateHook makes a hook.
func (s *Service) CreateHook(ctx context.Context, r CreateHook) (Hook, error) {
	if err := s.CheckHook(ctx, r); err != nil {
		return Hook{}, err
	}
	known, err := s.store.ListHooks(ctx)
	if err != nil {
		return Hook{}, err
	}
	if len(known) >= limits.Hooks {
		return Hook{}, &ordinaut.Error{
			Code: ordinaut.CodeHookLimit, Message: fmt.Sprintf("there are %d hooks already", len(known)),
			Fix: "delete one that is not needed, with ordinaut hooks delete",
		}
	}
	now, err := s.now(ctx)
	if err != nil {
		return Hook{}, err
	}
	now = now.UTC().Truncate(time.Microsecond)
	c := ordinaut.ChangeFrom(ctx)
	h := ordinaut.Hook{
		Name: r.Hook, Rev: 1, Description: r.Description, Verify: r.Verify, Header: r.Header, Map: r.Map,
		CreatedBy: c.Actor, CreatedAt: now, UpdatedAt: now,
	}
	sealed, made, err := s.sealHook(ctx, r.Hook, r.Secret)
	if err != nil {
		return Hook{}, err
	}
	h.Secrets.Now = sealed
	err = s.store.CreateHook(ctx, h, c.About(h.Name))
	if errors.Is(err, ordinaut.ErrTaken) {
		return Hook{}, &ordinaut.Error{
			Code: ordinaut.CodeHookTaken, At: "/name", Sent: r.Hook, Message: fmt.Sprintf("there is a hook %q already", r.Hook),
			Fix: "choose another name, or change that hook with ordinaut hooks update",
		}
	}
	shown := showHook(h)
	shown.Secret = made
	return shown, err
}

// sealHook seals the secret of a hook, and makes one up when there is none.
func (s *Service) sealHook(ctx context.Context, name, secret string) (sealed []byte, made string, err error) {
	vault, err := s.vault(ctx)
	if err != nil {
		return nil, "", err
	}
	if secret == "" {
		made = event.NewSecret()
		secret = made
	}
	return vault.Seal(event.AboutHook(name), secret), made, nil
}

// CheckHook finds everything that is wrong with a hook before it is made.
func (s *Service) CheckHook(_ context.Context, r CreateHook) error {
	var faults ordinaut.Errors
	if !hookShape.MatchString(r.Hook) {
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/name", Sent: r.Hook,
			Message: "the name of a hook is 1 to 63 small letters, digits and hyphens, and begins and ends with a letter or digit",
			Fix:     "choose another name", Examples: []string{"github", "shop-orders"},
		})
	}
	switch {
	case r.Header == "":
	case r.Verify != ordinaut.VerifySecret:
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/header", Sent: r.Header,
			Message: fmt.Sprintf("the headers of %s are given", r.Verify), Fix: "leave it out, or verify by secret",
		})
	case !headerShape.MatchString(r.Header) || strings.EqualFold(r.Header, "Cookie"):
		faults.Add(&ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/header", Sent: r.Header,
			Message: "this is no header that can bring a secret", Fix: "use letters, digits and hyphens", Examples: []string{"X-Gitlab-Token"},
		})
	}
	faults.Add(checkHookSecret(r.Verify, r.Secret))
	if err := event.CheckMap(r.Map); err != nil {
		faults.Add(ordinaut.AsError(err).Under("/map"))
	}
	return faults.Err()
}

// checkHookSecret refuses a secret that cannot be one of its kind.
func checkHookSecret(v ordinaut.HookVerify, secret string) error {
	if v != ordinaut.VerifyStandard || secret == "" {
		return nil
	}
	if _, err := event.Key(secret); err != nil {
		return &ordinaut.Error{
			Code: ordinaut.CodeFieldValue, At: "/secret", // what was sent is not shown: it is a secret
			Message: "a secret of Standard Webhooks is whsec_ and base64 behind it",
			Fix:     "copy it whole from the sender, or leave it out to have one made up",
		}
	}
	return nil
}

// ListHooks lists the hooks and what has come to them.
func (s *Service) ListHooks(ctx context.Context, _ op.Nothing) (HookList, error) {
	known, err := s.store.ListHooks(ctx)
	list := HookList{Items: make([]Hook, len(known))}
	for i, h := range known {
		list.Items[i] = showHook(h)
	}
	return list, err
}

// GetHook shows a hook and what has come to it.
func (s *Service) GetHook(ctx context.Context, r HookName) (Hook, error) {
	h, err := s.findHook(ctx, r.Hook)
	return showHook(h), err
}

func (s *Service) findHook(ctx context.Context, name string) (ordinaut.Hook, error) {
	h, err := s.store.Hook(ctx, name)
	if !errors.Is(err, ordinaut.ErrNotFound) {
		return h, err
	}
	known, err := s.store.ListHooks(ctx)
	if err != nil {
		return h, err
	}
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.Name
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodeHookNotFound, At: "/hook", Sent: name, Message: fmt.Sprintf("there is no hook %q", name),
		Fix: "see their names with ordinaut hooks list",
	}
	if near := ordinaut.Nearest(name, names); near != "" {
		e.Fix, e.Examples = fmt.Sprintf("did you mean %s?", near), []string{near}
	}
	return h, e
}

// UpdateHook changes a hook.
func (s *Service) UpdateHook(ctx context.Context, r UpdateHook) (Hook, error) {
	return s.editHook(ctx, r.Hook, func(h *ordinaut.Hook, _ time.Time) error {
		replace(&h.Map, r.Map)
		replace(&h.Description, r.Description)
		if r.Enabled != nil {
			h.Disabled = !*r.Enabled
		}
		if err := event.CheckMap(h.Map); err != nil {
			return ordinaut.AsError(err).Under("/map")
		}
		return nil
	})
}

// RotateHook gives a hook a new secret. The one before is good for a while.
func (s *Service) RotateHook(ctx context.Context, r RotateHook) (Hook, error) {
	sealed, made, err := s.sealHook(ctx, r.Hook, r.Secret)
	if err != nil {
		return Hook{}, err
	}
	shown, err := s.editHook(ctx, r.Hook, func(h *ordinaut.Hook, now time.Time) error {
		h.Secrets = h.Secrets.Next(sealed, now.Add(limits.SecretOverlap))
		return checkHookSecret(h.Verify, r.Secret)
	})
	if err == nil {
		shown.Secret = made
	}
	return shown, err
}

// editHook makes an edit to a hook as it is now.
func (s *Service) editHook(ctx context.Context, name string, edit func(h *ordinaut.Hook, now time.Time) error) (Hook, error) {
	was, err := s.findHook(ctx, name)
	if err != nil {
		return Hook{}, err
	}
	now, err := s.now(ctx)
	if err != nil {
		return Hook{}, err
	}
	is := was
	now = now.UTC().Truncate(time.Microsecond)
	if err := edit(&is, now); err != nil {
		return Hook{}, err
	}
	is.Rev, is.UpdatedAt = was.Rev+1, now
	err = s.store.UpdateHook(ctx, was, is, ordinaut.ChangeFrom(ctx).About(name))
	if errors.Is(err, ordinaut.ErrMoved) || errors.Is(err, ordinaut.ErrNotFound) {
		return Hook{}, &ordinaut.Error{
			Code: ordinaut.CodeHookState, At: "/hook", Sent: name,
			Message: "somebody has changed or deleted the hook meanwhile", Fix: "look at it again, then send the change again",
		}
	}
	return showHook(is), err
}

// DeleteHook closes a hook for good.
func (s *Service) DeleteHook(ctx context.Context, r HookName) (Hook, error) {
	h, err := s.findHook(ctx, r.Hook)
	if err == nil {
		err = s.store.DeleteHook(ctx, h.Name, ordinaut.ChangeFrom(ctx).About(h.Name))
	}
	return showHook(h), err
}

func showHook(h ordinaut.Hook) Hook {
	return Hook{
		Name: h.Name, Path: "/v1/hooks/" + h.Name, Description: h.Description, Verify: h.Verify, Header: h.Header, Map: h.Map,
		Enabled: !h.Disabled, CreatedBy: h.CreatedBy, CreatedAt: h.CreatedAt, UpdatedAt: h.UpdatedAt,
		Accepted: h.Tally.Accepted, Repeated: h.Tally.Repeated, Refused: h.Tally.Refused,
		AcceptedAt: h.Tally.AcceptedAt, RefusedAt: h.Tally.RefusedAt, Refusal: h.Tally.Refusal, OldSecretUntil: h.Secrets.OldUntil,
	}
}
