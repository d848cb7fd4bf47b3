package toolfile

import (
	"slices"
	"strings"
)

// serversIn lists the servers of a section, without remarks, as people write
// them where comments are not allowed.
func serversIn(section node) (found object) {
	for _, f := range section.object() {
		_, isText := f.value.(string)
		remark := isText && strings.ContainsAny(f.name[:min(1, len(f.name))], "_/$#")
		if !remark && f.at != toolsAt {
			found = append(found, f)
		}
	}
	return found
}

// roots are the names under which clients keep their servers.
func roots() []string { return []string{"mcpServers", "servers", "mcp_servers", "context_servers"} }

// toolsAt is where the HTTP tools are, whatever the servers are called.
const toolsAt = "/tools"

// wrappers are the names under which the servers are wrapped once more: mcp in
// the settings of VS Code, settings in its workspaces, the others in a
// devcontainer.
func wrappers() []string { return []string{"mcp", "settings", "customizations", "vscode"} }

// sectionsOf finds the objects that hold servers, in the order of the file.
func sectionsOf(n node) (found []node) {
	for _, f := range n.object() {
		_, last, dotted := strings.Cut(f.name, ".") // such as mcp.servers
		switch {
		case slices.Contains(roots(), f.name), dotted && slices.Contains(roots(), last):
			found = append(found, f.node)
		case f.name == "mcp" && holdsServers(f.node):
			found = append(found, f.node)
		case slices.Contains(wrappers(), f.name):
			found = append(found, sectionsOf(f.node)...)
		}
	}
	if len(found) == 0 && n.at == "" && holdsServers(n) {
		return []node{n} // nothing but servers, as examples are often given
	}
	return found
}

// holdsServers says whether every field of a node is an object, and one of them
// says how a server is reached.
func holdsServers(n node) bool {
	some := false
	for _, f := range n.object() {
		if f.at == toolsAt {
			continue
		}
		if _, ok := f.value.(object); !ok {
			return false
		}
		for _, key := range []string{"command", "url", "httpUrl", "serverUrl"} {
			_, has := f.object().get(key)
			some = some || has
		}
	}
	return some
}
