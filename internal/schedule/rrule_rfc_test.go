package schedule

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestRFCExamples draws the examples of RFC 5545, section 3.8.5.3, with its
// erratum 3883. The golden file has been compared with the dates that the RFC
// gives for them.
func TestRFCExamples(t *testing.T) {
	t.Parallel()
	const weekdays = "SU,MO,TU,WE,TH,FR,SA"
	var text strings.Builder
	for _, c := range []struct{ title, start, rule string }{
		{"Daily for 10 occurrences", "19970902T090000", "FREQ=DAILY;COUNT=10"},
		{"Daily until December 24, 1997", "19970902T090000", "FREQ=DAILY;UNTIL=19971224T000000Z"},
		{"Every other day, forever", "19970902T090000", "FREQ=DAILY;INTERVAL=2"},
		{"Every 10 days, 5 occurrences", "19970902T090000", "FREQ=DAILY;INTERVAL=10;COUNT=5"},
		{"Every day in January, for 3 years", "19980101T090000", "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=" + weekdays},
		{"Every day in January, for 3 years, daily", "19980101T090000", "FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1"},
		{"Weekly for 10 occurrences", "19970902T090000", "FREQ=WEEKLY;COUNT=10"},
		{"Weekly until December 24, 1997", "19970902T090000", "FREQ=WEEKLY;UNTIL=19971224T000000Z"},
		{"Every other week, forever", "19970902T090000", "FREQ=WEEKLY;INTERVAL=2;WKST=SU"},
		{"Weekly on Tuesday and Thursday for 5 weeks", "19970902T090000", "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH"},
		{"Every other week on Monday, Wednesday and Friday until December 24, 1997", "19970901T090000", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR"},
		{"Every other week on Tuesday and Thursday, for 8 occurrences", "19970902T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH"},
		{"Monthly on the first Friday for 10 occurrences", "19970905T090000", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR"},
		{"Monthly on the first Friday until December 24, 1997", "19970905T090000", "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR"},
		{"Every other month on the first and last Sunday for 10 occurrences", "19970907T090000", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU"},
		{"Monthly on the second-to-last Monday for 6 months", "19970922T090000", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO"},
		{"Monthly on the third-to-the-last day, forever", "19970928T090000", "FREQ=MONTHLY;BYMONTHDAY=-3"},
		{"Monthly on the 2nd and 15th for 10 occurrences", "19970902T090000", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15"},
		{"Monthly on the first and last day for 10 occurrences", "19970930T090000", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1"},
		{"Every 18 months on the 10th thru 15th for 10 occurrences", "19970910T090000", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15"},
		{"Every Tuesday, every other month", "19970902T090000", "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU"},
		{"Yearly in June and July for 10 occurrences", "19970610T090000", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7"},
		{"Every other year on January, February, and March for 10 occurrences", "19970310T090000", "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3"},
		{"Every third year on the 1st, 100th, and 200th day for 10 occurrences", "19970101T090000", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200"},
		{"Every 20th Monday of the year, forever", "19970519T090000", "FREQ=YEARLY;BYDAY=20MO"},
		{"Monday of week number 20, forever", "19970512T090000", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO"},
		{"Every Thursday in March, forever", "19970313T090000", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH"},
		{"Every Thursday, but only during June, July, and August, forever", "19970605T090000", "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8"},
		{"Every Friday the 13th, forever", "19970902T090000", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"},
		{"The first Saturday that follows the first Sunday of the month, forever", "19970913T090000", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13"},
		{"Every 4 years, the first Tuesday after a Monday in November, forever", "19961105T090000", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8"},
		{"The third instance of Tuesday, Wednesday, or Thursday, for the next 3 months", "19970904T090000", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3"},
		{"The second-to-last weekday of the month", "19970929T090000", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2"},
		{"Every 3 hours from 9:00 AM to 5:00 PM on a specific day", "19970902T090000", "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z"},
		{"Every 15 minutes for 6 occurrences", "19970902T090000", "FREQ=MINUTELY;INTERVAL=15;COUNT=6"},
		{"Every hour and a half for 4 occurrences", "19970902T090000", "FREQ=MINUTELY;INTERVAL=90;COUNT=4"},
		{"Every 20 minutes from 9:00 AM to 4:40 PM every day", "19970902T090000", "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40"},
		{"Every 20 minutes from 9:00 AM to 4:40 PM every day, minutely", "19970902T090000", "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16"},
		{"Where WKST makes a difference, Monday", "19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO"},
		{"Where WKST makes a difference, Sunday", "19970805T090000", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU"},
		{"Where an invalid date (February 30) is ignored", "20070115T090000", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5"},
	} {
		expr := "DTSTART;TZID=America/New_York:" + c.start + "\nRRULE:" + c.rule
		fmt.Fprintf(&text, "# %s\n%s\n", c.title, expr)
		for _, at := range fires(t, rruleIn("", expr), time.Time{}, 12) {
			fmt.Fprintf(&text, "    %s\n", at)
		}
	}
	golden(t, "rrule_rfc5545.txt", text.String())
}
