package service

import (
	"cmp"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/ordinaut/ordinaut"
	"github.com/ordinaut/ordinaut/internal/limits"
)

// pageLimit is the size of a page for which size was asked.
func pageLimit(size int) int { return cmp.Or(size, limits.PageDefault) }

// cutPage cuts a list that was read one item too long to the page, and makes
// the cursor of the next one when there is more.
func cutPage[T any](items []T, limit int, id func(T) string) ([]T, *string) {
	if len(items) <= limit {
		return items, nil
	}
	items = items[:limit]
	next := base64.RawURLEncoding.EncodeToString([]byte(id(items[limit-1])))
	return items, &next
}

// readCursor is the id behind which the page begins.
func readCursor(cursor string) (string, error) {
	id, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && cursor != "" {
		err = uuid.Validate(string(id))
	}
	if err != nil {
		return "", &ordinaut.Error{
			Code: ordinaut.CodeCursorInvalid, At: "/cursor", Sent: cursor,
			Message: "this is not a cursor that the server gave out",
			Fix:     "send next_cursor of the page before, or no cursor to begin at the newest",
			Err:     err,
		}
	}
	return string(id), nil
}
