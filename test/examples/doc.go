// Package examples tries every task in the folder of that name, through the
// command that people try their own with. It promises nothing to anybody; what the
// command says is kept beside it, so that whoever changes an example, or how it is
// told, sees both.
package examples
