package schema

import "github.com/ordinaut/ordinaut/internal/limits"

// workUnits is how much a schema may do on one value. A unit is about what it
// costs to apply one subschema once; the other constants say how much else
// costs as much.
const (
	workUnits      = 4 * limits.JSONNodes
	valuesPerUnit  = 16 // values of enum, required and the like
	membersPerUnit = 8  // members of an object
	stepsPerUnit   = 64 // steps of a pattern, times the bytes it is tried on
)

// affordable says whether a schema does a bounded amount of work on a value. A
// recursive schema can double its work at each level of a value, which no look
// at the schema alone can tell from an honest tree.
func affordable(root *node, value any) bool {
	left := workUnits
	return root.spend(&left, value)
}

// spend walks a value as the validator will, and says whether enough is left.
func (n *node) spend(left *int, value any) bool {
	*left -= n.weight
	for _, sub := range n.here {
		if *left < 0 || !sub.spend(left, value) {
			return false
		}
	}
	switch v := value.(type) {
	case string:
		*left -= n.pattern * len(v) / stepsPerUnit
	case map[string]any:
		*left -= len(v) / membersPerUnit
		return n.spendMembers(left, v)
	case []any:
		return n.spendItems(left, v)
	}
	return *left >= 0
}

func (n *node) spendMembers(left *int, members map[string]any) bool {
	if n.properties == nil && n.members == nil && n.names == nil {
		return *left >= 0
	}
	for name, v := range members {
		*left -= n.namePatterns * len(name) / stepsPerUnit
		if sub := n.properties[name]; sub != nil && !sub.spend(left, v) {
			return false
		}
		for _, sub := range n.members {
			if !sub.spend(left, v) {
				return false
			}
		}
		for _, sub := range n.names {
			if !sub.spend(left, name) {
				return false
			}
		}
	}
	return *left >= 0
}

func (n *node) spendItems(left *int, items []any) bool {
	for i, v := range items {
		if i < len(n.prefix) && !n.prefix[i].spend(left, v) {
			return false
		}
		for _, sub := range n.items {
			if !sub.spend(left, v) {
				return false
			}
		}
	}
	return *left >= 0
}
