package zoo

import (
	"slices"
	"time"

	"github.com/ordinaut/ordinaut"
)

// cage is an animal with what a call of its bad tool may come to.
type cage struct {
	name  string
	codes []ordinaut.Code // succeeded is among them when the call may succeed
	ends  bool            // its server does not survive the call, and must serve the next one all the same
}

// succeeded stands for a run that does.
const succeeded ordinaut.Code = ""

// timeout is how long a call of the bad tool may take: briefly where that is what
// ends it, and else as long as a busy machine may need for it.
func (c cage) timeout() time.Duration {
	if c.allows(ordinaut.CodeToolTimeout) {
		return 2 * time.Second
	}
	return 20 * time.Second
}

// allows says whether a call of the bad tool may come to this.
func (c cage) allows(code ordinaut.Code) bool { return slices.Contains(c.codes, code) }

// cages is every animal. One that fails at its start rests after that.
func cages() []cage {
	const (
		rests    = ordinaut.CodeToolResting
		timeout  = ordinaut.CodeToolTimeout
		missing  = ordinaut.CodeToolNotFound
		protocol = ordinaut.CodeToolProtocol
		frame    = ordinaut.CodeToolFrame
		ended    = ordinaut.CodeToolEnded
		start    = ordinaut.CodeToolStart
	)
	one := func(name string, codes ...ordinaut.Code) cage { return cage{name: name, codes: codes} }
	end := func(name string, codes ...ordinaut.Code) cage { return cage{name: name, codes: codes, ends: true} }
	return []cage{
		one("silent-at-start", timeout, start, rests),
		one("exits-at-start", start, rests),
		one("crash-loop", ended, start, rests),
		one("hasty", succeeded),
		one("banner", succeeded),
		one("loud", timeout),

		one("bomb-itself", missing),
		one("bomb-mutual", missing),
		one("bomb-double", missing),
		one("bomb-number", protocol, rests),
		one("bomb-remote", missing),
		one("bomb-nested", protocol, rests),
		one("hoard", missing),
		one("hoard-at-once", missing),
		one("endless-pages", missing),
		one("turncoat", succeeded),
		one("breaks-word", ordinaut.CodeToolOutput),

		one("mute", timeout),
		one("drip", timeout),
		end("endless-line", frame),
		end("two-gib", frame),
		one("two-mib", succeeded),
		end("noise", protocol),
		one("wrong-id", timeout),
		one("twice", succeeded),
		one("no-object", protocol),
		end("nul", protocol),
		end("mojibake", protocol),
		end("duplicates", protocol),
		end("large-number", protocol),
		end("deep", protocol),
		one("complains", ordinaut.CodeToolFailed),

		one("chatter", timeout),
		one("flickers", timeout),
		one("progress", timeout),
		one("asks", succeeded),
		end("interviews", protocol),

		one("deaf", timeout),
		one("orphans", timeout),
		one("hops", timeout),
		one("shuts-stdin", timeout, ended, rests),
		end("shuts-stdout", ended),
		end("exits", ended),
		end("crashes", ended),
		end("half-answer", protocol),
	}
}
