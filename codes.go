package ordinaut

// Code names one way in which something can be wrong. Codes never change their
// meaning; programs may switch on them.
type Code string

// The codes of errors that users can meet. Each has a row in Codes, from which
// its kind, its HTTP status and its page in the reference are read.
const (
	CodeInternal          Code = "internal"
	CodeUnavailable       Code = "unavailable"
	CodeRequestMalformed  Code = "request.malformed"
	CodeRequestTooLarge   Code = "request.too_large"
	CodeRequestTooDeep    Code = "request.too_deep"
	CodeRequestInvalid    Code = "request.invalid"
	CodeRequestDuplicate  Code = "request.duplicate_key"
	CodeRouteNotFound     Code = "request.route_not_found"
	CodeMethodNotAllowed  Code = "request.method_not_allowed"
	CodeUnsupportedMedia  Code = "request.unsupported_media_type"
	CodeCursorInvalid     Code = "request.invalid_cursor"
	CodeRequestTooSlow    Code = "request.too_slow"
	CodeRequestHost       Code = "request.host_refused"
	CodeRequestOrigin     Code = "request.cross_origin"
	CodeFieldUnknown      Code = "field.unknown"
	CodeFieldRequired     Code = "field.required"
	CodeFieldType         Code = "field.wrong_type"
	CodeFieldValue        Code = "field.invalid_value"
	CodeFieldNotAvailable Code = "field.not_available"
	CodeAuthMissing       Code = "auth.missing_token"
	CodeAuthInvalid       Code = "auth.invalid_token"
	CodeAuthScope         Code = "auth.missing_scope"
	CodeTaskNotFound      Code = "task.not_found"
	CodeTaskState         Code = "task.wrong_state"
	CodeTaskKeyInvalid    Code = "task.invalid_key"
	CodeTaskLimit         Code = "task.limit_reached"
	CodeTaskChanged       Code = "task.changed_meanwhile"
	CodeTaskVersion       Code = "task.version_not_found"
	CodeRunNotFound       Code = "run.not_found"
	CodeRunState          Code = "run.wrong_state"
	CodeRunDuplicate      Code = "run.duplicate"
	CodeArtifactNotFound  Code = "artifact.not_found"
	CodeStreamLimit       Code = "stream.limit_reached"
	CodeRunDepth          Code = "run.too_deep"
	CodeApprovalNotFound  Code = "approval.not_found"
	CodeApprovalAmbiguous Code = "approval.ambiguous"
	CodeApprovalDecided   Code = "approval.decided"
	CodeApprovalChanged   Code = "approval.changed_meanwhile"
	CodeScheduleKind      Code = "schedule.unknown_kind"
	CodeScheduleCron      Code = "schedule.invalid_cron"
	CodeScheduleRRule     Code = "schedule.invalid_rrule"
	CodeScheduleOnce      Code = "schedule.invalid_once"
	CodeScheduleInterval  Code = "schedule.invalid_interval"
	CodeScheduleManual    Code = "schedule.invalid_manual"
	CodeScheduleEvent     Code = "schedule.invalid_event"
	CodeScheduleTimezone  Code = "schedule.unknown_timezone"
	CodeScheduleZoneClash Code = "schedule.timezone_conflict"
	CodeSchedulePast      Code = "schedule.in_the_past"
	CodeScheduleNever     Code = "schedule.never_fires"
	CodeScheduleTooCostly Code = "schedule.search_limit"
	CodeScheduleTooOften  Code = "schedule.too_often"
	CodeScheduleBounds    Code = "schedule.invalid_bounds"
	CodeScheduleCondition Code = "schedule.invalid_condition"
	CodeEventTopic        Code = "event.invalid_topic"
	CodeEventReserved     Code = "event.reserved"
	CodeEventNotFound     Code = "event.not_found"
	CodeGroupNotFound     Code = "group.not_found"
	CodeGroupTaken        Code = "group.name_taken"
	CodeGroupLimit        Code = "group.limit_reached"
	CodeEventNotSeen      Code = "event.not_seen"
	CodeEventNone         Code = "event.none"
	CodeExprSyntax        Code = "expression.syntax"
	CodeExprTooLong       Code = "expression.too_long"
	CodeExprTooDeep       Code = "expression.too_deep"
	CodeExprBudget        Code = "expression.budget"
	CodeExprType          Code = "expression.wrong_type"
	CodeExprArity         Code = "expression.wrong_argument_count"
	CodeExprFunction      Code = "expression.unknown_function"
	CodeExprRoot          Code = "expression.unknown_root"
	CodeExprValue         Code = "expression.invalid_value"
	CodeExprNull          Code = "expression.null_value"
	CodePipelineEmpty     Code = "pipeline.empty"
	CodePipelineTooLarge  Code = "pipeline.too_large"
	CodePipelineStep      Code = "pipeline.invalid_step"
	CodePipelineDuplicate Code = "pipeline.duplicate_name"
	CodePipelineReference Code = "pipeline.unknown_step"
	CodePipelineOrder     Code = "pipeline.step_not_yet_run"
	CodePipelineSteps     Code = "pipeline.too_many_steps"
	CodePipelineCycle     Code = "pipeline.cycle"
	CodePipelineNesting   Code = "pipeline.too_nested"
	CodePipelineItems     Code = "pipeline.too_many_items"
	CodePipelineNoEffect  Code = "pipeline.no_effect"
	CodeToolNotFound      Code = "tool.not_found"
	CodeToolSchema        Code = "tool.invalid_schema"
	CodeToolInput         Code = "tool.invalid_input"
	CodeToolOutput        Code = "tool.invalid_output"
	CodeToolFailed        Code = "tool.failed"
	CodeToolTimeout       Code = "tool.timeout"
	CodeToolCanceled      Code = "tool.canceled"
	CodeToolUnavailable   Code = "tool.unavailable"
	CodeToolStart         Code = "tool.cannot_start"
	CodeToolEnded         Code = "tool.ended"
	CodeToolProtocol      Code = "tool.protocol"
	CodeToolFrame         Code = "tool.frame_too_large"
	CodeToolResting       Code = "tool.resting"
	CodeToolChanged       Code = "tool.definition_changed"
	CodeToolsFile         Code = "tools.invalid_file"
	CodeToolsVariable     Code = "tools.unset_variable"
	CodeToolsName         Code = "tools.invalid_name"
	CodeServerNotFound    Code = "tools.server_not_found"
	CodeEgressDenied      Code = "egress.denied"
	CodeEgressFailed      Code = "egress.failed"
	CodeEgressTooLarge    Code = "egress.too_large"
	CodeEgressTooMany     Code = "egress.too_many_requests"
	CodeEgressBusy        Code = "egress.busy"
	CodeCalendarInvalid   Code = "calendar.invalid"
	CodeRunTimeout        Code = "run.timeout"
	CodeRunCrashed        Code = "run.interrupted"
	CodeRunQuarantined    Code = "run.quarantined"
	CodeRunChild          Code = "run.child_failed"
	CodeStepInDoubt       Code = "step.in_doubt"
	CodeStepAbandoned     Code = "step.abandoned"
	CodeStepNotUndone     Code = "step.not_undone"
	CodeApprovalRejected  Code = "approval.rejected"
	CodeOutputTooLarge    Code = "tool.output_too_large"
	CodeWebhookNotFound   Code = "webhook.not_found"
	CodeWebhookState      Code = "webhook.wrong_state"
	CodeWebhookLimit      Code = "webhook.limit_reached"
	CodeDeliveryNotFound  Code = "webhook.delivery_not_found"
	CodeHookNotFound      Code = "hook.not_found"
	CodeHookTaken         Code = "hook.name_taken"
	CodeHookState         Code = "hook.changed_meanwhile"
	CodeHookLimit         Code = "hook.limit_reached"
	CodeHookRefused       Code = "hook.refused"
	CodeHookMapping       Code = "hook.mapping_failed"
	CodeStorageFull       Code = "storage.full"
	CodeStorageLocked     Code = "storage.folder_in_use"
	CodeCommandUsage      Code = "command.usage"
	CodeCommandServer     Code = "command.unreachable"
	CodeCommandRunFailed  Code = "command.run_failed"
	CodeCommandTimeout    Code = "command.timed_out"
	CodeCommandDiffers    Code = "command.differs"
	CodeRehearsalMock     Code = "rehearsal.no_mock"
	CodeRehearsalFailed   Code = "rehearsal.failed"
	CodeStorageNewer      Code = "storage.newer_version"
	CodeStorageOlder      Code = "storage.older_version"
	CodeStorageNotEmpty   Code = "storage.not_empty"
	CodeStorageInUse      Code = "storage.in_use"
	CodeStorageMoved      Code = "storage.moved_badly"
	CodeStorageFailed     Code = "storage.failed"
)

// CodeInfo is one row of the registry.
type CodeInfo struct {
	Code  Code
	Kind  Kind
	Title string // what it means, in a few words
}

// Kind is the kind of the code; an unregistered code is internal.
func (c Code) Kind() Kind { return c.Info().Kind }

// Info is the code's row in the registry.
func (c Code) Info() CodeInfo {
	for _, info := range Codes() {
		if info.Code == c {
			return info
		}
	}
	return CodeInfo{Code: c, Kind: KindInternal, Title: "Unregistered code"}
}

// Codes is the registry of every code, in the order of the reference.
func Codes() []CodeInfo {
	return []CodeInfo{
		{CodeInternal, KindInternal, "Something went wrong inside Ordinaut"},
		{CodeUnavailable, KindUnavailable, "The server cannot work just now"},
		{CodeRequestMalformed, KindMalformed, "The body is not valid JSON"},
		{CodeRequestTooLarge, KindMalformed, "The body is larger than is accepted"},
		{CodeRequestTooDeep, KindMalformed, "The JSON is nested too deeply or has too many values"},
		{CodeRequestDuplicate, KindMalformed, "A key stands twice in one JSON object"},
		{CodeRequestInvalid, KindInvalid, "Several things in the request have to be mended"},
		{CodeRouteNotFound, KindNotFound, "No operation has this path"},
		{CodeMethodNotAllowed, KindMalformed, "The path exists, but not with this method"},
		{CodeUnsupportedMedia, KindMalformed, "The body is not sent as JSON"},
		{CodeCursorInvalid, KindMalformed, "The cursor is not one that this server gave out"},
		{CodeRequestTooSlow, KindMalformed, "The body did not arrive in time"},
		{CodeRequestHost, KindDenied, "The server does not answer under this name"},
		{CodeRequestOrigin, KindDenied, "A page of another site asked for a change"},
		{CodeFieldUnknown, KindInvalid, "A field that does not exist"},
		{CodeFieldRequired, KindInvalid, "A field that must be there is missing"},
		{CodeFieldType, KindInvalid, "A value of the wrong type"},
		{CodeFieldValue, KindInvalid, "A value outside what is accepted"},
		{CodeFieldNotAvailable, KindInvalid, "A field whose behaviour this version does not have"},
		{CodeAuthMissing, KindUnauthorized, "No bearer token was sent"},
		{CodeAuthInvalid, KindUnauthorized, "The bearer token is not valid"},
		{CodeAuthScope, KindDenied, "The caller lacks the scope of this operation"},
		{CodeTaskNotFound, KindNotFound, "No such task"},
		{CodeTaskState, KindConflict, "The task's state does not allow this"},
		{CodeTaskKeyInvalid, KindInvalid, "The task key is not well-formed"},
		{CodeTaskLimit, KindTooMany, "The agent has as many tasks as it may have"},
		{CodeTaskChanged, KindConflict, "The task was changed by someone else meanwhile"},
		{CodeTaskVersion, KindNotFound, "The task has no such version"},
		{CodeRunNotFound, KindNotFound, "No such run"},
		{CodeRunState, KindConflict, "The run's state does not allow this"},
		{CodeRunDuplicate, KindConflict, "A run with the dedupe key was made shortly before"},
		{CodeArtifactNotFound, KindNotFound, "No such artifact"},
		{CodeStreamLimit, KindTooMany, "The agent reads as many event streams as it may"},
		{CodeRunDepth, KindInvalid, "Runs ask for runs too deeply"},
		{CodeApprovalNotFound, KindNotFound, "No run waits for such a decision"},
		{CodeApprovalAmbiguous, KindConflict, "Several open decisions fit the name"},
		{CodeApprovalDecided, KindConflict, "The decision was taken already, or its time is over"},
		{CodeApprovalChanged, KindConflict, "What is asked is not what was shown"},
		{CodeScheduleKind, KindInvalid, "The schedule kind does not exist"},
		{CodeScheduleCron, KindInvalid, "The cron expression cannot be read"},
		{CodeScheduleRRule, KindInvalid, "The recurrence rule cannot be read"},
		{CodeScheduleOnce, KindInvalid, "The date and time cannot be read"},
		{CodeScheduleInterval, KindInvalid, "The interval cannot be read"},
		{CodeScheduleManual, KindInvalid, "A manual schedule has no expression"},
		{CodeScheduleEvent, KindInvalid, "What is to be done with events does not fit the schedule"},
		{CodeScheduleTimezone, KindInvalid, "The time zone is not in the tz database"},
		{CodeScheduleZoneClash, KindInvalid, "The expression names one zone and the field another"},
		{CodeSchedulePast, KindInvalid, "The time lies in the past"},
		{CodeScheduleNever, KindInvalid, "The schedule never fires"},
		{CodeScheduleTooCostly, KindInvalid, "No occurrence was found within the search limit"},
		{CodeScheduleTooOften, KindInvalid, "The schedule fires more often than is allowed"},
		{CodeScheduleBounds, KindInvalid, "The bounds leave nothing to fire"},
		{CodeScheduleCondition, KindInvalid, "What a condition is made of does not fit together"},
		{CodeEventTopic, KindInvalid, "The topic, or the pattern of topics, is not well-formed"},
		{CodeEventReserved, KindDenied, "Only Ordinaut itself may publish under this topic or source"},
		{CodeEventNotFound, KindNotFound, "The log of events has no such position"},
		{CodeGroupNotFound, KindNotFound, "No group of consumers has this name"},
		{CodeGroupTaken, KindConflict, "There is a group of consumers of this name"},
		{CodeGroupLimit, KindTooMany, "The agent has as many groups of consumers as it may have"},
		{CodeEventNotSeen, KindUnavailable, "An event that a step waited for did not come in time"},
		{CodeEventNone, KindInvalid, "The pipeline reads an event, and its task is about none"},
		{CodeExprSyntax, KindInvalid, "The expression cannot be read"},
		{CodeExprTooLong, KindInvalid, "The expression is longer than is accepted"},
		{CodeExprTooDeep, KindInvalid, "The expression is nested too deeply"},
		{CodeExprBudget, KindInvalid, "The evaluation needed more steps or space than it may use"},
		{CodeExprType, KindInvalid, "A value of the wrong type inside an expression"},
		{CodeExprArity, KindInvalid, "A function was given the wrong number of arguments"},
		{CodeExprFunction, KindInvalid, "The function does not exist"},
		{CodeExprRoot, KindInvalid, "The expression begins with a name that does not exist"},
		{CodeExprValue, KindInvalid, "A value that the expression cannot use"},
		{CodeExprNull, KindInvalid, "The expression found nothing where a value is needed"},
		{CodePipelineEmpty, KindInvalid, "The pipeline has no steps"},
		{CodePipelineTooLarge, KindInvalid, "The payload is larger than is accepted"},
		{CodePipelineStep, KindInvalid, "The step is not well-formed"},
		{CodePipelineDuplicate, KindInvalid, "Two steps share an id or save_as name"},
		{CodePipelineReference, KindInvalid, "A step refers to a step that does not exist"},
		{CodePipelineOrder, KindInvalid, "A step refers to a step that comes after it"},
		{CodePipelineSteps, KindInvalid, "The pipeline has more steps than it may have"},
		{CodePipelineCycle, KindInvalid, "Steps wait for each other in a circle"},
		{CodePipelineNesting, KindInvalid, "Lists of steps stand inside each other too often"},
		{CodePipelineItems, KindInvalid, "A foreach has more items than it may have"},
		{CodePipelineNoEffect, KindInvalid, "Something in the pipeline can never have an effect"},
		{CodeToolNotFound, KindInvalid, "No tool has this address"},
		{CodeToolSchema, KindInvalid, "The JSON Schema cannot be used"},
		{CodeToolInput, KindInvalid, "The arguments do not fit the tool's input schema"},
		{CodeToolOutput, KindInvalid, "The tool's result does not fit its output schema"},
		{CodeToolFailed, KindInvalid, "The tool reported that it failed"},
		{CodeToolTimeout, KindUnavailable, "The tool did not answer in time"},
		{CodeToolCanceled, KindUnavailable, "The call was cut short"},
		{CodeToolUnavailable, KindUnavailable, "The tool's server cannot be reached"},
		{CodeToolStart, KindUnavailable, "The tool's server did not start"},
		{CodeToolEnded, KindUnavailable, "The tool's server ended during the call"},
		{CodeToolProtocol, KindUnavailable, "The tool's server does not keep to the protocol"},
		{CodeToolFrame, KindInvalid, "The tool's server sent more at once than is read"},
		{CodeToolResting, KindUnavailable, "The tool's server keeps ending and is left alone for a while"},
		{CodeToolChanged, KindConflict, "The tool is not defined as it was when the task was checked"},
		{CodeToolsFile, KindInvalid, "The catalog file cannot be read"},
		{CodeToolsVariable, KindInvalid, "The catalog file names a variable that is not set"},
		{CodeToolsName, KindInvalid, "A server or tool of the catalog file has a name that cannot be used"},
		{CodeServerNotFound, KindNotFound, "No such server in the catalog file"},
		{CodeEgressDenied, KindDenied, "The address is not one that may be reached"},
		{CodeEgressFailed, KindUnavailable, "The address could not be reached"},
		{CodeEgressTooLarge, KindInvalid, "The answer is larger than is read"},
		{CodeEgressTooMany, KindTooMany, "Whoever answers has been asked too often"},
		{CodeEgressBusy, KindUnavailable, "The server that was asked cannot answer just now"},
		{CodeCalendarInvalid, KindInvalid, "The calendar cannot be read"},
		{CodeRunTimeout, KindUnavailable, "The run used up its working time"},
		{CodeRunCrashed, KindUnavailable, "The process stopped while the run was working"},
		{CodeRunQuarantined, KindInternal, "The process died too often in the middle of the run's calls"},
		{CodeRunChild, KindInvalid, "A run that a step has started did not succeed"},
		{CodeStepInDoubt, KindUnavailable, "Nobody knows whether the call of a step had an effect"},
		{CodeStepAbandoned, KindInvalid, "What a step was waiting for is no longer needed"},
		{CodeStepNotUndone, KindInvalid, "What a step has done could not be taken back"},
		{CodeApprovalRejected, KindDenied, "Somebody has rejected what was asked for"},
		{CodeOutputTooLarge, KindInvalid, "The result is larger than is kept"},
		{CodeWebhookNotFound, KindNotFound, "No webhook has this id"},
		{CodeWebhookState, KindConflict, "The webhook was changed meanwhile, or is disabled"},
		{CodeWebhookLimit, KindConflict, "There are as many webhooks as there may be"},
		{CodeDeliveryNotFound, KindNotFound, "The webhook has no delivery with this id"},
		{CodeHookNotFound, KindNotFound, "No hook has this name"},
		{CodeHookTaken, KindConflict, "Another hook has this name"},
		{CodeHookState, KindConflict, "The hook was changed meanwhile"},
		{CodeHookLimit, KindConflict, "There are as many hooks as there may be"},
		{CodeHookRefused, KindUnauthorized, "Who sent it could not be verified"},
		{CodeHookMapping, KindInvalid, "What was sent does not become an event"},
		{CodeStorageFull, KindUnavailable, "The disk is full"},
		{CodeStorageLocked, KindConflict, "Another process uses the data folder"},
		{CodeCommandUsage, KindMalformed, "The command line cannot be understood"},
		{CodeCommandServer, KindUnavailable, "No server answers the command line"},
		{CodeCommandRunFailed, KindInvalid, "The run that was waited for did not succeed"},
		{CodeCommandTimeout, KindUnavailable, "The time to wait is over"},
		{CodeCommandDiffers, KindConflict, "What is stored differs from the files"},
		{CodeRehearsalMock, KindInvalid, "No mock answers a call of the rehearsal"},
		{CodeRehearsalFailed, KindInvalid, "A case of the rehearsal did not go as expected"},
		{CodeStorageNewer, KindConflict, "A newer version of Ordinaut has written the data"},
		{CodeStorageOlder, KindUnavailable, "The database has to be migrated first"},
		{CodeStorageNotEmpty, KindConflict, "There is data already where data is to be moved to"},
		{CodeStorageInUse, KindConflict, "Servers still work on the database"},
		{CodeStorageMoved, KindInternal, "What has arrived is not what was sent"},
		{CodeStorageFailed, KindUnavailable, "The disk or the database file has failed"},
	}
}
