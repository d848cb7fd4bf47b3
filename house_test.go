package ordinaut_test

import (
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// TestHouse holds the house rules, so that the beauty of the house does not
// depend on memory. Each rule names the offender and says how to mend it; to
// change a rule, change it here, and say why in docs/decisions.
func TestHouse(t *testing.T) {
	t.Parallel()
	house, err := readHouse(os.DirFS("."))
	if err != nil {
		t.Fatalf("read the house: %v", err)
	}
	for _, rule := range rules() {
		t.Run(rule.sentence, func(t *testing.T) {
			t.Parallel()
			for _, offence := range rule.broken(house) {
				t.Errorf("%s\n\tTo mend it: %s.", offence, rule.mend)
			}
		})
	}
}

// rule is one sentence about the house that must be true.
type rule struct {
	sentence string
	mend     string
	offences func(*house) []string // each begins with where it is
}

// broken lists the offences against the rule, in order.
func (r rule) broken(h *house) []string { return slices.Sorted(slices.Values(r.offences(h))) }

func rules() []rule {
	return slices.Concat(structureRules(), shapeRules(), proseRules(), textRules())
}

func structureRules() []rule {
	return []rule{
		{"imports only go down", "move the shared part to a lower floor, take a small interface, or have server hand it in", wrongImports},
		{"every room stands on a floor", "add it to floors in house_test.go, as low as its imports allow", roomsWithoutFloor},
		{"the dictionary needs the standard library only", "keep the noun here and move the work into a room", thirdPartyInRoot},
		{"rooms that decide touch nothing outside", "decide from values, and let store, tool or server touch the world", impureImports},
		{"direct dependencies are the reviewed ones", "bring go.mod and libraries.txt together, with a reason for each line", unreviewedLibraries},
		{"the two stores are twins", "give both stores the same .sql files, and the statements that both have the same order in them", unlikeTwins},
	}
}

// floors lists the rooms from the ground up. A room may import what lies on a
// lower floor; rooms on one floor do not know each other. "x/*" is every folder
// in x, each a room of its own.
func floors() [][]string {
	return [][]string{
		{"."},
		{"internal/limits"},
		{"internal/expr", "internal/jsonguard", "internal/schema"},
		{"internal/lookout"},
		{"internal/schedule", "internal/pipeline", "internal/policy", "internal/telemetry", "internal/toolfile"},
		{"internal/op", "internal/auth", "internal/tool", "internal/event", "internal/egress", "internal/spawn", "internal/calendar"},
		{"internal/rehearsal"},
		{"internal/service", "internal/engine", "internal/store/*", "internal/tool/*", "internal/event/*"},
		{"internal/face/*"},
		{"internal/server", "ordinauttest"},
		{"cmd/*", "test/*"},
	}
}

// room is where a folder belongs: the longest pattern of floors that matches
// its beginning. Folders inside a room belong to it.
type room struct {
	name  string // such as "internal/store/sqlite"; "" when it is in no room
	floor int
}

func roomOf(dir string) room {
	found, length := room{}, 0
	segments := strings.Split(dir, "/")
	for floor, patterns := range floors() {
		for _, pattern := range patterns {
			n := strings.Count(pattern, "/") + 1
			if n <= length || n > len(segments) {
				continue
			}
			head := path.Join(segments[:n]...)
			if ok, _ := path.Match(pattern, head); ok {
				found, length = room{head, floor}, n
			}
		}
	}
	return found
}

// forTests reports whether the room exists for tests only, as storetest and
// ordinauttest do.
func (r room) forTests() bool {
	return strings.HasSuffix(r.name, "test") || strings.HasPrefix(r.name, "test/")
}

func (r room) isFace() bool { return strings.HasPrefix(r.name, "internal/face/") }

func wrongImports(h *house) (offences []string) {
	for _, f := range h.sources {
		for _, dir := range f.imports() {
			if why := wrongImport(roomOf(f.dir()), roomOf(dir), f.forTests()); why != "" {
				offences = append(offences, fmt.Sprintf("%s imports %s: %s", f.path, dir, why))
			}
		}
	}
	return offences
}

// wrongImport says what is wrong with an import between two rooms, if anything.
func wrongImport(from, to room, fromTest bool) string {
	tools, _ := floorOf("internal/tool/*")
	switch {
	case from.name == to.name, fromTest && to.forTests():
		return ""
	case to.forTests():
		return "a room for tests is imported by tests only"
	case to.floor > from.floor:
		return "it lies on a higher floor"
	case to.floor == from.floor && !fromTest:
		return "rooms on one floor do not know each other"
	case from.isFace() && to.floor == tools && !fromTest:
		return "a face is handed its operations and knows no room behind them"
	}
	return ""
}

// floorOf finds a pattern in floors.
func floorOf(pattern string) (floor int, ok bool) {
	floor = slices.IndexFunc(floors(), func(rooms []string) bool { return slices.Contains(rooms, pattern) })
	return floor, floor >= 0
}

func roomsWithoutFloor(h *house) (offences []string) {
	for dir := range h.packages() {
		if roomOf(dir).name == "" {
			offences = append(offences, dir+" stands on no floor")
		}
	}
	return offences
}

func thirdPartyInRoot(h *house) (offences []string) {
	for _, f := range h.sources {
		if f.dir() != "." || f.forTests() {
			continue
		}
		for _, spec := range f.ast.Imports {
			if first, _, _ := strings.Cut(spec.Path.Value, "/"); strings.Contains(first, ".") {
				offences = append(offences, fmt.Sprintf("%s imports %s", f.at(spec), spec.Path.Value))
			}
		}
	}
	return offences
}

func impureImports(h *house) (offences []string) {
	world := []string{`"os"`, `"os/exec"`, `"net"`, `"net/http"`, `"database/sql"`, `"syscall"`, `"log"`}
	contracts, _ := floorOf("internal/op")
	for _, f := range h.sources {
		if r := roomOf(f.dir()); r.name == "" || r.floor >= contracts || f.forTests() {
			continue
		}
		for _, spec := range f.ast.Imports {
			if slices.Contains(world, spec.Path.Value) {
				offences = append(offences, fmt.Sprintf("%s imports %s", f.at(spec), spec.Path.Value))
			}
		}
	}
	return offences
}

// unreviewedLibraries compares go.mod with libraries.txt, where a line is
// "module — why it is here".
func unreviewedLibraries(h *house) (offences []string) {
	required, reviewed := directModules(h.texts["go.mod"]), make(map[string]bool)
	for line := range strings.Lines(h.texts["libraries.txt"]) {
		module, reason, ok := strings.Cut(strings.TrimSpace(line), " — ")
		switch {
		case module == "" || strings.HasPrefix(module, "#"):
		case !ok || reason == "":
			offences = append(offences, fmt.Sprintf("libraries.txt: %q has no reason", module))
		case !required[module]:
			offences = append(offences, "libraries.txt: "+module+" is no direct dependency in go.mod")
		default:
			reviewed[module] = true
		}
	}
	for module := range required {
		if !reviewed[module] {
			offences = append(offences, "go.mod: "+module+" is not in libraries.txt")
		}
	}
	return offences
}

// directModules lists what the text of a go.mod requires without "// indirect".
func directModules(gomod string) map[string]bool {
	modules := make(map[string]bool)
	for line := range strings.Lines(gomod) {
		fields := strings.Fields(strings.TrimPrefix(strings.TrimSpace(line), "require "))
		if len(fields) == 2 && strings.HasPrefix(fields[1], "v") {
			modules[fields[0]] = true
		}
	}
	return modules
}

// unlikeTwins compares the SQL of the two stores, once both are there: what one
// says about a noun stands in the other under the same name and in the same order,
// but each may need statements that the other has no use for.
func unlikeTwins(h *house) (offences []string) {
	sqlite, postgres := h.statements("internal/store/sqlite/"), h.statements("internal/store/postgres/")
	if len(sqlite) == 0 || len(postgres) == 0 {
		return nil
	}
	for _, file := range sortedKeys(sqlite, postgres) {
		if sqlite[file] == nil || postgres[file] == nil {
			offences = append(offences, "internal/store: "+file+" is there in one store only")
			continue
		}
		one, other := shared(sqlite[file], postgres[file]), shared(postgres[file], sqlite[file])
		if !slices.Equal(one, other) {
			offences = append(offences, fmt.Sprintf("internal/store: %s has the shared statements %q in sqlite and %q in postgres", file, one, other))
		}
	}
	return offences
}

// shared are those of the names that the others have, too.
func shared(names, others []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !slices.Contains(others, name) })
}
