// Package mcp runs pipelines of the real binary against real MCP servers: four
// from npm that nobody here wrote, the protocol's own conformance suite for
// clients, and the servers of the desk folder, which write down what they were
// asked. It promises nothing to anybody; its tests install what they need from
// npm, once, and start everything on free ports in temporary folders.
package mcp
