package toolfile

import (
	"path/filepath"
	"slices"
)

// Source is a file in which a client keeps its servers.
type Source struct {
	Client  string // such as claude-desktop
	Path    string
	Project bool // it lies in the working directory, so whoever wrote that wrote it
}

// Sources lists where the clients keep their servers on an operating system, as
// Go names it, the user's own files before those of a project. env reads the
// environment. Whether there is such a file is for the caller to see.
func Sources(goos string, env func(string) string) []Source {
	home := env("HOME")
	settings := env("XDG_CONFIG_HOME")
	if !filepath.IsAbs(settings) {
		settings = filepath.Join(home, ".config")
	}
	zed := filepath.Join(settings, "zed")
	switch goos {
	case "darwin":
		settings = filepath.Join(home, "Library", "Application Support")
		zed = filepath.Join(home, ".config", "zed")
	case "windows":
		home, settings = env("USERPROFILE"), env("APPDATA")
		zed = filepath.Join(settings, "Zed")
	}
	codex := env("CODEX_HOME")
	if codex == "" {
		codex = filepath.Join(home, ".codex")
	}
	own := func(client string, parts ...string) Source {
		return Source{Client: client, Path: filepath.Join(parts...)}
	}
	project := func(client string, parts ...string) Source {
		return Source{Client: client, Path: filepath.Join(parts...), Project: true}
	}
	return []Source{
		own("claude-desktop", settings, "Claude", "claude_desktop_config.json"),
		own("claude-code", home, ".claude.json"),
		own("cursor", home, ".cursor", "mcp.json"),
		own("vscode", settings, "Code", "User", "mcp.json"),
		own("vscode", settings, "Code", "User", "settings.json"),
		own("windsurf", home, ".codeium", "windsurf", "mcp_config.json"),
		own("gemini", home, ".gemini", "settings.json"),
		own("codex", codex, "config.toml"),
		own("zed", zed, "settings.json"),
		project("claude-code", ".mcp.json"),
		project("cursor", ".cursor", "mcp.json"),
		project("vscode", ".vscode", "mcp.json"),
		project("gemini", ".gemini", "settings.json"),
		project("codex", ".codex", "config.toml"),
		project("zed", ".zed", "settings.json"),
	}
}

// Workspace is the folder that a client calls the workspace of a file in dir:
// dir itself, or the one above when dir is a client's own, such as .vscode.
func Workspace(dir string) string {
	if slices.Contains([]string{".vscode", ".cursor", ".gemini", ".codex", ".zed"}, filepath.Base(dir)) {
		return filepath.Dir(dir)
	}
	return dir
}
