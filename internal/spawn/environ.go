package spawn

import (
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Environ is the environment of a child: the few of our variables that say
// where it is and who uses it, with extra added and put in their place. Nothing
// else of ours is in it: no keys, no proxies, nothing that changes how a runtime
// loads code.
func Environ(extra map[string]string) []string { return environ(os.Environ(), extra) }

func environ(ours []string, extra map[string]string) []string {
	all := make(map[string]string)
	for _, variable := range ours {
		if name, value, _ := strings.Cut(variable, "="); inherited(name) {
			all[name] = value
		}
	}
	maps.Copy(all, extra)
	env := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		env = append(env, name+"="+all[name])
	}
	return env
}

// inherited says whether a child gets our variable of the name.
func inherited(name string) bool {
	if runtime.GOOS == "windows" {
		return inheritedOnWindows(strings.ToUpper(name))
	}
	switch name {
	case "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TERM", "TZ", "TMPDIR", "LANG", "LANGUAGE",
		"SSL_CERT_FILE", "SSL_CERT_DIR":
		return true
	}
	return strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "XDG_")
}

func inheritedOnWindows(name string) bool {
	switch name {
	case "PATH", "PATHEXT", "COMSPEC", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "OS",
		"APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)", "COMMONPROGRAMFILES",
		"USERPROFILE", "USERNAME", "HOMEDRIVE", "HOMEPATH", "TEMP", "TMP",
		"NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE":
		return true
	}
	return false
}
