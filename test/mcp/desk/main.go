// Command desk is the MCP servers that the tests beside it bring: the five of a
// morning briefing, which do honest little work on the files of a folder, and
// parrot, which says what the folder tells it to and repeats what it hears. Each
// writes down every call it receives, so that a test can ask the one who was
// called.
//
//	desk SERVER FOLDER
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/modelcontextprotocol/go-sdk/mcp"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "desk:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("want SERVER FOLDER, got %q", args)
	}
	name, folder := args[0], desk(args[1])
	server := mcp.NewServer(&mcp.Implementation{Name: name, Version: "1"}, nil)
	switch name {
	case "google-calendar-mcp":
		folder.serveCalendar(server)
	case "weather-mcp":
		folder.serveWeather(server)
	case "imap-mcp":
		folder.serveMail(server)
	case "llm":
		folder.servePlans(server)
	case "telegram-mcp":
		folder.serveMessages(server)
	case "parrot":
		folder.serveParrot(server)
	default:
		return fmt.Errorf("there is no server %q", name)
	}
	server.AddReceivingMiddleware(folder.record(name))
	return server.Run(context.Background(), &mcp.StdioTransport{})
}
