package lookout

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

var wordShape = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// CheckTopic says what is wrong with a topic: words with dots between them.
func CheckTopic(topic string) error { return check(topic, false) }

// CheckPattern says what is wrong with a pattern of topics, in which * stands
// for one word and > at the end for one or more.
func CheckPattern(pattern string) error { return check(pattern, true) }

func check(topic string, pattern bool) error {
	words := strings.Split(topic, ".")
	switch {
	case topic == "":
		return wrong(topic, "there is no topic", "say which events it is about", "order.created")
	case len(topic) > limits.TopicChars:
		return wrong(topic[:limits.TopicChars], fmt.Sprintf("the topic has %d characters, and %d are allowed", len(topic), limits.TopicChars), "shorten it", "")
	case len(words) > limits.TopicWords:
		return wrong(topic, fmt.Sprintf("the topic has %d words, and %d are allowed", len(words), limits.TopicWords), "use fewer words", "")
	}
	for i, word := range words {
		last := i == len(words)-1
		switch {
		case word == "":
			return wrong(topic, "there is nothing between two dots, or before or behind one", "take the dot away", mended(words))
		case pattern && (word == "*" || word == ">" && last):
		case pattern && word == ">":
			return wrong(topic, "> stands for everything that follows, and something follows it", "put > at the end, or use * for one word", strings.Join(words[:i], ".")+".>")
		case !pattern && (word == "*" || word == ">"):
			return wrong(topic, "an event has one topic, and "+word+" stands for several", "name the topic itself", "order.created")
		case !wordShape.MatchString(word):
			return wrong(topic, fmt.Sprintf("the word %q has something else than letters, digits, hyphens and underscores", word), "use only those, and dots between words", mended(words))
		}
	}
	return nil
}

// mended is a topic of the words with everything else left out; "" when nothing
// is left.
func mended(words []string) string {
	var good []string
	for _, word := range words {
		kept := strings.Map(func(r rune) rune {
			if r < 128 && wordShape.MatchString(string(r)) {
				return r
			}
			return -1
		}, word)
		if kept != "" {
			good = append(good, kept)
		}
	}
	return strings.Join(good, ".")
}

func wrong(topic, message, fix, example string) error {
	e := &ordinaut.Error{Code: ordinaut.CodeEventTopic, Sent: topic, Message: message, Fix: fix}
	if example != "" {
		e.Examples = []string{example}
	}
	return e
}
