package rehearsal_test

import "testing"

func TestAnEventThatIsWaitedForIsAMock(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [
		{"id": "paid", "uses": "flow.wait_for_event", "with": {"topic": "payment.received", "where": "data.order == 'A-17'", "timeout_seconds": 600}, "on_error": "continue"},
		{"id": "tell", "uses": "mail.send", "with": {"amount": "${steps.paid.data.amount?}", "type": "${steps.paid.type?}"}}]}`
	for _, c := range []tried{
		{"it comes", `"paid": {"output": {"order": "A-17", "amount": 5}, "after_seconds": 60}`,
			`{"steps": {"paid": {"status": "succeeded", "waited_seconds": 60}, "tell": {"input": {"amount": 5, "type": "payment.received"}}}}`,
			[]string{"paid: an event of payment.received came after 1m"}},
		{"it is mocked by its tool", `"flow.wait_for_event": {"match": {"topic": "payment.received"}, "output": {"order": "A-17", "amount": 6}}`,
			`{"steps": {"tell": {"input": {"amount": 6}}}}`, []string{"paid: an event of payment.received came"}},
		{"another one comes", `"paid": {"output": {"order": "B-1"}}`,
			`{"steps": {"paid": {"status": "failed", "error": {"code": "event.not_seen"}}, "tell": {"input": {"amount": null}}}}`,
			[]string{"paid: an event came that is not waited for, as it is to be payment.received where data.order == 'A-17'", "paid: no such event came in 10m"}},
		{"it comes too late", `"paid": {"output": {"order": "A-17"}, "after_seconds": 601}`,
			`{"steps": {"paid": {"status": "failed", "waited_seconds": 600}}}`, []string{"paid: no such event came in 10m"}},
		{"none comes", ``, `{"steps": {"paid": {"status": "failed"}}}`, []string{"paid: no such event came in 10m"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.try(t, payload, `"mail.send": {"output": {}}`)
		})
	}
}

func TestARunMayBeAboutAnEventOfTheScript(t *testing.T) {
	t.Parallel()
	const payload = `{"pipeline": [{"id": "tell", "uses": "mail.send", "with": {"total": "${event.data.total}", "id": "${event.id}", "type": "${event.topic}"}}]}`
	got := play(t, payload, `{"event": {"type": "order.created", "data": {"total": 1}}, "mocks": {"mail.send": {"output": {}}}, "cases": [
		{"expect": {"steps": {"tell": {"input": {"total": 1, "id": "rehearsal", "type": "order.created"}}}}},
		{"event": {"id": "e-2", "data": {"total": 2}}, "expect": {"steps": {"tell": {"input": {"total": 2, "id": "e-2", "type": "rehearsal"}}}}}]}`)
	for _, c := range got.Cases {
		if !c.Passed {
			t.Errorf("got %s, %+v", differences(c), c.Error)
		}
	}
	without := play(t, payload, `{"mocks": {"mail.send": {"output": {}}}, "cases": [{"expect": {"status": "failed", "error": {"code": "expression.unknown_root"}}}]}`).Cases[0]
	if !without.Passed {
		t.Errorf("without an event: got %s, %+v", differences(without), without.Error)
	}
}
