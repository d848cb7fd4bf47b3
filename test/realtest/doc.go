// Package realtest starts the real binary inside a test and talks to it over
// HTTP. It promises a server of the sources at hand, built once for each test
// process, in a data folder and on a port of its own, that is stopped when the
// test ends and must then end well. What a server is asked, and what must come of
// it, is left to the rooms beside this one.
//
//	func TestMain(m *testing.M) { os.Exit(realtest.Main(m)) }
//
//	func TestEcho(t *testing.T) {
//		s := realtest.Start(t, realtest.Options{Dir: t.TempDir()})
//		id := s.Create(t, realtest.Manual("Echo", realtest.Step{"id": "only", "uses": "debug.echo"}))
//		run := s.Run(t, id, struct{}{})
//		...
//	}
package realtest
