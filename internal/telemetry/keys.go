// Package telemetry declares how Ordinaut speaks about itself: the key of every
// log attribute and the name of every metric, each once, and the logger that the
// command builds at start. It promises that one line stays one line, that nothing
// a user sent can steer a terminal, and that nothing a user does adds a metric.
// Who logs and who counts, and when, is left to the room that owns the goroutine.
package telemetry

// The keys of log attributes. A search for one run or one request finds every
// line about it, whichever room wrote it, because the key is the same word.
const (
	KeyRequestID = "request_id" // one request, on every face
	KeyTraceID   = "trace_id"   // W3C trace context, hexadecimal
	KeyOperation = "operation"  // such as "task.create"
	KeyAgentID   = "agent_id"   // who asked

	KeyMethod = "method" // HTTP method
	KeyPath   = "path"   // HTTP path without its query
	KeyStatus = "status" // HTTP status, or the status of a run
	KeyRemote = "remote" // address of the caller

	KeyTaskID    = "task_id"
	KeyRunID     = "run_id"
	KeyStep      = "step"       // path of a step, such as "loop[3].draft"
	KeyTool      = "tool"       // address of a tool
	KeyServer    = "server"     // name of a tool server
	KeyNominalAt = "nominal_at" // the time the schedule named
	KeyAttempt   = "attempt"    // failures + 1
	KeyFence     = "fence"      // number of the lease
	KeyWorker    = "worker"     // who holds the lease
	KeyStream    = "stream"     // of Redis
	KeyEntry     = "entry"      // the id of an entry in a stream
	KeyReason    = "reason"     // why something did not happen

	KeyError = "error" // what went wrong; write it with Err
	KeyCode  = "code"  // code of an error in the registry
	KeyStack = "stack" // where a panic came from

	KeyTookMS  = "took_ms" // how long it took, in milliseconds
	KeyCount   = "count"   // how many
	KeyVersion = "version" // version of the binary
	KeyAddress = "address" // where the server listens
	KeyFolder  = "folder"  // the data folder
	KeyFile    = "file"    // a file that was read
)
