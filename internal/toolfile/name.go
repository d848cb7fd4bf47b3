package toolfile

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// nameChars is how long the name of a server may be.
const nameChars = 64

var (
	wellNamed = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	unusable  = regexp.MustCompile(`[^A-Za-z0-9_-]+`)
)

// reserved are the groups of tools that steer runs. Nothing else may answer
// under their names.
func reserved() []string {
	return []string{"flow", "pipeline", "orchestrator", "policy", "system", "task", "state", "event", "agent", "command"}
}

// builtins are the groups of built-in tools whose place a server may take.
func builtins() []string {
	return []string{"debug", "http", "calendar", "data", "text", "notify", "llm", "mail"}
}

// checkName says what is wrong with the name of a server, or with the address of
// a tool.
func checkName(what, name string) *ordinaut.Error {
	fault := func(message, fix string) *ordinaut.Error {
		return &ordinaut.Error{Code: ordinaut.CodeToolsName, Sent: name, Message: message, Fix: fix}
	}
	group, _, _ := strings.Cut(name, ".")
	switch {
	case !wellNamed.MatchString(name):
		e := fault(fmt.Sprintf("%q cannot be the name of a %s", name, what), "use letters, digits, _ and -, with single dots between them")
		if near := usableName(name); near != "" {
			e.Examples = []string{near}
		}
		return e
	case what == "server" && len(name) > nameChars:
		return fault(fmt.Sprintf("the name of the %s is longer than %d characters", what, nameChars), "shorten it")
	case slices.Contains(reserved(), strings.ToLower(group)):
		return fault(fmt.Sprintf("%s is the name of tools that steer runs, and the %s %s would stand in their place", strings.ToLower(group), what, name), "give it another name, such as my-"+name)
	}
	return nil
}

// usableName makes a name usable, as near as can be; "" when nothing is left.
func usableName(name string) string {
	return strings.Trim(unusable.ReplaceAllString(name, "-"), "-")
}

// ownerOf is the server to which an address belongs: the one with the longest
// name that is followed by a dot.
func ownerOf(address string, servers []Server) (owner string) {
	for _, s := range servers {
		if strings.HasPrefix(address, s.Name+".") && len(s.Name) > len(owner) {
			owner = s.Name
		}
	}
	return owner
}

// names checks the names of servers and tools against each other.
func (r *reader) names(f File) {
	if len(f.Servers) > limits.ToolServers {
		r.fault(node{}, fmt.Sprintf("the file has %d servers, and at most %d are kept", len(f.Servers), limits.ToolServers), "remove some")
	}
	seen := map[string]string{}
	for _, s := range f.Servers {
		folded := strings.ToLower(s.Name)
		if other, taken := seen[folded]; taken {
			r.faultOf(ordinaut.CodeToolsName, node{at: s.places["name"]}, fmt.Sprintf("the servers %s and %s differ in nothing but case", other, s.Name), "give one of them another name")
		}
		seen[folded] = s.Name
	}
	for _, t := range f.Tools {
		if owner := ownerOf(t.Address, f.Servers); owner != "" {
			r.faultOf(ordinaut.CodeToolsName, node{at: below("/tools", t.Address)}, fmt.Sprintf("%s is an address of the server %s", t.Address, owner), "begin the address of the tool with another name")
		}
	}
}
