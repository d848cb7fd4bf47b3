//go:build !unix

package auth

import "io/fs"

// openToOthers cannot tell where permissions are not mode bits: the data folder
// lies in the user's profile, which the system keeps from others.
func openToOthers(fs.FileInfo) bool { return false }
