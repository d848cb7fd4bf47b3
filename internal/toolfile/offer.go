package toolfile

import (
	"fmt"
	"strconv"
	"time"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// offer reads whether the server is used, and which of its tools.
func (e *entry) offer(s *Server) {
	disabled, _ := e.truth("disabled")
	enabled, given := e.truth("enabled", "isActive")
	s.Disabled = disabled || given && !enabled
	s.Include = e.list("includeTools", "enabled_tools", "enabledTools", "allowedTools")
	s.Exclude = e.list("excludeTools", "disabled_tools", "disabledTools")
	if tools, ok := e.find("tools"); ok { // Copilot's list; elsewhere an object of settings
		if items, isList := tools.value.([]node); isList && len(s.Include) == 0 {
			s.Include = e.texts("tools", items)
		}
	}
	if len(s.Include) == 1 && s.Include[0] == "*" {
		s.Include = nil
	}
	for _, name := range []string{"trust", "alwaysAllow", "autoApprove"} {
		if _, has := e.object().get(name); has {
			e.note("%s: %s is not taken as trust", e.what, name)
		}
	}
	for _, name := range []string{"headersHelper", "oauth", "auth", "authProviderType"} {
		if f, has := e.object().get(name); has && f.value != false {
			e.note("%s: %s is not used; give the server its token in headers", e.what, name)
		}
	}
	s.StartTimeout = e.startTimeout()
}

// startTimeout reads how long the server may take to answer the first time.
// Clients disagree about the unit of timeout: a number below 1000 is seconds,
// any other milliseconds. They also disagree about what is timed, so one that is
// longer than is waited here is no fault.
func (e *entry) startTimeout() time.Duration {
	var found time.Duration
	read := func(name string, unit time.Duration) {
		if f, ok := e.find(name); ok {
			found = e.duration(f, unit)
		}
	}
	read("timeout", 0)
	read("initTimeout", time.Millisecond)
	read("startup_timeout_ms", time.Millisecond)
	read("startup_timeout_sec", time.Second)
	return found
}

// duration reads a time: a text with units, or a number of the unit, which is
// guessed when it is 0.
func (e *entry) duration(f field, unit time.Duration) time.Duration {
	text, _ := asText(f.value)
	d, err := time.ParseDuration(text)
	if n, bad := strconv.ParseFloat(text, 64); bad == nil {
		switch {
		case unit == 0 && n < 1000:
			unit = time.Second
		case unit == 0:
			unit = time.Millisecond
		}
		if n >= 0 { // and a number at all
			d, err = time.Duration(min(n, float64(limits.StepTimeoutMax/unit))*float64(unit)), nil
		}
	}
	if err != nil || d < 0 {
		e.fault(f.node, fmt.Sprintf("%s: %s is not a time", e.what, f.name), "give seconds, or a text such as 30s", fmt.Sprintf("%q: 30", f.name))
		return 0
	}
	return min(d, limits.StepTimeoutMax)
}

// extras reads what only Ordinaut knows.
func (e *entry) extras(s *Server) {
	f, ok := e.find("x-ordinaut")
	if !ok {
		return
	}
	x := &entry{reader: e.reader, node: f.node, what: e.what + ": x-ordinaut"}
	if _, ok := f.value.(object); !ok {
		x.fault(f.node, fmt.Sprintf("%s is %s, and is to be an object", x.what, f.sort()), "write it as an object", `{"idempotency": {"create_issue": "request_id"}}`)
		return
	}
	s.Idempotency = x.table("idempotency")
	if scopes, ok := x.find("scopes"); ok {
		x.faultOf(ordinaut.CodeFieldNotAvailable, scopes.node, x.what+": scopes are not available in this version", "leave them out; whoever may call tools may call these")
	}
	if timeout, ok := x.find("start_timeout_seconds"); ok {
		s.StartTimeout = x.duration(timeout, time.Second)
	}
	x.unread(true)
}
