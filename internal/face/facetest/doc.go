// Package facetest helps to test the faces. Ops is a small set of operations
// that really work, kept in memory, so that a face can be tested without the
// product behind it; Parity asks the same questions through HTTP and through the
// command line and compares the answers.
package facetest
