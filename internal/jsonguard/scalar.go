package jsonguard

import (
	"fmt"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxExponent is the largest power of ten that a number may be written with,
// up or down: what a float64 holds.
const maxExponent = 308

// str passes a string and says whether it has escapes.
func (g *guard) str() (escaped bool, f *fault) {
	open := g.at
	g.at++
	for g.at < len(g.data) {
		switch c := g.data[g.at]; {
		case c == '"':
			g.at++
			if g.at-open-2 > g.limits.StringBytes {
				return false, excessive(open, "a string is longer than %d bytes", g.limits.StringBytes, "shorten it")
			}
			return escaped, nil
		case c == '\\':
			escaped = true
			if f := g.escape(); f != nil {
				return false, f
			}
		case c < ' ':
			return false, malformed(g.at, "a control character stands unescaped in a string", "write it as an escape, such as \\n")
		case c < utf8.RuneSelf:
			g.at++
		default:
			r, size := utf8.DecodeRune(g.data[g.at:])
			if r == utf8.RuneError && size == 1 {
				return false, malformed(g.at, "a string is not valid UTF-8", "encode the text as UTF-8")
			}
			g.at += size
		}
	}
	return false, malformed(open, "a string has no closing quote", "close it with a double quote")
}

// escape passes one escape sequence. A surrogate counts only as half of a pair:
// alone it stands for no character, and decoders disagree about it.
func (g *guard) escape() *fault {
	switch g.ahead(1) {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		g.at += 2
		return nil
	case 'u':
	default:
		return malformed(g.at, "a string has an escape that JSON does not know", `use one of \" \\ \/ \b \f \n \r \t \uXXXX`)
	}
	r, ok := g.hex(2)
	if !ok {
		return malformed(g.at, `a \u escape needs four hexadecimal digits`, `write it as \u0041`)
	}
	if !utf16.IsSurrogate(r) {
		g.at += 6
		return nil
	}
	low, ok := g.hex(8)
	if !ok || g.ahead(6) != '\\' || g.ahead(7) != 'u' || utf16.DecodeRune(r, low) == utf8.RuneError {
		return malformed(g.at, "half of a surrogate pair stands alone in a string", "write both halves, or the character itself")
	}
	g.at += 12
	return nil
}

// hex reads the four hexadecimal digits that stand n bytes on.
func (g *guard) hex(n int) (r rune, ok bool) {
	for i := range 4 {
		c := g.ahead(n + i)
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// number passes a number, and makes sure that a float64 can hold it: an exponent
// of a few digits can otherwise cost a decoder of exact numbers gigabytes.
func (g *guard) number() *fault {
	start := g.at
	g.skip('-')
	if !g.skip('0') && g.digits() == 0 {
		return g.unexpected("a digit")
	}
	if g.skip('.') && g.digits() == 0 {
		return g.unexpected("a digit after the decimal point")
	}
	exponent := -1
	if g.skip('e') || g.skip('E') {
		exponent = g.at
		if !g.skip('+') {
			g.skip('-')
		}
		if g.digits() == 0 {
			return g.unexpected("a digit in the exponent")
		}
	}
	if g.at-start > g.limits.NumberChars {
		return malformed(start, fmt.Sprintf("a number is written with more than %d characters", g.limits.NumberChars), "round it, or send it as a string")
	}
	if exponent >= 0 && !fits(g.data[start:g.at], g.data[exponent:g.at]) {
		return malformed(start, "a number is too large or too small", fmt.Sprintf("keep exponents between -%d and %d", maxExponent, maxExponent))
	}
	return nil
}

// digits passes digits and says how many. It stops when the number is too long
// already.
func (g *guard) digits() (n int) {
	for ; n <= g.limits.NumberChars && '0' <= g.peek() && g.peek() <= '9'; n++ {
		g.at++
	}
	return n
}

// fits says whether a number that has an exponent stays within a float64.
func fits(number, exponent []byte) bool {
	e, err := strconv.Atoi(string(exponent))
	if err != nil || e > maxExponent || e < -maxExponent {
		return false
	}
	_, err = strconv.ParseFloat(string(number), 64)
	return err == nil
}
