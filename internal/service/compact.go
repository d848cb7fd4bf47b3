package service

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// compact is JSON in its one spelling: without white space, and with characters
// as they are wherever they may be. Two spellings of one payload are then no
// change. The order of fields and the digits of numbers stay.
func compact(raw json.RawMessage) json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var out bytes.Buffer
	if err := respell(&out, d); err != nil {
		return raw // it is no JSON, which whoever reads it will say
	}
	return out.Bytes()
}

// respell writes the next value.
func respell(out *bytes.Buffer, d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case json.Delim:
		return respellAll(out, d, v)
	case string:
		return respellText(out, v)
	case nil:
		out.WriteString("null")
	default:
		fmt.Fprint(out, v) // a number as it is written, or a boolean
	}
	return nil
}

// respellAll writes what stands between brackets, and these.
func respellAll(out *bytes.Buffer, d *json.Decoder, open json.Delim) error {
	out.WriteRune(rune(open))
	for i := 0; d.More(); i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		if open == '{' {
			if err := respell(out, d); err != nil {
				return err
			}
			out.WriteByte(':')
		}
		if err := respell(out, d); err != nil {
			return err
		}
	}
	end, err := d.Token()
	fmt.Fprint(out, end)
	return err
}

func respellText(out *bytes.Buffer, text string) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	err := e.Encode(text)
	out.Truncate(out.Len() - 1) // the end of the line
	return err
}
