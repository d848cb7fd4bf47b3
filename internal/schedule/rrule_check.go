package schedule

import "github.com/ordinaut/ordinaut"

// check refuses the combinations of parts that RFC 5545 rules out, each of
// which has no one meaning.
func (r *recurrence) check() error {
	var faults ordinaut.Errors
	refuse := func(wrong bool, message, fix string) {
		if wrong {
			faults.Add(rruleFault(r.String(), message, fix))
		}
	}
	freq := "FREQ=" + frequencyNames()[r.freq]
	refuse(r.count > 0 && r.until.form != noStamp,
		"COUNT and UNTIL exclude each other", "keep one of them")
	refuse(len(r.nthWeekdays) > 0 && r.freq < monthly,
		"BYDAY with numbers needs FREQ=MONTHLY or FREQ=YEARLY, and this is "+freq, "leave out the numbers, or change FREQ")
	refuse(len(r.nthWeekdays) > 0 && r.freq == yearly && len(r.weeks) > 0,
		"BYDAY with numbers cannot stand beside BYWEEKNO", "leave out the numbers or BYWEEKNO")
	refuse(r.monthDays|r.monthDaysBack != 0 && r.freq == weekly,
		"BYMONTHDAY cannot stand beside FREQ=WEEKLY", "use FREQ=DAILY or FREQ=MONTHLY")
	refuse(len(r.yearDays) > 0 && daily <= r.freq && r.freq <= monthly,
		"BYYEARDAY cannot stand beside "+freq, "use FREQ=YEARLY")
	refuse(len(r.weeks) > 0 && r.freq != yearly,
		"BYWEEKNO needs FREQ=YEARLY, and this is "+freq, "use FREQ=YEARLY")
	refuse(len(r.positions) > 0 && r.bare(),
		"BYSETPOS needs another BY part to choose from", "add the part, such as BYDAY=MO,TU,WE,TH,FR")
	return faults.Err()
}
