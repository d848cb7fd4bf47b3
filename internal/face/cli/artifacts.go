package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ordinaut/ordinaut"
)

// getArtifact is the operation that gives the content of an artifact.
const getArtifact = "artifact.get"

// addArtifactsCommand hangs artifacts into the tree, when the server has some.
func (a *app) addArtifactsCommand(root *cobra.Command) {
	if a.Ops.Find(getArtifact) == nil {
		return
	}
	var file string
	get := &cobra.Command{
		Use:     "get ARTIFACT",
		Short:   "Print a result that is too large for its step",
		Long:    "Steps whose tools answer with more than 1 MiB have a reference as their output; runs get lists them.",
		Example: "  ordinaut artifacts get 01a1f6e2-7c1b-7d3e-9f43-0a3c1d2e4f50 -O report.json",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(c, c.CommandPath()+" takes the id of one artifact", "")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if file != "" {
				return a.saveArtifact(c.Context(), args[0], file)
			}
			if !isTerminal(a.Stdout) {
				return a.fetchArtifact(c.Context(), args[0], a.Stdout)
			}
			var text strings.Builder
			if err := a.fetchArtifact(c.Context(), args[0], &text); err != nil {
				return err
			}
			_, err := fmt.Fprintln(a.Stdout, string(tame([]byte(text.String()))))
			return err
		},
	}
	get.Flags().StringVarP(&file, "out", "O", "", "write it to a `FILE`, whole or not at all")
	all := &cobra.Command{Use: "artifacts"}
	group(all, func(c *cobra.Command) { a.help(c, nil) })
	all.AddCommand(get)
	root.AddCommand(all)
}

// saveArtifact writes an artifact to a file once all of it is there.
func (a *app) saveArtifact(ctx context.Context, id, file string) (err error) {
	part, err := os.CreateTemp(filepath.Dir(file), ".ordinaut-*")
	if err != nil {
		return fmt.Errorf("make a file beside %s: %w", file, err)
	}
	defer os.Remove(part.Name()) // after the renaming there is nothing of that name
	err = a.fetchArtifact(ctx, id, part)
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := os.Rename(part.Name(), file); err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	a.say("wrote %s", file)
	return nil
}

// fetchArtifact writes the content of an artifact, and makes sure that it is all
// of it.
func (a *app) fetchArtifact(ctx context.Context, id string, to io.Writer) error {
	o := a.Ops.Find(getArtifact)
	t, err := a.target()
	if err != nil {
		return err
	}
	req, err := a.request(ctx, t, o, named(o, id))
	if err != nil {
		return err
	}
	resp, err := a.client().Do(req)
	if err != nil {
		return a.interrupted(ctx, t, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, answerBytes)) // what is cut cannot be read as a problem
		_, err := read(resp, body, t)
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(to, sum), resp.Body); err != nil {
		return a.interrupted(ctx, t, err)
	}
	if want := strings.Trim(resp.Header.Get("ETag"), `"`); want != hex.EncodeToString(sum.Sum(nil)) {
		return &ordinaut.Error{
			Code: ordinaut.CodeCommandServer, Message: "what came is not the artifact as it was stored", Fix: "try again",
		}
	}
	return nil
}
