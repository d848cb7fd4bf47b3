package jsonguard_test

import (
	"fmt"

	"github.com/ordinaut/ordinaut/internal/jsonguard"
)

func ExampleCheck() {
	body := `{"payload": {"pipeline": [{"id": "a", "id": "b"}]}}`
	fmt.Println(jsonguard.Check([]byte(body), jsonguard.Limits{}))
	// Output:
	// request.duplicate_key: the key "id" stands twice in one object (line 1, column 39) (at /payload/pipeline/0/id); keep one of the two
}
