package service

import (
	"regexp"
	"strings"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
)

var keyShape = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// checkKey refuses a key that is not well-formed, or that could be taken for an
// id.
func checkKey(key string) error {
	if key == "" || keyShape.MatchString(key) && uuid.Validate(key) != nil {
		return nil
	}
	e := &ordinaut.Error{
		Code: ordinaut.CodeTaskKeyInvalid, At: "/key", Sent: key,
		Message: "a key is 1 to 63 lower-case letters, digits and hyphens, begins with a letter or digit, and does not look like a UUID",
		Fix:     "choose another key, or leave it out to have one made from the title",
	}
	if s := slug(key); s != "" {
		e.Examples = []string{s}
	}
	return e
}

// deriveKey makes a key from the title. The suffix is the random end of the id,
// so that many tasks of one title need not be tried one by one.
func deriveKey(title string, id ordinaut.TaskID, unique bool) string {
	short := string(id[len(id)-8:])
	s := slug(title)
	switch {
	case s == "" || uuid.Validate(s) == nil:
		return "task-" + short
	case unique:
		return strings.TrimRight(s[:min(len(s), 54)], "-") + "-" + short
	}
	return s
}

// slug keeps the letters and digits of a text, with hyphens between the words.
func slug(text string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == 63 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
