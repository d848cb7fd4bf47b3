//go:build !unix

package services

import "os/exec"

// user is who runs the servers: whoever runs the tests.
type user struct{}

func serverUser() (user, error) { return user{}, nil }

func (user) own(string) error { return nil }

func (user) command(dir, program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	return cmd
}
