// Package ordinaut is the dictionary: the nouns of the product and the contract of its store, standard library only.
package ordinaut
