// Package zoo keeps MCP servers that hang, lie, flood, crash and hide, and shows
// that a real Ordinaut comes to no harm by them. Its test starts the binary with
// all of them in its catalog, calls each over and over among calls that are
// good, and looks at what the calls came to, at the memory of the server, and at
// the processes that are left. `make test` runs the short form; -zoo.rounds 40
// runs the long one. Both print their figures.
package zoo
