package toolfile

import (
	"maps"
	"strings"

	"github.com/ordinaut/ordinaut"
)

// envFile is the variables of a server with those of its file beneath them.
func (r *resolver) envFile(s Server, at spot) map[string]string {
	text, err := r.read(s.EnvFile)
	if err != nil {
		owner, place := at("envFile")
		r.fault(ordinaut.CodeToolsVariable, place, owner+": the envFile "+s.EnvFile+" cannot be read", "write the file, and let Ordinaut read it")
		return s.Env
	}
	env := dotenv(string(text))
	maps.Copy(env, s.Env)
	return env
}

// dotenv reads lines of NAME=value, as shells read them and as all clients agree
// on: "export" before the name and quotes around the value are taken away, and
// in double quotes \n is a line break. Lines without a name are passed over.
func dotenv(text string) map[string]string {
	env := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		name, value, found := strings.Cut(strings.TrimPrefix(line, "export "), "=")
		name = strings.TrimSpace(name)
		if !found || !variableName.MatchString(name) {
			continue
		}
		env[name] = unquoted(strings.TrimSpace(value))
	}
	return env
}

func unquoted(value string) string {
	if len(value) > 0 && (value[0] == '\'' || value[0] == '"') {
		if end := strings.IndexByte(value[1:], value[0]); end >= 0 {
			inner := value[1 : end+1]
			if value[0] == '"' {
				inner = strings.NewReplacer(`\n`, "\n", `\\`, `\`).Replace(inner)
			}
			return inner
		}
	}
	value, _, _ = strings.Cut(value, " #")
	return strings.TrimSpace(value)
}
