// Package limits holds every bound of Ordinaut in one place. A bound protects
// the people who share a server from one hostile or mistaken request, so each
// is tested where it is kept: at the limit, and one past it.
package limits

import "time"

// What comes in over the network.
const (
	BodyBytes   = 1 << 20  // a request's body
	HeaderBytes = 16 << 10 // a request's header
	HeaderWait  = 5 * time.Second
	BodyWait    = 30 * time.Second
	IdleWait    = 60 * time.Second

	JSONDepth       = 64
	JSONNodes       = 100_000
	JSONStringBytes = 1 << 20
	JSONNumberChars = 40

	LogPage         = 200                   // lines of a log on a page, unless more are asked for
	StreamsPerAgent = 20                    // event streams at once
	StreamBeat      = 15 * time.Second      // a stream on which nothing happens says that it is there
	StreamLook      = 5 * time.Second       // a stream looks whether it has missed a signal
	StreamPace      = 50 * time.Millisecond // between two looks of a stream
	StreamStall     = 10 * time.Second      // a reader that takes longer for what it is sent is cut

	PageDefault = 50
	PageMax     = 200
	StatsRuns   = 50_000  // runs that one answer counts
	BulkRuns    = 1_000   // runs to which one request does something
	DeadLetters = 10_000  // of them looked at for one answer
	Differences = 500     // between two runs that one answer tells
	ShownBytes  = 1 << 10 // of a value that differs; a larger one is cut
)

// Expressions and templates.
const (
	ExprBytes    = 4 << 10
	ExprNesting  = 32
	ExprSteps    = 1_000_000
	ExprNodesOut = 100_000
	ExprBytesOut = 1 << 20
)

// Schedules.
const (
	RecurrenceValues     = 60      // values in one BY part
	RecurrenceCount      = 100_000 // COUNT that has to be counted one by one
	SearchCandidates     = 100_000
	SearchYears          = 200
	MinimumSpacing       = 10 * time.Second
	MinimumSpacingAdmin  = time.Second
	JitterSeconds        = 86_400
	CatchUpRuns          = 1_000 // runs that catch_up: all makes at most
	CatchUpSpread        = 10    // of them at a time
	CatchUpWindowSeconds = 86_400
	DedupeKeyChars       = 100
	DedupeWindow         = 365 * 24 * time.Hour
	ConcurrencyKeyChars  = 200
	ConcurrencySlots     = 1_000            // of one concurrency key
	BufferedRuns         = 1_000            // runs of a task that wait for one another
	LateGrace            = 10 * time.Second // a fire this late is still on time
	LedgerCount          = 10_000           // a gap's count is exact up to here
	PreviewMax           = 200
	Snooze               = 10 * 365 * 24 * time.Hour // how far an occurrence may be put off
)

// Tasks and pipelines.
const (
	TasksPerAgent    = 1_000
	TitleChars       = 200
	DescriptionChars = 2_000
	Labels           = 64
	PipelineSteps    = 100 // in all lists together
	PipelineNesting  = 8   // lists of steps inside each other
	ForeachItems     = 1_000
	ForeachParallel  = 32
	RunItems         = 10_000 // items of one run, in all lists together
	RunCalls         = 32     // calls of one run at once
	PayloadBytes     = 256 << 10
	ParamsBytes      = 256 << 10
	StepTimeout      = 30 * time.Second
	StepTimeoutMax   = time.Hour
	RunTimeout       = time.Hour
	RunTimeoutMax    = 7 * 24 * time.Hour
	StepOutputBytes  = 1 << 20
	Retries          = 20
	RetriesDefault   = 3
	RetryAfter       = 24 * time.Hour // the longest wait that a tool may ask for
	RetryInPlace     = time.Second    // a longer wait frees the worker
	Crashes          = 3              // after so many in the middle of a call a run is given up
	IdempotencyChars = 200
	ApprovalWait     = 7 * 24 * time.Hour // of an approval without a deadline
	WaitMax          = 366 * 24 * time.Hour
	RunDepth         = 5                      // runs that ask for runs
	ArtifactBytes    = 64 << 20               // a result that is too large to be kept inline
	ArtifactValues   = 1_000_000              // JSON values in it
	ArtifactChunk    = 1 << 20                // of it that is compressed, written and read at a time
	ArtifactPreview  = 1 << 10                // of its beginning that stands in the step's output
	ArtifactOrphan   = 24 * time.Hour         // one to which no step came to refer is kept for this long
	RunLogBytes      = 1 << 20                // of the lines that are kept of one run
	RunLogWait       = 100 * time.Millisecond // until a line is written down
	RunLogUnwritten  = 64 << 10               // of the lines of one run that are not yet written down
	Rehearsal        = 20 * time.Second       // all cases of one test
	RehearsalBytes   = 16 << 20               // of arguments and answers in the report of one test
)

// Tool schemas.
const (
	SchemaBytes      = 256 << 10
	SchemaDepth      = 32
	SchemaSubschemas = 2_000
	SchemaPaths      = 10_000 // ways through the in-place applicators
)

// Tools that run outside of our process.
const (
	ToolFrameBytes = 8 << 20          // one message of a server
	StderrBytes    = 64 << 10         // kept of what a server writes to its standard error
	LogLineBytes   = 4 << 10          // of one line in a run's log
	ToolStart      = 30 * time.Second // until a server answers the first time
	ToolCheck      = 5 * time.Second  // a server may take this long when a task is stored
	ToolIdle       = 5 * time.Minute  // a server that is not used is stopped after this
	ToolAbandon    = 2 * time.Second  // a canceled call may still answer for this long
	ToolStop       = 2 * time.Second  // between asking a process to end and killing it
	ToolsPerServer = 1_000
	ToolServers    = 200
)

// Events.
const (
	TopicChars      = 200
	TopicWords      = 16
	EventDataBytes  = 256 << 10
	EventsPublished = 1_000          // by one request
	EventDepth      = 5              // runs that are triggered by events of runs
	EventWindow     = 24 * time.Hour // in which events for one run are gathered
	EventBatch      = 1_000          // events for one run
	EventBatchBytes = 1 << 20        // of them together; one alone may be as large as it is
	Groups          = 100            // of consumers, of one agent
	GroupClaim      = 1_000          // events given out at once
	DeliveryTries   = 5              // an event that was given out so often is given up
)

// Conditions.
const (
	ProbeEvery     = 5 * time.Second // the least between two looks
	ProbeEveryMost = 24 * time.Hour
	ProbeTimeout   = time.Minute      // of one look
	ProbeLease     = 2 * time.Minute  // of a look under way
	ProbeBackoff   = 10 * time.Minute // the most between two looks that fail, unless they are further apart anyway
	ProbesAtOnce   = 16               // looks of one process
)

// Webhooks and hooks.
const (
	Webhooks           = 200 // of all agents
	WebhookTopics      = 50
	WebhookDescription = 200              // characters
	WebhookWait        = 15 * time.Second // for the answer of a webhook
	WebhookAnswerBytes = 1 << 10          // kept of an answer
	WebhookEach        = 8                // deliveries of one webhook under way
	WebhookSends       = 64               // deliveries of one process under way
	WebhookLease       = time.Minute      // of a delivery under way
	WebhookFailing     = 24 * time.Hour   // to which nothing has arrived for so long is disabled
	WebhookReplay      = 1_000            // events that one request sends again
	SecretOverlap      = 24 * time.Hour   // an old secret is good for so long
	Hooks              = 200              // of all agents
	HookSkew           = 5 * time.Minute  // of the clock of a sender
	KeepDeliveries     = 7 * 24 * time.Hour
)

// Leases and shutdown.
const (
	Lease         = 30 * time.Second
	Heartbeat     = 10 * time.Second
	SafetyMargin  = 5 * time.Second
	ShutdownGrace = 25 * time.Second
	Takeover      = 3 * time.Second // between two looks for runs whose worker has died
	WorkerGone    = 24 * time.Hour  // a process that was not heard of for so long is forgotten
	QueueKeys     = 200             // concurrency keys that one answer tells of
)

// What is kept, and for how long.
const (
	KeepRuns   = 90 * 24 * time.Hour
	KeepSteps  = 30 * 24 * time.Hour
	KeepLedger = 400 * 24 * time.Hour
	KeepEvents = 30 * 24 * time.Hour
)
